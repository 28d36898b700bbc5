"""Several forms and periods at once: what each commune's latest inspection of each came to.

A matrix of communes by (form, period of a year). However many inspections there are, the database
hands over one row for each commune, form and period, and the number of queries is the same.
Every field with its source: docs/summary.md.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.communes.models import AdminUnit
from server.communes.succession import Successor, successors_of
from server.errors import Problem
from server.forms.models import Form
from server.inspections.arrivals import Arrivals, Key, arrivals
from server.inspections.commune_rows import LABELS, NOT_INSPECTED, FormerUnit
from server.inspections.expected import Covered, Expected, Reported, nothing_expected
from server.inspections.groups import Grouping, grouping
from server.inspections.outstanding import (
    Outstanding,
    OutstandingByCommune,
    outstanding,
    together,
)
from server.inspections.subjects import Subjects
from server.inspections.subjects import together as of_subjects
from server.inspections.summary import PERIODS, FormUnknown, PeriodUnknown, sources
from server.inspections.tallies import Reviewed, reviewed


class FormJudgesNothing(Problem):
    """A matrix of results asked of a form that gives none."""

    code = "overview.form_judges_nothing"
    vi = (
        "Biểu «{form_id}» không có điều kiện nào để kết luận nên không có cột trong bảng tổng hợp. "
        "Bỏ biểu này khỏi forms; phiếu theo dõi kiến nghị xem ở danh sách kiến nghị."
    )
    en = (
        "Form {form_id!r} has no conditions, so it has no column in the overview. Leave it out of "
        "forms; what follow-up forms say is in the register of recommendations."
    )


@dataclass(frozen=True, slots=True)
class Column:
    """One form in one period of a year."""

    form_id: str
    title: str
    year: int
    period: str  # one of PERIODS
    due_on: dt.date | None  # the first day that is too late


@dataclass(frozen=True, slots=True)
class Cell:
    """One commune in one column."""

    status: str  # a Status, or NOT_INSPECTED; "" where the form judges nothing
    visit_date: dt.date | None
    inspections: int  # how many are in the table
    report: Reported | None
    coverage: Covered
    former_units: tuple[FormerUnit, ...]
    note: str  # why the status is only for now; "" where the set in force gave it
    # Workplaces or bodies inspected, of which `status` is the worst; None for forms about communes.
    subjects: Subjects | None


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One commune."""

    uid: str
    code: str
    name: str
    type: str
    recommendations: Outstanding | None  # of all the forms asked for, as they stand now
    cells: tuple[Cell, ...]  # as the columns stand


@dataclass(frozen=True, slots=True)
class ColumnCounts:
    """Communes in one column, counted."""

    by_status: Mapping[str, int]
    by_report: Mapping[str, int]  # empty where no day is due
    by_coverage: Mapping[str, int]
    subjects: Subjects | None  # of the cells together


@dataclass(frozen=True, slots=True)
class OverviewGroup:
    """Some communes, or all of them, counted in each column."""

    code: str
    label: str
    communes: int
    recommendations: Outstanding | None
    counts: tuple[ColumnCounts, ...]  # as the columns stand


@dataclass(frozen=True, slots=True)
class Overview:
    """The matrix."""

    boundary_date: dt.date
    sources: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[OverviewRow, ...]  # in Vietnamese order
    province: OverviewGroup
    grouping: Grouping | None  # None where no groups were asked for
    groups: tuple[OverviewGroup, ...]
    of_former_units: int  # inspections in the table of units that are no row here
    without_unit: int  # and those that no commune could be found for
    other_periods: int  # inspections of these years in no column: in neither half-year nor year
    recommendations_elsewhere: Outstanding | None
    data: Reviewed


def published_forms(project_id: int, form_ids: Sequence[str] = ()) -> list[Form]:
    """Return the published forms of a project that judge something, or those asked for, by id.

    Raises FormUnknown, FormJudgesNothing.
    """
    published = (
        Form.objects.living()
        .filter(project=project_id, current_version__isnull=False)
        .select_related("current_version")
        .defer("current_version__xform", "current_version__schema")
        .order_by("form_id")
    )
    if not form_ids:
        return list(published.filter(current_version__rule_version__isnull=False))
    found = list(published.filter(form_id__in=form_ids))
    for form_id in form_ids:
        if form_id not in {form.form_id for form in found}:
            raise FormUnknown(project_id=project_id, form_id=form_id)
    for form in found:
        if form.current_version and form.current_version.rule_version_id is None:
            raise FormJudgesNothing(form_id=form.form_id)
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """What a matrix is of."""

    project_id: int
    forms: Sequence[Form]  # as `published_forms` gives them
    years: Sequence[int]  # of the data
    on_date: dt.date  # the communes of this day are the rows
    periods: Sequence[str] = PERIODS
    only_approved: bool = True
    group: str | None = None  # one of groups.COMMUNE_GROUPS


def overview(asked: Asked, expected: Expected | None = None) -> Overview:
    """Return the matrix.

    expected: what was planned, as `server.plans.expected` tells it. What came in time and who was
    visited is told of all that counts, reviewed or not.
    Raises PeriodUnknown, GroupUnknown, GroupWithoutSource.
    """
    for period in asked.periods:
        if period not in PERIODS:
            raise PeriodUnknown(period=period)
    plans = expected or nothing_expected()
    units = tuple(AdminUnit.objects.communes().in_force(asked.on_date).in_vietnamese_order())
    columns = _columns(asked, plans)
    came = arrivals(asked.forms, asked.years, asked.periods, only_approved=asked.only_approved)
    rest = outstanding(
        asked.project_id,
        [form.form_id for form in asked.forms],
        on_date=asked.on_date,
        today=plans.today,
    )
    rows = _rows(units, columns, came, rest, plans, asked)
    of = _grouping(asked, units)
    return Overview(
        boundary_date=asked.on_date,
        sources=sources(asked.on_date),
        columns=columns,
        rows=rows,
        province=_counted("", "Toàn tỉnh", rows, columns),
        grouping=of,
        groups=_groups(rows, of, columns) if of else (),
        of_former_units=came.of_units - sum(cell.inspections for row in rows for cell in row.cells),
        without_unit=came.without_unit,
        other_periods=came.other_periods,
        recommendations_elsewhere=rest.elsewhere if rest.has_list else None,
        data=reviewed(came.by_state, only_approved=asked.only_approved),
    )


def _grouping(asked: Asked, units: Sequence[AdminUnit]) -> Grouping | None:
    if asked.group is None:
        return None
    return grouping(
        asked.project_id,
        asked.group,
        units,
        year=max(asked.years),
        only_approved=asked.only_approved,
    )


def _columns(asked: Asked, plans: Expected) -> tuple[Column, ...]:
    return tuple(
        Column(
            form_id=form.form_id,
            title=form.current_version.title,
            year=year,
            period=period,
            due_on=plans.due.get((year, period)),
        )
        for form in asked.forms
        if form.current_version is not None
        for year in asked.years
        for period in PERIODS
        if period in asked.periods
    )


# Rows --------------------------------------------------------------------------------------------


def _rows(
    units: Sequence[AdminUnit],
    columns: Sequence[Column],
    came: Arrivals,
    rest: OutstandingByCommune,
    plans: Expected,
    asked: Asked,
) -> tuple[OverviewRow, ...]:
    present = {unit.uid for unit in units}
    gone = sorted({*came.latest, *came.first} - present)
    became = successors_of(gone, asked.on_date)
    former = _former_units(came, became)
    whole = _held(became)
    keys = [(column.form_id, column.year, column.period) for column in columns]
    return tuple(
        OverviewRow(
            uid=unit.uid,
            code=unit.code,
            name=unit.name,
            type=unit.type,
            recommendations=rest.of(unit.uid, is_inspected=unit.uid in came.first),
            cells=tuple(
                _cell(unit, key, came, plans, former.get((unit.uid, key), ()), whole[unit.uid])
                for key in keys
            ),
        )
        for unit in units
    )


def _cell(
    unit: AdminUnit,
    key: Key,
    came: Arrivals,
    plans: Expected,
    former: tuple[FormerUnit, ...],
    whole: Sequence[str],
) -> Cell:
    form_id, year, period = key
    latest = came.latest.get(unit.uid, {}).get(key)
    first = came.first.get(unit.uid, {}).get(key)
    is_visited = first is not None or any(key in came.first.get(uid, ()) for uid in whole)
    return Cell(
        status=latest.status if latest else NOT_INSPECTED,
        visit_date=latest.visit_date if latest else None,
        inspections=came.inspections[unit.uid, key],
        report=plans.reported(year, period, first=first, since=unit.valid_from),
        coverage=plans.covered(unit.uid, form_id, year, is_visited=is_visited),
        former_units=former,
        note=latest.note if latest else "",
        subjects=latest.subjects if latest else None,
    )


def _held(became: Mapping[str, tuple[Successor, ...]]) -> Mapping[str, list[str]]:
    """Return the former units that a commune holds wholly."""
    found = defaultdict[str, list[str]](list)
    for uid, successors in became.items():
        for successor in successors:
            if successor.is_certain:
                found[successor.uid].append(uid)
    return found


def _former_units(
    came: Arrivals, became: Mapping[str, tuple[Successor, ...]]
) -> dict[tuple[str, Key], tuple[FormerUnit, ...]]:
    units = AdminUnit.objects.in_bulk([uid for uid in came.latest if uid in became])
    found: dict[tuple[str, Key], tuple[FormerUnit, ...]] = {}
    for uid in sorted(units, key=lambda uid: (units[uid].sort_key, uid)):
        for successor in became[uid]:
            for key, latest in came.latest[uid].items():
                former = FormerUnit(
                    uid,
                    units[uid].name,
                    latest.status,
                    latest.visit_date,
                    successor.is_certain,
                    latest.note,
                )
                place = (successor.uid, key)
                found[place] = (*found.get(place, ()), former)
    return found


def _groups(
    rows: Sequence[OverviewRow], of: Grouping, columns: Sequence[Column]
) -> tuple[OverviewGroup, ...]:
    return tuple(
        _counted(g.code, g.label, [r for r in rows if of.of[r.uid] == g.code], columns)
        for g in of.groups
    )


def _counted(
    code: str, label: str, rows: Sequence[OverviewRow], columns: Sequence[Column]
) -> OverviewGroup:
    return OverviewGroup(
        code=code,
        label=label,
        communes=len(rows),
        recommendations=together([row.recommendations for row in rows]),
        counts=tuple(
            _column_counts([row.cells[number] for row in rows]) for number in range(len(columns))
        ),
    )


def _column_counts(cells: Sequence[Cell]) -> ColumnCounts:
    by_status = Counter(cell.status for cell in cells)
    by_report = Counter(cell.report for cell in cells if cell.report is not None)
    by_coverage = Counter(cell.coverage for cell in cells)
    return ColumnCounts(
        by_status={status: by_status[status] for status in LABELS},
        by_report={str(state): by_report[state] for state in Reported} if by_report else {},
        by_coverage={str(state): by_coverage[state] for state in Covered},
        subjects=of_subjects(cell.subjects for cell in cells),
    )
