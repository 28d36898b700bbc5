"""Which communes were visited, which are only planned, and which nobody thought of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from server.communes.models import AdminUnit
from server.communes.succession import successors_of
from server.forms.models import Form
from server.inspections.models import Inspection
from server.plans.models import PlanItem, PlanState


class Covered(StrEnum):
    """How far a commune has come."""

    VISITED = "da_kiem_tra"
    PLANNED = "co_ke_hoach"  # and not visited
    NOT_VISITED = "chua_kiem_tra"


COVERED = [(str(state), str(state)) for state in Covered]  # as Django writes choices


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
    planned = _now(_planned(form, year), on_date)
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
                _state(unit.uid, visited, planned),
                unit.uid in planned,
            )
            for unit in communes
        ),
    )


def _state(uid: str, visited: set[str], planned: set[str]) -> Covered:
    if uid in visited:
        return Covered.VISITED
    return Covered.PLANNED if uid in planned else Covered.NOT_VISITED


def _planned(form: Form, year: int) -> Iterable[str]:
    return (
        PlanItem.objects.filter(
            plan__project=form.project_id, plan__year=year, form_ids__contains=[form.form_id]
        )
        .exclude(plan__state=PlanState.DRAFT)
        .values_list("unit", flat=True)
        .distinct()
    )


def _now(uids: Iterable[str], on_date: dt.date) -> set[str]:
    became = successors_of(uids, on_date).values()
    return {successor.uid for found in became for successor in found if successor.is_certain}
