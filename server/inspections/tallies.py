"""How many inspections came in about each unit, how they were reviewed, and when the first came."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from server.inspections.models import GpsStatus, Inspection
from server.inspections.subjects import visit_order
from server.inspections.visit_days import in_doubt
from server.submissions.models import ReviewState

# A point inside a commune, or near its line.
VALID_GPS = (str(GpsStatus.INSIDE), str(GpsStatus.NEAR_BORDER))


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        """Return it as 0..1. None of none: there is no share, which is not zero."""
        return self.count / self.of if self.of else None


@dataclass(slots=True)
class Tally:
    """One unit's."""

    inspections: int = 0  # in the table
    valid_gps: int = 0  # of those
    counting: int = 0  # whatever the table asks for: not rejected, not deleted
    # {period: when the first of those was received}
    first_received: dict[str, dt.datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Which inspections a table is of, by where their review stands, those without a unit too."""

    included: tuple[str, ...]  # review states
    approved: int  # how many of those in the table
    not_reviewed: int  # and how many in it that nobody approved
    left_out: int  # not in it: rejected, or not approved where only those were asked for

    @property
    def note(self) -> str:
        """Return what a table's heading says."""
        if ReviewState.RECEIVED in self.included:
            return "gồm cả hồ sơ chưa duyệt"
        return "chỉ hồ sơ đã duyệt"


def included(*, only_approved: bool) -> tuple[str, ...]:
    """Return the review states of what a table is of."""
    if only_approved:
        return (str(ReviewState.APPROVED),)
    return tuple(str(state) for state in ReviewState if state != ReviewState.REJECTED)


def reviewed(by_state: Mapping[str, int], *, only_approved: bool) -> Reviewed:
    """Return how the inspections of a table were reviewed, of how many there are by state."""
    states = included(only_approved=only_approved)
    in_table = sum(by_state.get(state, 0) for state in states)
    approved = by_state.get(ReviewState.APPROVED, 0)
    return Reviewed(
        included=states,
        approved=approved,
        not_reviewed=in_table - approved,
        left_out=sum(by_state.values()) - in_table,
    )


@dataclass(slots=True)
class Tallies:
    """Those of a form."""

    # Of what no commune could be found for under None.
    by_unit: dict[str | None, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_state: Counter[str] = field(default_factory=Counter)  # {ReviewState: inspections}
    # {(unit, subject): primary key of the latest inspection in the table}; none in doubt
    latest: dict[tuple[str, str], int] = field(default_factory=dict)


def tallies(of_form: QuerySet[Inspection], *, only_approved: bool) -> Tallies:
    """Count inspections by unit and find the latest of each workplace, in one pass.

    of_form: also what is rejected or deleted.
    """
    states = included(only_approved=only_approved)
    found = Tallies()
    last_of: dict[tuple[str, str], list[float]] = {}
    for unit, subject, period, state, count, valid, first, last in _groups(of_form):
        found.by_state[state] += count
        tally = found.by_unit[unit]
        if state in states:
            tally.inspections += count
            tally.valid_gps += valid
            if unit is not None and last is not None:  # the date of some is not in doubt
                last_of[unit, subject] = max(last, last_of.get((unit, subject), last))
        if state != ReviewState.REJECTED:
            tally.counting += count
            tally.first_received[period] = min(first, tally.first_received.get(period, first))
    found.latest = {place: int(last[-1]) for place, last in last_of.items()}
    return found


def _groups(of_form: QuerySet[Inspection]) -> QuerySet[Inspection, Any]:
    return (
        of_form.filter(submission__deleted_at__isnull=True)
        .values_list("unit", "subject", "period", "submission__review_state")
        .annotate(
            n=Count("pk"),
            valid=Count("pk", filter=Q(gps_status__in=VALID_GPS)),
            first=Min("submission__created_at"),
            last=Max(visit_order(), filter=~Q(pk__in=in_doubt())),
        )
    )
