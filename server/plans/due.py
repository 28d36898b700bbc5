"""When the reports of a period are due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from server.plans.models import Period, PeriodCode


def due_on(period: Period) -> dt.date:
    """Return the day before which reports are due; the day itself is too late."""
    if period.due_on is not None:
        return period.due_on
    month, day = settings.DUE_H1 if period.code == PeriodCode.H1 else settings.DUE_FY
    return dt.date(period.year, month, day)


def is_late(day: dt.date, period: Period) -> bool:
    """Tell whether what came on a day came too late for a period."""
    return day >= due_on(period)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A period whose reports are still to come."""

    year: int
    code: PeriodCode
    due_on: dt.date  # the first day that is too late
    days_left: int  # until the last day that is in time; 0 on that day itself


def next_deadline(project_id: int, today: dt.date) -> Deadline:
    """Return the period whose reports are due next, at the price of one query."""
    years = (today.year, today.year + 1)
    touched = {
        (period.year, period.code): period
        for period in Period.objects.filter(project=project_id, year__in=years)
    }
    periods = [
        touched.get((year, str(code))) or Period(project_id=project_id, year=year, code=code)
        for year in years
        for code in PeriodCode
    ]
    days = [(due_on(period), period) for period in periods if not is_late(today, period)]
    day, period = min(days, key=lambda pair: pair[0], default=(due_on(periods[-1]), periods[-1]))
    return Deadline(period.year, PeriodCode(period.code), day, (day - today).days - 1)
