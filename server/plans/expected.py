"""The plans and due dates of some years, handed down to the tables of what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from server.communes.succession import successors_of
from server.inspections.expected import Expected, local_day
from server.plans.due import due_on
from server.plans.models import Period, PeriodCode, PlanItem, PlanState


def expected(project_id: int, years: Sequence[int], on_date: dt.date) -> Expected:
    """Return what a project set out to do, at the price of four queries.

    on_date: what was planned under a name that a reform ended counts for the commune of this day
    that it went into wholly; where it was split nobody can tell which part was meant.
    """
    return Expected(
        today=local_day(),
        due=_due(project_id, years),
        planned=_planned(project_id, years, on_date),
    )


def _due(project_id: int, years: Sequence[int]) -> dict[tuple[int, str], dt.date]:
    touched = {
        (period.year, period.code): period
        for period in Period.objects.filter(project=project_id, year__in=years)
    }
    return {
        (year, str(code)): due_on(
            touched.get((year, code)) or Period(project_id=project_id, year=year, code=code)
        )
        for year in years
        for code in PeriodCode
    }


def _planned(
    project_id: int, years: Sequence[int], on_date: dt.date
) -> dict[tuple[str, int], frozenset[str]]:
    items = list(
        PlanItem.objects.filter(plan__project=project_id, plan__year__in=years)
        .exclude(plan__state=PlanState.DRAFT)
        .values_list("plan__year", "unit", "form_ids")
        .distinct()
    )
    became = successors_of({unit for _, unit, _ in items}, on_date)
    found: dict[tuple[str, int], set[str]] = {}
    for year, unit, form_ids in items:
        now = {successor.uid for successor in became[unit] if successor.is_certain}
        for form_id in form_ids:
            found.setdefault((form_id, year), set()).update(now)
    return {key: frozenset(uids) for key, uids in found.items()}
