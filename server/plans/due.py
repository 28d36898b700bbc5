"""When the reports of a period are due."""

from __future__ import annotations

import datetime as dt

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
