"""One row per commune: what its latest counting inspection found.

The one function behind the API, the command, and later the pages and documents
(house.md 1.7). Figures of violence stay out: a row tells the outcome of a condition, never the
count it rests on (domain.md §5.1.8).

The rows are the communes of one day, today unless another is asked for, whatever year the data
are of: after a reform a year of before it is read by those who answer for it now. What was found
then in a unit that is no more stands beside the communes it went into, with its own status, and
is never merged into theirs (domain.md §4.4.3): a status cannot be summed.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet

from server.communes.models import AdminUnit, Coverage
from server.communes.succession import successors_of
from server.errors import Problem
from server.forms import rules
from server.forms.findings import Condition
from server.forms.models import Form
from server.inspections.models import Finding, Flag, Inspection, Status
from server.submissions.models import ReviewState

NOT_INSPECTED = "chua_kiem_tra"
UNVERIFIED_NOTE = "tạm tính – chưa đối chiếu"
LABELS: Mapping[str, str] = {**dict(Status.choices), NOT_INSPECTED: "Chưa kiểm tra"}
PERIODS = ("h1", "fy")


class FormUnknown(Problem):
    """No published form of this name in the project."""

    code = "summary.form_unknown"
    status = 404
    vi = (
        "Chương trình số {project_id} không có biểu «{form_id}» đã phát hành. Kiểm tra lại mã biểu."
    )
    en = "Project {project_id} has no published form {form_id!r}. Check the form's id."
    central = 404.1


class PeriodUnknown(Problem):
    """A period that is neither h1 nor fy."""

    code = "summary.period_unknown"
    vi = "Kỳ «{period}» không có. Dùng h1 (6 tháng đầu năm), fy (cả năm) hoặc bỏ trống."
    en = "There is no period {period!r}. Use h1 (first half), fy (year) or leave it out."
    central = 400.8


@dataclass(frozen=True, slots=True)
class Latest:
    """The inspection that a commune's row shows."""

    instance_id: str
    visit_date: dt.date | None
    period: str
    review_state: str
    evidence_share: float | None  # 0..1
    gps_status: str
    gps_is_schematic: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormerUnit:
    """An inspected unit of before a reform that went, wholly or in part, into a row's commune."""

    uid: str
    name: str
    status: str
    visit_date: dt.date | None
    is_certain: bool  # the whole unit went there


@dataclass(frozen=True, slots=True)
class CommuneRow:
    """One commune."""

    uid: str
    code: str
    name: str
    type: str
    status: str  # a Status, or NOT_INSPECTED
    inspections: int  # how many counted
    latest: Latest | None
    conditions: Mapping[str, str]  # {condition code: status}
    former_units: tuple[FormerUnit, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """The province. Counts of communes, never sums of figures."""

    communes: int
    inspected: int
    by_status: Mapping[str, int]
    by_condition: Mapping[str, Mapping[str, int]]
    with_valid_gps: int  # point inside a commune, or near its line
    inspections: int
    of_former_units: int  # inspections of units that are no row here, e.g. ended by a reform
    without_unit: int  # inspections that no commune could be found for


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


@dataclass(frozen=True, slots=True)
class Summary:
    """The table of one form over one year, or one period of it."""

    form_id: str
    title: str
    criteria_set: str
    year: int
    period: str | None
    boundary_date: dt.date
    sources: tuple[str, ...]  # the lines to show for the polygons that were used
    conditions: tuple[Condition, ...]
    rows: tuple[CommuneRow, ...]
    totals: Totals
    data: Reviewed


def published_form(project_id: int, form_id: str) -> Form:
    """Return a form that can be summarised. Raises FormUnknown."""
    form = (
        Form.objects.living()
        .filter(project=project_id, form_id=form_id, current_version__isnull=False)
        .select_related("current_version__rule_version")
        .first()
    )
    if form is None:
        raise FormUnknown(project_id=project_id, form_id=form_id)
    return form


def summarise(
    form: Form,
    *,
    year: int,
    period: str | None,
    on_date: dt.date,
    only_approved: bool = False,
) -> Summary:
    """Summarise a form by commune.

    form: as `published_form` gives it.
    year: of the data. period: `h1`, `fy`, or None for the whole year.
    on_date: the communes of this day are the rows.
    only_approved: leave out what nobody has reviewed.
    Raises PeriodUnknown.
    """
    if period is not None and period not in PERIODS:
        raise PeriodUnknown(period=period)
    version = form.current_version
    if version is None:
        raise ValueError(f"form {form.form_id} was never published")
    conditions = rules.in_force(version)
    of_form = Inspection.objects.filter(form=form).of_data(year, period)
    counting = of_form.approved() if only_approved else of_form.counting()
    units = tuple(AdminUnit.objects.communes().in_force(on_date).in_vietnamese_order())
    counts, data = _counts(of_form, only_approved=only_approved)
    rows = _rows(units, counts, latest_by_unit(counting), on_date)
    return Summary(
        form_id=form.form_id,
        title=version.title,
        criteria_set=conditions.criteria_set,
        year=year,
        period=period,
        boundary_date=on_date,
        sources=_sources(on_date),
        conditions=conditions.conditions,
        rows=rows,
        totals=_totals(rows, conditions.conditions, counts),
        data=data,
    )


def _counts(
    of_form: QuerySet[Inspection], *, only_approved: bool
) -> tuple[dict[str | None, int], Reviewed]:
    """Return how many inspections of each unit are in the table, and how they were reviewed."""
    included = [ReviewState.APPROVED]
    if not only_approved:
        included = [state for state in ReviewState if state != ReviewState.REJECTED]
    by_unit, by_state = Counter[str | None](), Counter[str]()
    living = of_form.filter(submission__deleted_at__isnull=True)
    for unit, state, count in living.values_list("unit", "submission__review_state").annotate(
        n=Count("pk")
    ):
        by_state[state] += count
        if state in included:
            by_unit[unit] += count
    approved = by_state[ReviewState.APPROVED]
    in_table = by_unit.total()
    return dict(by_unit), Reviewed(
        included=tuple(str(state) for state in included),
        approved=approved,
        not_reviewed=in_table - approved,
        left_out=by_state.total() - in_table,
    )


def latest_by_unit(counting: QuerySet[Inspection]) -> dict[str, Inspection]:
    """Return each unit's latest visit; of two on one day the one received last."""
    latest = (
        counting.filter(unit__isnull=False)
        .order_by("unit", F("visit_date").desc(nulls_last=True), "-submission__created_at", "-pk")
        .distinct("unit")
        .select_related("submission")
        .defer("answers", "repeats")
    )
    return {str(inspection.unit_id): inspection for inspection in latest}


def _rows(
    units: Sequence[AdminUnit],
    counts: Mapping[str | None, int],
    latest: Mapping[str, Inspection],
    on_date: dt.date,
) -> tuple[CommuneRow, ...]:
    statuses = _statuses(latest.values())
    flags = _flags(latest.values())
    former = _former_units(latest, {unit.uid for unit in units}, on_date)
    return tuple(
        _row(
            unit,
            inspection=latest.get(unit.uid),
            count=counts.get(unit.uid, 0),
            statuses=statuses,
            flags=flags,
            former=former.get(unit.uid, ()),
        )
        for unit in units
    )


def _row(
    unit: AdminUnit,
    *,
    inspection: Inspection | None,
    count: int,
    statuses: Mapping[int, Mapping[str, str]],
    flags: Mapping[int, tuple[str, ...]],
    former: tuple[FormerUnit, ...],
) -> CommuneRow:
    shown = None
    if inspection is not None:
        shown = Latest(
            instance_id=inspection.submission.instance_id,
            visit_date=inspection.visit_date,
            period=inspection.period,
            review_state=inspection.submission.review_state,
            evidence_share=inspection.evidence_share,
            gps_status=inspection.gps_status,
            gps_is_schematic=inspection.gps_is_schematic,
            flags=flags.get(inspection.pk, ()),
        )
    return CommuneRow(
        uid=unit.uid,
        code=unit.code,
        name=unit.name,
        type=unit.type,
        status=inspection.result if inspection else NOT_INSPECTED,
        inspections=count,
        latest=shown,
        conditions=statuses.get(inspection.pk, {}) if inspection else {},
        former_units=former,
    )


def _statuses(inspections: Iterable[Inspection]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for pk, condition, status in (
        Finding.objects.filter(inspection__in=[i.pk for i in inspections])
        .order_by("inspection", "position")
        .values_list("inspection", "condition", "status")
    ):
        found.setdefault(pk, {})[condition] = status
    return found


def _flags(inspections: Iterable[Inspection]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for pk, code in (
        Flag.objects.filter(inspection__in=[i.pk for i in inspections])
        .order_by("inspection", "code")
        .values_list("inspection", "code")
    ):
        found[pk] = (*found.get(pk, ()), code)
    return found


def _former_units(
    latest: Mapping[str, Inspection], present: set[str], on_date: dt.date
) -> dict[str, tuple[FormerUnit, ...]]:
    """Return the inspected units that are no more, by the uid of what they became."""
    gone = AdminUnit.objects.in_bulk([uid for uid in latest if uid not in present])
    found: dict[str, tuple[FormerUnit, ...]] = {}
    in_order = sorted(gone, key=lambda uid: (gone[uid].sort_key, uid))
    for uid, became in successors_of(in_order, on_date).items():
        for successor in became:
            former = FormerUnit(
                uid=uid,
                name=gone[uid].name,
                status=latest[uid].result,
                visit_date=latest[uid].visit_date,
                is_certain=successor.is_certain,
            )
            found[successor.uid] = (*found.get(successor.uid, ()), former)
    return found


def _totals(
    rows: Sequence[CommuneRow],
    conditions: Sequence[Condition],
    counts: Mapping[str | None, int],
) -> Totals:
    by_status = Counter(row.status for row in rows)
    inspected = [row for row in rows if row.latest]
    present = sum(row.inspections for row in rows)
    without_unit, every = counts.get(None, 0), sum(counts.values())
    return Totals(
        communes=len(rows),
        inspected=len(inspected),
        by_status={status: by_status.get(status, 0) for status in LABELS},
        by_condition={
            condition.code: _by_condition(condition.code, rows) for condition in conditions
        },
        with_valid_gps=sum(
            row.latest is not None and row.latest.gps_status in ("inside", "near_border")
            for row in rows
        ),
        inspections=every,
        of_former_units=every - present - without_unit,
        without_unit=without_unit,
    )


def _by_condition(code: str, rows: Sequence[CommuneRow]) -> dict[str, int]:
    counted = Counter(row.conditions.get(code, NOT_INSPECTED) for row in rows)
    return {status: counted.get(status, 0) for status in LABELS}


def _sources(on_date: dt.date) -> tuple[str, ...]:
    covering = Coverage.objects.filter(valid_from__lte=on_date).exclude(valid_to__lte=on_date)
    chosen = covering.order_by("is_schematic", "-valid_from").first()
    return (chosen.source,) if chosen else ()
