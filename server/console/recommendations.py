"""Kiến nghị: the register, one with its history, and what is done and decided about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from server.communes.models import AdminUnit
from server.console import recommendation_filters as filters
from server.console.filters import day_of
from server.console.page import BOTH, REVIEWERS, WRITING, Visit, go, page
from server.console.problems import PageUnknown
from server.console.recommendation_filters import Filters
from server.console.recommendation_words import (
    CONFLICTS,
    OWNERS,
    STATES,
    property_name,
    value_said,
)
from server.console.wording import language, t
from server.entities.models import SYSTEM, ConflictKind
from server.entities.recommendation_problems import (
    RecommendationDueInvalid,
    RecommendationStepRefused,
    RecommendationUnknown,
)
from server.entities.recommendation_states import State
from server.errors import Problem
from server.inspections import recommendation_listing as listing
from server.inspections import recommendation_register as register
from server.inspections import recommendation_succession as succession
from server.inspections.recommendation_acts import Act, act
from server.inspections.recommendation_register import Event, Row, Whole
from server.inspections.recommendations import today

_MOST = 2000  # characters of what a person writes


@dataclass(frozen=True, slots=True)
class Line:
    """One recommendation of the register with where it opens."""

    row: Row
    text: str  # about which condition, and what is to be done
    address: str
    due: dt.date | None
    days: int  # until it is due; below 0: how long it has been

    @property
    def days_late(self) -> int:
        """Return for how many days it has been overdue."""
        return -self.days


@dataclass(frozen=True, slots=True)
class Change:
    """One property that a version gave another value, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One version in words."""

    event: Event
    by: str
    reason: str  # what the server does by itself, the changes say
    changes: tuple[Change, ...]
    held: tuple[Change, ...]  # said, without effect


@page(*REVIEWERS)
def recommendations(visit: Visit) -> HttpResponse:
    """Show a page of the register, the overdue first."""
    asked = filters.read(visit.request.GET)
    membership = visit.membership
    found = listing.page(membership, asked.wanted, number=asked.page)
    here = reverse("recommendations", args=[membership.project_id])
    response = visit.show(
        "console/recommendations.html",
        here="recommendations",
        asked=asked,
        found=found,
        lines=[_line(visit, row) for row in found.rows],
        standing=listing.standing(membership),
        choices=filters.choices(asked, listing.communes(membership)),
        soon=today() + listing.SOON,
        previous=_turned(here, asked, found.number - 1) if found.number > 1 else "",
        next=_turned(here, asked, found.number + 1) if found.number < found.pages else "",
    )
    if visit.is_partial:  # the form asks with every field that it has, also the empty ones
        response["HX-Push-Url"] = _turned(here, asked, found.number)
    return response


def _turned(here: str, asked: Filters, number: int) -> str:
    query = asked.query(page=number if number > 1 else None)
    return f"{here}?{query}" if query else here


def _line(visit: Visit, row: Row) -> Line:
    due = due_of(row)
    text = row.label
    if row.said("noi_dung"):  # the label quotes it, cut to what a phone shows
        text = f"{row.said('dieu_kien')}. {row.said('noi_dung')}".removeprefix(". ")
    days = (due - today()).days if due else 0
    return Line(row, text, address_of(visit, row.entity.uuid), due, days)


def due_of(row: Row) -> dt.date | None:
    """Return when one is due; None where it says no day."""
    try:
        return dt.date.fromisoformat(row.said("han"))
    except ValueError:
        return None


def address_of(visit: Visit, uuid: UUID) -> str:
    """Return where one opens."""
    return reverse("recommendation", args=[visit.membership.project_id, uuid])


@page(*REVIEWERS, methods=BOTH)
def recommendation(visit: Visit, uuid: UUID) -> HttpResponse:
    """Show one with its history, and do something about it."""
    if visit.request.method != "POST":
        return _show(visit, uuid)
    _opened(visit, uuid)
    try:
        act(visit.membership, uuid, _asked(visit))
    except Problem as problem:
        return _show(visit, uuid, problem, "act")
    visit.say(t("Đã ghi vào kiến nghị."))
    return go(address_of(visit, uuid))


@page(*REVIEWERS, methods=WRITING)
def settle(visit: Visit, uuid: UUID) -> HttpResponse:
    """Give one that waits to the commune that was chosen."""
    _opened(visit, uuid)
    given = visit.request.POST
    try:
        succession.settle(
            visit.membership, uuid, given.get("commune", ""), given.get("reason", "")[:_MOST]
        )
    except Problem as problem:
        return _show(visit, uuid, problem, "settle")
    visit.say(t("Đã giao kiến nghị cho xã tiếp nhận."))
    return go(address_of(visit, uuid))


def _asked(visit: Visit) -> Act:
    """Return what the form asks for. Raises RecommendationDueInvalid, RecommendationStepRefused."""
    given = visit.request.POST
    written, state, version = (
        given.get("due", "").strip(),
        given.get("state", ""),
        given.get("seen", ""),
    )
    owner = given.get("owner", "")
    try:
        due = day_of(written) if written else None
    except (ValueError, OverflowError) as error:
        raise RecommendationDueInvalid from error
    if state and state not in set(State):
        raise RecommendationStepRefused(from_state="", to_state=state[:64])
    return Act(
        reason=given.get("reason", "")[:_MOST],
        state=State(state) if state else None,
        due=due,
        owner=owner if owner in OWNERS else "",
        evidence=given.get("evidence", "")[:_MOST],
        seen_version=int(version) if version.isdecimal() and len(version) < 9 else None,
    )


def _opened(visit: Visit, uuid: UUID) -> Whole:
    try:
        return register.whole(visit.membership, uuid)
    except RecommendationUnknown as unknown:
        raise PageUnknown from unknown


def _show(visit: Visit, uuid: UUID, problem: Problem | None = None, form: str = "") -> HttpResponse:
    """Show one; what was refused comes back with every word typed, beside why."""
    found = _opened(visit, uuid)
    row = found.row
    typed = visit.request.POST if problem else {}
    words = {
        name: value_said(name, row.said(name), {}) for name in ("dieu_kien", "loai", "chu_the")
    }
    return visit.show(
        "console/recommendation.html",
        status=problem.status if problem else 200,
        here="recommendations",
        found=found,
        line=_line(visit, row),
        words=words,
        typed=typed,
        told=problem.sentence(language()) if problem else "",
        told_at=form,
        steps=[(step, STATES[step], typed.get("state") == step) for step in found.steps],
        owners=[(code, word, typed.get("owner") == code) for code, word in OWNERS.items()],
        waits=listing.waits(visit.membership, row),
        communes=_communes(),
        happened=list(reversed(_happened(visit, found))),
        disputes=[
            (event.version, t(CONFLICTS[event.version.conflict]))
            for event in found.events
            if event.version.conflict != ConflictKind.NONE and event.version.decided_at is None
        ],
    )


def _communes() -> list[AdminUnit]:
    return list(AdminUnit.objects.communes().in_force(today()).in_vietnamese_order())


def _happened(visit: Visit, found: Whole) -> list[Happened]:
    """Return the history in words, the oldest first."""
    uids = {event.version.data.get("xa", "") for event in found.events}
    uids |= {event.held.get("xa", "") for event in found.events}
    communes = dict(AdminUnit.objects.filter(pk__in=uids).values_list("uid", "name"))
    devices = listing.senders(visit.membership, {event.version.by for event in found.events})
    before: Mapping[str, str] = {}
    shown = []
    for event in found.events:
        by = event.version.by
        shown.append(
            Happened(
                event,
                t("Máy chủ") if by == SYSTEM else devices.get(by, by),
                "" if by == SYSTEM else event.version.reason,
                changes_said(event.changes, before, communes),
                changes_said(event.held, event.version.data, communes),
            )
        )
        before = event.version.data
    return shown


def changes_said(
    given: Mapping[str, str], before: Mapping[str, str], communes: Mapping[str, str]
) -> tuple[Change, ...]:
    """Return properties that changed as people say them."""
    return tuple(
        Change(
            property_name(name),
            value_said(name, before.get(name), communes),
            value_said(name, value, communes),
        )
        for name, value in given.items()
    )
