"""The periods that are reported on: when they are due, and how their figures are frozen."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from server.inspections import spoken
from server.inspections.readers import reader
from server.plans import frozen as freezer
from server.plans import snapshot
from server.plans.due import due_on as due_on
from server.plans.due import is_late as is_late
from server.plans.models import Period, PeriodCode, Snapshot
from server.plans.problems import PeriodLocked, PeriodOpen, PeriodUnknown, SnapshotUnknown
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import Membership, User
from server.statements import one_moment

_NAME = re.compile(r"(20\d\d)-(h1|fy)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Name:
    """A period of a year, as addresses and people write it: 2026-h1."""

    year: int
    code: PeriodCode

    def __str__(self) -> str:
        return f"{self.year}-{self.code}"


def named(text: str) -> Name:
    """Return the period of this name. Raises PeriodUnknown."""
    match = _NAME.fullmatch(text)
    if match is None:
        raise PeriodUnknown(period=text)
    return Name(int(match[1]), PeriodCode(match[2]))


def standing(project_id: int, name: Name) -> Period:
    """Return a period, made up if nobody has touched it yet."""
    found = Period.objects.filter(project=project_id, year=name.year, code=name.code).first()
    return found or Period(project_id=project_id, year=name.year, code=name.code)


def touched(project_id: int) -> list[tuple[Period, Snapshot | None]]:
    """Return the periods that have a row, the newest first, with their last snapshots."""
    periods = list(Period.objects.filter(project=project_id).order_by("-year", "code"))
    snapshots = Snapshot.objects.filter(period__in=periods).order_by("number")
    last = {one.period_id: one for one in snapshots.only("period", "number", "sha256")}
    return [(one, last.get(one.pk)) for one in periods]


def lock(project_id: int, name: Name, by: User) -> Snapshot:
    """Freeze the figures of a period: the approved ones, all as they stand at one moment.

    Of two who lock it at once one succeeds. Raises PeriodLocked, PeriodEmpty.
    """
    _refuse_locked(standing(project_id, name), name)
    taken = _taken(project_id, name)
    with transaction.atomic(durable=True):
        period = _locked_row(project_id, name)
        _refuse_locked(period, name)
        period.locked_at = timezone.now()
        period.save(update_fields=["locked_at"])
        return _freeze(period, 1, by, taken)


def correct(
    project_id: int, name: Name, by: User, reason: str, *, is_confirmed: bool = False
) -> Snapshot:
    """Freeze a locked period anew, and keep what was frozen before.

    is_confirmed: they have looked at the words of the reason that may be personal data.
    Raises PeriodOpen, WordsPersonal.
    """
    spoken.check(reason, is_confirmed=is_confirmed)
    if standing(project_id, name).locked_at is None:
        raise PeriodOpen(period=name)
    taken = _taken(project_id, name)
    with transaction.atomic(durable=True):
        period = _locked_row(project_id, name)
        latest = period.snapshots.order_by("-number").first()
        if latest is None:
            raise PeriodOpen(period=name)
        return _freeze(period, latest.number + 1, by, taken, reason)


def frozen(project_id: int, name: Name, number: int | None = None) -> Snapshot:
    """Return the latest snapshot of a period, or one of them. Raises SnapshotUnknown."""
    found = Snapshot.objects.filter(
        period__project=project_id, period__year=name.year, period__code=name.code
    )
    if number is not None:
        found = found.filter(number=number)
    latest = found.select_related("made_by").order_by("-number").first()
    if latest is None:
        raise SnapshotUnknown(period=name, number=number or 1)
    return latest


def opened(membership: Membership, name: Name, number: int, by: Actor) -> bytes:
    """Return a snapshot as a member may see it, and tell the audit log of sensitive counts.

    Raises SnapshotUnknown.
    """
    found = frozen(membership.project_id, name, number)
    who, content = reader(membership), bytes(found.content)
    if who.sees_any and freezer.is_for_some(content):
        # domain.md §5.1.9: every read of a restricted field is logged.
        what = Object("period", str(name), membership.project_id)
        audit.record(by, "snapshot.read", what, {"snapshot": number})
    return freezer.shown(content, found.sha256, who)


def _locked_row(project_id: int, name: Name) -> Period:
    Period.objects.get_or_create(project_id=project_id, year=name.year, code=name.code)
    rows = Period.objects.select_for_update(no_key=True)
    return rows.get(project=project_id, year=name.year, code=name.code)


def _refuse_locked(period: Period, name: Name) -> None:
    if period.locked_at is not None:
        here = period.locked_at.astimezone(ZoneInfo(settings.LOCAL_TIME_ZONE))
        raise PeriodLocked(period=name, locked_at=f"{here:%d/%m/%Y %H:%M}")


@dataclass(frozen=True, slots=True)
class _Taken:
    """The figures of a period, and the moment that they are of."""

    content: bytes
    at: dt.datetime


def _taken(project_id: int, name: Name) -> _Taken:
    """Take the figures, many questions for one moment; nothing is written, and nobody waits.

    What is approved from then on is not in them, also if it is before the period is locked.
    """
    with one_moment():
        at = timezone.now()
        period = standing(project_id, name)
        return _Taken(snapshot.figures(period, due_on(period)), at)


def _freeze(period: Period, number: int, by: User, taken: _Taken, reason: str = "") -> Snapshot:
    made = Snapshot.objects.create(
        period=period,
        number=number,
        content=taken.content,
        sha256=snapshot.digest(taken.content),
        reason=reason,
        made_by=by,
        made_at=taken.at,
    )
    audit.record(
        Actor.person(by),
        "period.lock" if number == 1 else "period.correct",
        Object("period", f"{period.year}-{period.code}", period.project_id),
        {"snapshot": number, "sha256": made.sha256},
    )
    return made
