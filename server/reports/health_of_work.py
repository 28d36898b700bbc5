"""Background work: whether workers live, what waits for them, and when each task ran last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from server.hooks.models import Delivery
from server.reports.checks import Check, Level, by_age
from server.reports.models import WAITING, Export, ExportState
from server.submissions.models import Submission, SubmissionAttachment
from server.upkeep import runs
from server.upkeep.models import Ran

# As Celery calls the queue of everything that names none.
_USUAL, _EXPORTS = "celery", "exports"
_MINUTE = dt.timedelta(minutes=1)
_SOON, _LATE = 5 * _MINUTE, 60 * _MINUTE  # that a debt may wait
_SOON_MADE, _LATE_MADE = 60 * _MINUTE, 360 * _MINUTE  # a large file takes as long
_MISSED = 3  # times that a task may be left out


@dataclass(frozen=True, slots=True)
class Task:
    """One task of the clock."""

    name: str
    every: dt.timedelta
    ran: Ran | None
    level: Level


def checks() -> Iterator[Check]:
    """Give what there is to know, with a query for each debt and worker."""
    now = timezone.now()
    yield _worker("worker", _USUAL, now)
    yield _maker(now)
    owed = Submission.objects
    yield _debt("derive", owed.filter(derive_owed_at__isnull=False), "derive_owed_at", now)
    yield _debt("look", owed.filter(look_owed_at__isnull=False), "look_owed_at", now)
    photos = SubmissionAttachment.objects.filter(thumbnails_owed_at__isnull=False)
    yield _debt("photos", photos, "thumbnails_owed_at", now)
    yield _debt(
        "exports", Export.objects.filter(state__in=WAITING), "asked_at", now, _SOON_MADE, _LATE_MADE
    )
    yield _debt("webhooks", Delivery.objects.owed(), "next_at", now)
    failed = Submission.objects.exclude(derive_failure="").filter(deleted_at=None).count()
    yield Check("failed", Level.WATCH if failed else Level.GOOD, {"count": failed})


def tasks() -> list[Task]:
    """Return the tasks that the clock sends, as its table has them."""
    now, ran = timezone.now(), runs.last()
    return [
        _task(entry["task"], dt.timedelta(seconds=entry["schedule"]), ran, now)
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
    ]


def _task(name: str, every: dt.timedelta, ran: dict[str, Ran], now: dt.datetime) -> Task:
    one = ran.get(name)
    if one is None:
        return Task(name, every, None, Level.WATCH)
    level = by_age(now - one.ended_at, _MISSED * every + _SOON, 10 * every + _LATE)
    if one.failure and level == Level.GOOD:
        level = Level.WATCH
    return Task(name, every, one, level)


def _worker(code: str, queue: str, now: dt.datetime) -> Check:
    seen = runs.last_of(queue)
    if seen is None:
        return Check(code, Level.BAD, case="never")
    ago, sweep = now - seen, dt.timedelta(seconds=settings.SWEEP_S)
    level = by_age(ago, _MISSED * sweep + _MINUTE, sweep + 15 * _MINUTE)
    return Check(code, level, {"ago": ago})


def _maker(now: dt.datetime) -> Check:
    """Return how the worker of large files is: while it makes one, that file tells."""
    alive = now - dt.timedelta(seconds=settings.EXPORT_STALE_S)
    running = Export.objects.filter(state=ExportState.RUNNING, heartbeat_at__gt=alive)
    if running.exists():
        return Check("maker", Level.GOOD, case="making")
    return _worker("maker", _EXPORTS, now)


def _debt(
    code: str,
    owed: QuerySet[Any],
    since: str,
    now: dt.datetime,
    watch: dt.timedelta = _SOON,
    bad: dt.timedelta = _LATE,
) -> Check:
    found = owed.aggregate(count=Count("pk"), oldest=Min(since))
    count, oldest = found["count"], found["oldest"]
    if not count:
        return Check(code, Level.GOOD, case="none")
    waits = max(now - oldest, dt.timedelta())
    return Check(code, by_age(waits, watch, bad), {"count": count, "waits": waits})
