"""Open recommendations go with their commune: to the one it became, or to whichever is chosen.

The debt is the recommendation itself: open, and of a commune that is no more. So the sweep can run
at any time and as often as it likes; the history keeps the old commune.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from server.communes.models import AdminUnit
from server.communes.succession import successors_of
from server.entities.acts import Author, change
from server.entities.models import SYSTEM, Entity, EntityList, RecommendationLength, of_communes
from server.entities.recommendation_problems import NotWaiting, SuccessorRefused
from server.entities.recommendation_states import LIST, State
from server.inspections.recommendation_acts import author, check_words, is_repeated, locked
from server.inspections.recommendations import COMMUNE, all_open, today, within_scope
from server.projects.models import Membership


@dataclass(frozen=True, slots=True)
class Gone:
    """The communes of open recommendations that are no more on a day."""

    heirs: Mapping[str, str]  # uid -> the one that has all of it
    split: Mapping[str, tuple[str, ...]]  # uid -> those that have some of it; empty: nobody knows


def gone(on_date: dt.date) -> Gone:
    """Return what became of the communes of open recommendations, at the price of four queries."""
    named = _named()
    living = set(AdminUnit.objects.in_force(on_date).values_list("uid", flat=True))
    heirs: dict[str, str] = {}
    split: dict[str, tuple[str, ...]] = {}
    for uid, found in successors_of(named - living, on_date).items():
        if len(found) == 1 and found[0].is_certain:
            heirs[uid] = found[0].uid
        else:
            split[uid] = tuple(successor.uid for successor in found)
    return Gone(heirs, split)


def _named() -> set[str]:
    """Return the communes that open recommendations say, "" where one says none."""
    notes = RecommendationLength.objects.filter(due="").exclude(state=State.DONE)
    held: dict[str, int] = dict(notes.values_list("commune").annotate(many=Sum("rows")))
    in_all = held.pop("", 0)
    named = {commune for commune, many in held.items() if many}
    return named | {""} if in_all > sum(held.values()) else named


def follow(on_date: dt.date | None = None) -> int:
    """Give open recommendations of merged communes to what these became; return how many."""
    heirs = gone(on_date or today()).heirs
    if not heirs:
        return 0
    lists = EntityList.objects.filter(name=LIST).order_by("pk")
    return sum(_follow(pk, heirs) for pk in lists.values_list("pk", flat=True))


@transaction.atomic(durable=True)
def _follow(list_id: int, heirs: Mapping[str, str]) -> int:
    entity_list = EntityList.objects.select_for_update().get(pk=list_id)
    orphans = all_open().filter(entity_list=entity_list, data__xa__in=sorted(heirs))
    found = list(orphans.order_by("pk"))
    for entity in found:
        old = entity.data[COMMUNE]
        reason = f"{COMMUNE}: {old} → {heirs[old]}"
        change(entity, entity_list, {COMMUNE: heirs[old]}, Author(SYSTEM, reason=reason))
    return len(found)


def waiting(membership: Membership, split: Mapping[str, tuple[str, ...]]) -> QuerySet[Entity]:
    """Return the open recommendations that wait for a person to choose their commune, by id.

    split: of `gone`.
    """
    unnamed = Q(data__xa__isnull=True) if "" in split else Q(pk=None)
    return all_open(within_scope(membership)).filter(of_communes(split) | unnamed).order_by("pk")


def settle(membership: Membership, uuid: UUID, unit: str, reason: str) -> Entity:
    """Give a recommendation that waits to a commune; the same again does nothing.

    unit: uid of one that the old commune became in part; of any commune in force where nobody
    knows what it became. Raises RecommendationUnknown, RecommendationReasonMissing,
    RecommendationPersonal, NotWaiting, SuccessorRefused.
    """
    check_words(reason)
    with transaction.atomic(durable=True):
        return _settle(membership, uuid, unit, reason)


def _settle(membership: Membership, uuid: UUID, unit: str, reason: str) -> Entity:
    entity_list, entity = locked(membership, uuid)
    said = {COMMUNE: unit}
    if is_repeated(entity, said, membership, reason):
        return entity
    split = gone(today()).split
    if not waiting(membership, split).filter(pk=entity.pk).exists():
        raise NotWaiting
    choices = split[entity.data.get(COMMUNE, "")] or _communes()
    if unit not in choices:
        raise SuccessorRefused(unit=unit[:64], choices=", ".join(choices[:10]))
    change(entity, entity_list, said, author(membership, reason))
    return entity


def _communes() -> tuple[str, ...]:
    units = AdminUnit.objects.communes().in_force(today()).order_by("uid")
    return tuple(units.values_list("uid", flat=True))
