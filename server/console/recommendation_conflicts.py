"""Decide about a conflict of a recommendation: its two sides, property by property."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse

from server.communes.models import AdminUnit
from server.console.page import BOTH, REVIEWERS, Visit, go, page
from server.console.problems import PageUnknown
from server.console.recommendation_words import CONFLICTS, property_name, value_said
from server.console.recommendations import address_of
from server.console.wording import language, t
from server.entities import conflicts
from server.entities.conflicts import Choice, Difference, Side, Verdict
from server.entities.models import EntityVersion
from server.entities.problems import ConflictUnknown
from server.entities.recommendation_states import LIST
from server.errors import Problem
from server.inspections import entity_review
from server.inspections.recommendation_listing import senders

_MOST = 2000  # characters of a reason


@dataclass(frozen=True, slots=True)
class Dispute:
    """One property with what both sides say."""

    name: str
    label: str
    base: str
    ours: str
    theirs: str
    now: str
    is_disputed: bool
    taken: str  # a Side; "" where nobody has chosen yet


@page(*REVIEWERS, methods=BOTH)
def recommendation_conflict(visit: Visit, conflict_id: int) -> HttpResponse:
    """Show both sides of a conflict, and decide about it."""
    version = _opened(visit, conflict_id)
    if visit.request.method != "POST":
        return _show(visit, version)
    disputed = [one.name for one in conflicts.differences(version) if one.is_disputed]
    given = visit.request.POST
    take = {name: given.get(f"take.{name}", "") for name in disputed}
    if not set(take.values()) <= set(Side):
        return _show(visit, version, t("Chọn một bên cho từng mục còn khác nhau."))
    try:
        entity_review.decide(visit.membership, version.pk, _verdict(visit, take))
    except Problem as problem:
        return _show(
            visit, _opened(visit, conflict_id), problem.sentence(language()), problem.status
        )
    visit.say(t("Đã quyết định về xung đột."))
    return go(address_of(visit, version.entity.uuid))


def _verdict(visit: Visit, take: dict[str, str]) -> Verdict:
    given = visit.request.POST
    sides = {name: Side(side) for name, side in take.items()}
    seen = given.get("seen", "")
    one_side = set(sides.values())
    choice = Choice(str(one_side.pop())) if len(one_side) == 1 else Choice.MERGE
    return Verdict(
        choice,
        visit.user,
        given.get("reason", "")[:_MOST],
        int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
        sides if choice == Choice.MERGE else {},
    )


def _opened(visit: Visit, conflict_id: int) -> EntityVersion:
    try:
        version = entity_review.conflict(visit.membership, conflict_id)
    except ConflictUnknown as unknown:
        raise PageUnknown from unknown
    if version.entity.entity_list.name != LIST:
        raise PageUnknown
    return version


def _show(visit: Visit, version: EntityVersion, told: str = "", status: int = 400) -> HttpResponse:
    typed = visit.request.POST
    found = conflicts.differences(version)
    named = [side for one in found if one.name == "xa" for side in (one.base, one.ours, one.theirs)]
    communes = dict(AdminUnit.objects.filter(pk__in=filter(None, named)).values_list("uid", "name"))
    disputes = [_dispute(one, communes, typed.get(f"take.{one.name}", "")) for one in found]
    devices = senders(visit.membership, [version.by])
    return visit.show(
        "console/recommendation_conflict.html",
        status=status if told else 200,
        here="recommendations",
        version=version,
        address=address_of(visit, version.entity.uuid),
        by=devices.get(version.by, version.by),
        kind=t(CONFLICTS[version.conflict]),
        disputes=disputes,
        told=told,
        reason=typed.get("reason", ""),
    )


def _dispute(one: Difference, communes: Mapping[str, str], taken: str) -> Dispute:
    def said(value: str | None) -> str:
        return value_said(one.name, value, communes)

    return Dispute(
        name=one.name,
        label=property_name(one.name),
        base=said(one.base),
        ours=said(one.ours),
        theirs=said(one.theirs),
        now=said(one.now),
        is_disputed=one.is_disputed,
        taken=taken,
    )
