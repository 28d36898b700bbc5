"""How many recommendations are asked for, and of which communes, without reading them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from server import lengths
from server.communes.succession import with_predecessors
from server.entities.models import EntityList, RecommendationLength
from server.entities.recommendation_states import LIST, State
from server.inspections.entity_review import sees_all_communes
from server.inspections.recommendations import today
from server.inspections.review import REVIEWERS
from server.projects.models import Membership


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which recommendations are asked for; "" and None ask for all."""

    commune: str = ""  # uid, or a code with all its versions
    state: str = ""
    severity: str = ""
    owner: str = ""
    is_overdue: bool | None = None
    due_before: dt.date | None = None
    is_open: bool | None = None
    is_disputed: bool = False  # only those with a conflict to decide
    is_waiting: bool = False  # only those whose commune was split


@dataclass(frozen=True, slots=True)
class Known:
    """What notes tell. communes: that have any; None where they were not told apart."""

    total: int
    communes: tuple[str, ...] | None = None


def known(membership: Membership, wanted: Wanted) -> Known | None:
    """Return what is known of those that a person may see and asked for; None: they must be read.

    One question, or two.
    """
    if wanted.is_disputed or wanted.is_waiting:
        return None
    found = _notes(membership)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.is_open is not None:
        done = found.filter(state=State.DONE)
        found = found.exclude(state=State.DONE) if wanted.is_open else done
    is_of_all = sees_all_communes(membership) and not wanted.commune
    if wanted.due_before is not None or wanted.is_overdue is not None:
        is_known = is_of_all and not wanted.severity and not wanted.owner
        return Known(_by_deadline(found, wanted)) if is_known else None
    if wanted.severity:
        found = found.filter(severity=wanted.severity)
    if wanted.owner:
        found = found.filter(owner=wanted.owner)
    if is_of_all:
        return Known(lengths.total(found.filter(commune="", due="")))
    of_each = _of_communes(found, membership, wanted).values_list("commune")
    held = {commune: many for commune, many in of_each.annotate(many=Sum("rows")) if many}
    return Known(sum(held.values()), tuple(sorted(held)))


def place_by_deadline(membership: Membership, many: int) -> tuple[str, int] | None:
    """Return the deadline at which those after the first `many` of all begin; None past the end.

    With it, how many of that deadline are among the first; "" is that of those without one.
    """
    notes = _notes(membership).filter(commune="").values_list("due")
    by_due = dict(notes.order_by("due").annotate(many=Sum("rows")))
    # What notes have "" for is all of them, with a deadline or without.
    without = by_due.pop("", 0) - sum(by_due.values())
    for due, held in [("", without), *by_due.items()]:
        if many < held:
            return due, many
        many -= held
    return None


def communes(membership: Membership, wanted: Wanted) -> list[str]:
    """Return the communes, as recommendations say them, that a code or an uid asks for."""
    return list(
        _of_communes(_notes(membership), membership, wanted)
        .values_list("commune", flat=True)
        .distinct()
    )


def _notes(membership: Membership) -> QuerySet[RecommendationLength]:
    lists = EntityList.objects.filter(project=membership.project_id, name=LIST)
    if membership.role not in REVIEWERS:
        lists = lists.filter(owner_property="")
    return RecommendationLength.objects.filter(list_id__in=lists.values("pk"))


def _of_communes(
    notes: QuerySet[RecommendationLength], membership: Membership, wanted: Wanted
) -> QuerySet[RecommendationLength]:
    found = notes.filter(due="").exclude(commune="")
    if not sees_all_communes(membership):
        found = found.filter(commune__in=with_predecessors(membership.commune_uids))
    if wanted.commune:
        code = wanted.commune if "@" in wanted.commune else f"{wanted.commune}@"
        found = found.filter(commune__startswith=code)
    return found


def _by_deadline(notes: QuerySet[RecommendationLength], wanted: Wanted) -> int:
    due = notes.filter(commune="").exclude(due="")
    if wanted.due_before is not None:
        due = due.filter(due__lt=wanted.due_before.isoformat())
    if wanted.is_overdue is None:
        return lengths.total(due)
    late = lengths.total(due.exclude(state=State.DONE).filter(due__lt=today().isoformat()))
    if wanted.is_overdue:
        return late
    all_of_them = due if wanted.due_before is not None else notes.filter(commune="", due="")
    return lengths.total(all_of_them) - late
