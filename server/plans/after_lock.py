"""What became of a period's records after its figures were frozen: the snapshot has none of it.

A lock keeps the figures, and nobody from the records: what comes late is still received, corrected
and decided about. It gets into the figures of the period by a correction alone.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q
from django.db.models.functions import Greatest

from server.inspections import review
from server.inspections.models import PeriodLeft
from server.plans.models import Snapshot
from server.plans.period import Name
from server.projects.models import Membership
from server.submissions.models import ReviewEvent, Submission

_MOST_SHOWN = 20


class Deed(StrEnum):
    """What was done about a record."""

    RECEIVED = "received"
    EDITED = "edited"
    DECIDED = "decided"
    DELETED = "deleted"
    MOVED = "moved"  # into another period, or none


@dataclass(frozen=True, slots=True)
class Changed:
    """One record, with all that was done about it since."""

    submission: Submission  # with form and unit
    deeds: tuple[Deed, ...]
    at: dt.datetime  # of the last deed


@dataclass(frozen=True, slots=True)
class Changes:
    """How many records there are, and the first few: those last received, changed or deleted."""

    since: dt.datetime
    total: int
    shown: tuple[Changed, ...]


def frozen_at(project_id: int, year: int, code: str) -> dt.datetime | None:
    """Return the moment that the last frozen figures of a period are of; None: it is open."""
    found = Snapshot.objects.filter(period__project=project_id, period__year=year)
    latest = found.filter(period__code=code).order_by("-number")
    return latest.values_list("made_at", flat=True).first()


def changes(membership: Membership, name: Name) -> Changes | None:
    """Return what was done about a person's records of a period since; None while it is open.

    The records that are of it now, and those that have left it since. Five queries at most.
    """
    since = frozen_at(membership.project_id, name.year, name.code)
    if since is None:
        return None
    left = _left(membership.project_id, name, since)
    found = review.with_deleted(membership).filter(_changed_since(since, name) | Q(pk__in=left))
    rows = list(
        found.select_related("form", "inspection__unit", "current_version")
        .defer("current_version__xml")
        .order_by(
            # PostgreSQL's passes over what has no value.
            Greatest("created_at", "updated_at", "deleted_at").desc(),
            "-pk",
        )[:_MOST_SHOWN]
    )
    events = defaultdict(list)
    for event in ReviewEvent.objects.filter(submission__in=rows, at__gt=since):
        events[event.submission_id].append(event.at)
    total = found.count() if len(rows) == _MOST_SHOWN else len(rows)
    told = (_told(one, since, events[one.pk], left.get(one.pk)) for one in rows)
    return Changes(since, total, tuple(told))


def _changed_since(since: dt.datetime, name: Name) -> Q:
    decided = ReviewEvent.objects.filter(at__gt=since).values("submission")
    is_changed = (
        Q(created_at__gt=since)
        | Q(updated_at__gt=since)
        | Q(deleted_at__gt=since)
        | Q(pk__in=decided)
    )
    return is_changed & Q(inspection__year=name.year, inspection__period=name.code)


def _left(project_id: int, name: Name, since: dt.datetime) -> dict[int, dt.datetime]:
    """Return which records have left a period since and are not of it again, and when."""
    rows = PeriodLeft.objects.filter(
        year=name.year, period=name.code, at__gt=since, submission__form__project=project_id
    ).exclude(submission__inspection__year=name.year, submission__inspection__period=name.code)
    return dict(rows.order_by("at").values_list("submission", "at"))


def _edited_at(one: Submission) -> dt.datetime | None:
    version = one.current_version
    return version.received_at if version is not None and version.deprecated_id else None


def _told(
    one: Submission, since: dt.datetime, decided: list[dt.datetime], left_at: dt.datetime | None
) -> Changed:
    moments = {
        Deed.RECEIVED: one.created_at,
        Deed.EDITED: _edited_at(one),
        Deed.DECIDED: max(decided, default=None),
        Deed.DELETED: one.deleted_at,
        Deed.MOVED: left_at,
    }
    later = {deed: at for deed, at in moments.items() if at is not None and at > since}
    return Changed(one, tuple(later), max(later.values()))
