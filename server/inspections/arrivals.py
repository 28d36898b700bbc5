"""What came in about each unit, by form and period, out of however many inspections.

One pass over the index `inspection_of_cell` counts them, and keeps of each group the key of the
latest; what these say is then looked up, one row for each unit, form and period.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Min, Q

from server.forms.eras import standing_note
from server.forms.models import Form
from server.inspections.models import Inspection
from server.inspections.subjects import About, Subjects, about, counted, visit_order, worst
from server.inspections.tallies import included
from server.inspections.visit_days import in_doubt
from server.submissions.models import ReviewState

_SHOWN = ("result", "visit_date", "is_provisional", "criteria_set", "awaited_set")
Key = tuple[str, int, str]  # form_id, year, period


@dataclass(frozen=True, slots=True)
class LatestVisit:
    """The latest inspection of a unit in one period; of two on one day the one received last.

    Where a form is about workplaces or bodies: of each of them, taken together.
    """

    status: str  # "" where the form judges nothing; of several workplaces the worst of theirs
    visit_date: dt.date | None
    note: str  # why the status is only for now; "" where the set in force gave it
    subjects: Subjects | None = None  # None where the form is about communes


@dataclass(slots=True)
class Arrivals:
    """All that came in with some forms, in some periods."""

    latest: Mapping[str, Mapping[Key, LatestVisit]] = field(default_factory=dict)  # by unit
    inspections: Counter[tuple[str, Key]] = field(default_factory=Counter)  # in the table
    # {unit: when the first was received}, of all that count, reviewed or not
    first: dict[str, dict[Key, dt.datetime]] = field(default_factory=lambda: defaultdict(dict))
    by_state: Counter[str] = field(default_factory=Counter)  # {ReviewState: inspections}
    of_units: int = 0  # in the table
    without_unit: int = 0  # in the table, no commune could be found for
    other_periods: int = 0  # such as an inspection out of turn


def arrivals(
    forms: Sequence[Form], years: Sequence[int], periods: Sequence[str], *, only_approved: bool
) -> Arrivals:
    """Return what came in, at the price of two queries."""
    names = {form.pk: form.form_id for form in forms}
    found = Arrivals()
    states = included(only_approved=only_approved)
    latest: dict[tuple[str, Key, str], list[float]] = {}
    for form, year, period, unit, subject, state, count, first, last in _groups(forms, years):
        key = (names[form], year, period)
        if period not in periods:
            found.other_periods += count if state in states else 0
            continue
        found.by_state[state] += count
        if unit is not None and state != ReviewState.REJECTED:
            of_unit = found.first[unit]
            of_unit[key] = min(first, of_unit.get(key, first))
        if state in states and unit is None:
            found.without_unit += count
        elif state in states:
            found.of_units += count
            found.inspections[unit, key] += count
            if last is not None:  # the date of some is not in doubt
                place = (unit, key, subject)
                latest[place] = max(last, latest.get(place, last))
    keys = {place: int(last[-1]) for place, last in latest.items()}
    found.latest = _looked_up(keys, {form.form_id: about(form) for form in forms})
    return found


def _groups(forms: Sequence[Form], years: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    last = Max(visit_order(), filter=~Q(pk__in=in_doubt()))
    return (
        Inspection.objects.filter(
            form__in=forms, year__in=years, submission__deleted_at__isnull=True
        )
        .values_list("form", "year", "period", "unit", "subject", "submission__review_state")
        .annotate(n=Count("pk"), first=Min("submission__created_at"), last=last)
        .iterator()
    )


def _looked_up(
    keys: Mapping[tuple[str, Key, str], int], about: Mapping[str, About]
) -> dict[str, dict[Key, LatestVisit]]:
    rows = Inspection.objects.filter(pk__in=keys.values()).values_list("pk", *_SHOWN)
    said = {
        pk: LatestVisit(result, day, standing_note(*sets, is_provisional=is_provisional))
        for pk, result, day, is_provisional, *sets in rows
    }
    visits = defaultdict[tuple[str, Key], list[LatestVisit]](list)
    for (unit, key, _), pk in keys.items():
        if pk in said:  # unless it was deleted between the two queries
            visits[unit, key].append(said[pk])
    found = defaultdict[str, dict[Key, LatestVisit]](dict)
    for (unit, key), of_unit in visits.items():
        found[unit][key] = _together(of_unit, about[key[0]])
    return dict(found)


def _together(visits: Sequence[LatestVisit], about: About) -> LatestVisit:
    latest = max(visits, key=lambda visit: visit.visit_date or dt.date.min)
    if not about.subjects:
        return latest
    statuses = [visit.status for visit in visits]
    notes = dict.fromkeys(visit.note for visit in visits if visit.note)
    return LatestVisit(
        worst(statuses),
        latest.visit_date,
        "; ".join(notes),
        counted(statuses, about),
    )
