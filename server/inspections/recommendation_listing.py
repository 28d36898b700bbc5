"""The register of recommendations a page at a time, what must be done first on top."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from server.communes.models import AdminUnit
from server.entities.models import Entity
from server.entities.recommendation_states import LIST, State
from server.inspections import recommendation_register as register
from server.inspections import recommendation_succession as succession
from server.inspections.entity_review import conflicts_within
from server.inspections.list_page import Page, cut
from server.inspections.recommendation_count import Wanted
from server.inspections.recommendation_register import Row, matching, rows
from server.inspections.recommendations import (
    DUE_TEXT,
    due_before,
    in_state,
    today,
    within_scope,
)
from server.projects.models import AppUser, Membership

SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many recommendations a person answers for, by what they need."""

    open: int
    overdue: int
    soon: int  # due from today on, within SOON
    conflicts: int  # recommendations with something to decide
    waiting: int  # their commune was split


def page(membership: Membership, wanted: Wanted, *, number: int = 1) -> Page[Row]:
    """Return one page: the open ones by deadline, so the latest first, then what is done."""
    found = matching(membership, wanted)
    ordered = _urgent_first(found)
    total = register.count(membership, wanted, found)
    return cut(total, number, lambda part: rows(membership, ordered[part]))


def _urgent_first(found: QuerySet[Entity]) -> QuerySet[Entity]:
    is_done = ExpressionWrapper(in_state(State.DONE), output_field=BooleanField())
    has_no_due = ExpressionWrapper(Q(due_text=""), output_field=BooleanField())
    return found.annotate(due_text=DUE_TEXT, is_done=is_done).order_by(
        "is_done", has_no_due, "due_text", "pk"
    )


def standing(membership: Membership) -> Standing:
    """Count them."""
    day = today()
    is_open, is_late = ~in_state(State.DONE), due_before(day)
    is_soon = due_before(day + SOON + dt.timedelta(days=1)) & ~is_late
    counts = within_scope(membership).aggregate(
        open=Count("pk", filter=is_open),
        overdue=Count("pk", filter=is_open & is_late),
        soon=Count("pk", filter=is_open & is_soon),
    )
    disputed = conflicts_within(membership).filter(entity__entity_list__name=LIST)
    split = succession.gone(day).split
    return Standing(
        **counts,
        conflicts=disputed.values("entity").distinct().count(),
        waiting=succession.waiting(membership, split).count(),
    )


def communes(membership: Membership) -> list[AdminUnit]:
    """Return the communes that a person's recommendations are about, in Vietnamese order."""
    named = within_scope(membership).order_by().values_list("data__xa", flat=True).distinct()
    uids = [uid for uid in named if uid]
    return list(AdminUnit.objects.filter(pk__in=uids).in_vietnamese_order())


def waits(membership: Membership, row: Row) -> Row | None:
    """Return one with the communes to choose from, where it waits for that; else None."""
    waiting = register.waiting(membership)
    return next((one for one in waiting if one.entity.pk == row.entity.pk), None)


def senders(membership: Membership, names: Collection[str]) -> dict[str, str]:
    """Return what the devices among the authors of versions are called, by username."""
    keys = [name[1:] for name in names if name[:1] == "u" and name[1:].isdecimal()]
    found = AppUser.objects.filter(project=membership.project_id, pk__in=keys)
    return {one.username: one.display_name for one in found}
