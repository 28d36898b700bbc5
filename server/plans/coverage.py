"""Which communes were visited, which are only planned, and which nobody thought of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from server.communes.models import AdminUnit
from server.communes.succession import successors_of
from server.forms.models import Form
from server.inspections.expected import Covered
from server.inspections.models import Inspection
from server.plans.expected import expected


@dataclass(frozen=True, slots=True)
class CommuneCoverage:
    """One commune."""

    uid: str
    code: str
    name: str
    state: Covered
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """All communes of a day, for one form and one year or period of it."""

    form_id: str
    year: int
    period: str | None
    boundary_date: dt.date
    communes: tuple[CommuneCoverage, ...]

    def count(self, state: Covered) -> int:
        """Return how many communes have come so far."""
        return sum(commune.state == state for commune in self.communes)


def coverage(form: Form, *, year: int, period: str | None, on_date: dt.date) -> Coverage:
    """Return how far a form has come in a year, or in one period of it.

    on_date: the communes of this day are the rows. What was visited or planned under a name that
    a reform ended counts for what it went into wholly; where it was split nobody can tell which
    part was meant.
    """
    inspected = Inspection.objects.filter(form=form).counting().of_data(year, period)
    visited = _now(inspected.exclude(unit=None).values_list("unit", flat=True).distinct(), on_date)
    plans = expected(form.project_id, [year], on_date)
    communes = AdminUnit.objects.communes().in_force(on_date).in_vietnamese_order()
    return Coverage(
        form.form_id,
        year,
        period,
        on_date,
        tuple(
            CommuneCoverage(
                unit.uid,
                unit.code,
                unit.name,
                plans.covered(unit.uid, form.form_id, year, is_visited=unit.uid in visited),
                unit.uid in plans.planned.get((form.form_id, year), ()),
            )
            for unit in communes
        ),
    )


def _now(uids: Iterable[str], on_date: dt.date) -> set[str]:
    became = successors_of(uids, on_date).values()
    return {successor.uid for found in became for successor in found if successor.is_certain}
