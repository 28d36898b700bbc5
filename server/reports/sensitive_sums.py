"""Sums of sensitive counts beside de-identified records, as everybody may see them.

The records of such a file have no restricted answers, so nobody can add them up. What may be told
of them is what `indicators` tells a viewer of the same year and period: the very same table, whose
small cells are hidden together with all others of that year. No filter narrows it, because sums of
two selections would give back what one hides.
"""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from server.forms.models import Form
from server.inspections.crosswalk import indicators_of
from server.inspections.figures import PERIODS, Asked, figures
from server.inspections.readers import PUBLIC, Reader
from server.inspections.recommendations import today
from server.reports import indicator_table
from server.reports.selection import Selection

NAME = "Số liệu nhạy cảm"  # of the table

Lines = tuple[tuple[str, ...], ...]


def lines(form: Form, asked: Selection, reader: Reader) -> Lines:
    """Return the table of a published form, its heading first; nothing without year and period.

    Nothing either for a form that has no sensitive indicator, nor for who answers for some units
    only: that reader knows counts with which the table for everybody would give others away.
    """
    if reader.sees_any and not reader.sees_all:
        return ()
    if asked.year is None or asked.period not in PERIODS:
        return ()
    if not any(indicator.is_sensitive for indicator in indicators_of(form)):
        return ()
    wanted = Asked(year=asked.year, period=asked.period, units_on=today())
    table = figures(form, wanted, PUBLIC, k=settings.SMALL_CELL_K)
    sensitive = tuple(one for one in table.indicators if one.code in table.sensitive)
    shown = replace(table, indicators=sensitive)
    return tuple(tuple(line) for line in indicator_table.lines(shown))
