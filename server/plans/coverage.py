"""Which communes were visited, which are only planned, and which nobody thought of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from server.communes.models import AdminUnit
from server.communes.succession import successors_of
from server.forms.models import Form
from server.inspections.expected import Covered, Expected
from server.plans.expected import expected
from server.statements import all_rows


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
    (found,) = coverages([form], year=year, period=period, on_date=on_date)
    return found


def coverages(
    forms: Sequence[Form], *, year: int, period: str | None, on_date: dt.date
) -> list[Coverage]:
    """Return how far each form of a project has come, at the price of one; as `coverage`."""
    if not forms:
        return []
    visited = communes_visited([form.pk for form in forms], year, period, on_date)
    plans = expected(forms[0].project_id, [year], on_date)
    communes = list(AdminUnit.objects.communes().in_force(on_date).in_vietnamese_order())
    return [
        Coverage(
            form.form_id,
            year,
            period,
            on_date,
            tuple(_commune(unit, form, year, visited[form.pk], plans) for unit in communes),
        )
        for form in forms
    ]


def _commune(
    unit: AdminUnit, form: Form, year: int, visited: Collection[str], plans: Expected
) -> CommuneCoverage:
    return CommuneCoverage(
        unit.uid,
        unit.code,
        unit.name,
        plans.covered(unit.uid, form.form_id, year, is_visited=unit.uid in visited),
        unit.uid in plans.planned.get((form.form_id, year), ()),
    )


# One inspection that counts is looked for by unit and form, not all of them read.
_VISITED = """
SELECT form.id, unit.uid
FROM unnest(%s::bigint[]) AS form (id), communes_adminunit unit, LATERAL (
  SELECT FROM inspections_inspection i
  JOIN submissions_submission s ON s.id = i.submission_id
  WHERE i.unit_id = unit.uid AND i.form_id = form.id AND i.year = %s{period}
    AND s.deleted_at IS NULL AND s.review_state <> 'rejected'
  LIMIT 1
) AS counting
"""
_IN_A_YEAR = _VISITED.format(period="")
_IN_A_PERIOD = _VISITED.format(period=" AND i.period = %s")


def communes_visited(
    forms: Sequence[int], year: int, period: str | None, on_date: dt.date
) -> dict[int, set[str]]:
    """Return the communes of a day that each form has come to, by the form's key."""
    if period is None:
        pairs = all_rows(_IN_A_YEAR, [list(forms), year])
    else:
        pairs = all_rows(_IN_A_PERIOD, [list(forms), year, period])
    became = successors_of({unit for _, unit in pairs}, on_date)
    found: dict[int, set[str]] = {form: set() for form in forms}
    for form_key, unit in pairs:
        found[form_key].update(now.uid for now in became[unit] if now.is_certain)
    return found
