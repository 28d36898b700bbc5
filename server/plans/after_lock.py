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


@dataclass(frozen=True, slots=True)
class Changed:
    """One record, with all that was done about it since."""

    submission: Submission  # with form and unit
    deeds: tuple[Deed, ...]
    at: dt.datetime  # of the last deed


@dataclass(frozen=True, slots=True)
class Changes:
    """How many records there are, and the first few: those last received, edited or deleted."""

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

    The records as they are now: one that was moved into another period is of that one. Four
    queries at most.
    """
    since = frozen_at(membership.project_id, name.year, name.code)
    if since is None:
        return None
    decided = ReviewEvent.objects.filter(at__gt=since).values("submission")
    found = review.with_deleted(membership).filter(
        Q(created_at__gt=since)
        | Q(updated_at__gt=since)
        | Q(deleted_at__gt=since)
        | Q(pk__in=decided),
        inspection__year=name.year,
        inspection__period=name.code,
    )
    rows = list(
        found.select_related("form", "inspection__unit").order_by(
            # PostgreSQL's passes over what has no value.
            Greatest("created_at", "updated_at", "deleted_at").desc(),
            "-pk",
        )[:_MOST_SHOWN]
    )
    events = defaultdict(list)
    for event in ReviewEvent.objects.filter(submission__in=rows, at__gt=since):
        events[event.submission_id].append(event.at)
    total = found.count() if len(rows) == _MOST_SHOWN else len(rows)
    return Changes(since, total, tuple(_told(one, since, events[one.pk]) for one in rows))


def _told(one: Submission, since: dt.datetime, decided: list[dt.datetime]) -> Changed:
    moments = {
        Deed.RECEIVED: one.created_at,
        Deed.EDITED: one.updated_at,
        Deed.DECIDED: max(decided, default=None),
        Deed.DELETED: one.deleted_at,
    }
    later = {deed: at for deed, at in moments.items() if at is not None and at > since}
    return Changed(one, tuple(later), max(later.values()))
