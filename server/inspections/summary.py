"""One row per commune: what its latest counting inspection found.

The one function behind the API, the command, and later the pages and documents
(house.md 1.7). Figures of violence stay out: a row tells the outcome of a condition, never the
count it rests on (domain.md §5.1.8).

The rows are the communes of one day, today unless another is asked for, whatever year the data
are of: after a reform a year of before it is read by those who answer for it now. What was found
then in a unit that is no more stands beside the communes it went into, with its own status, and
is never merged into theirs (domain.md §4.4.3): a status cannot be summed.

Every field with its source: docs/summary.md.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.communes.models import AdminUnit, Coverage
from server.errors import Problem
from server.forms import eras, schema
from server.forms.findings import Condition
from server.forms.models import Form
from server.inspections.commune_rows import CommuneRow, Facts, commune_rows
from server.inspections.expected import Expected, local_day, nothing_expected
from server.inspections.groups import Grouping, grouping
from server.inspections.models import Inspection
from server.inspections.outstanding import outstanding
from server.inspections.subjects import (
    About,
    about_by,
    by_key,
    by_unit,
    counting_by_unit,
    latest_by_unit,
)
from server.inspections.tallies import Reviewed, reviewed, tallies
from server.inspections.totals import Groups, Totals, count, in_groups, totals

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
    groups: Groups | None  # None where none were asked for
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
    expected: Expected | None = None,
    group: str | None = None,
) -> Summary:
    """Summarise a form by commune.

    form: as `published_form` gives it.
    year: of the data. period: `h1`, `fy`, or None for the whole year.
    on_date: the communes of this day are the rows.
    only_approved: leave out what nobody has reviewed; what came in time and who was visited is
    told of all that counts nevertheless.
    expected: what was planned, as `server.plans.expected` tells it.
    group: also count the communes in groups, one of `groups.COMMUNE_GROUPS`.
    Raises PeriodUnknown, GroupUnknown, GroupWithoutSource.
    """
    if period is not None and period not in PERIODS:
        raise PeriodUnknown(period=period)
    asked = _Asked(form, year, period, on_date, only_approved, expected or nothing_expected())
    units = tuple(AdminUnit.objects.communes().in_force(on_date).in_vietnamese_order())
    of = None
    if group is not None:
        of = grouping(form.project_id, group, units, year=year, only_approved=only_approved)
    return _table(asked, units, of)


def told_period(form: Form, year: int) -> str:
    """Return the period of a year to show where nobody chose: all of it once anything tells of it.

    Else its first half.
    """
    whole = Inspection.objects.filter(form=form).counting().of_data(year, "fy")
    return "fy" if whole.exists() else "h1"


@dataclass(frozen=True, slots=True)
class _Asked:
    form: Form
    year: int
    period: str | None
    on_date: dt.date
    only_approved: bool
    expected: Expected


def _table(asked: _Asked, units: tuple[AdminUnit, ...], grouping: Grouping | None) -> Summary:
    version = asked.form.current_version
    if version is None:
        raise ValueError(f"form {asked.form.form_id} was never published")
    judged_by = eras.eras(version)
    in_force = eras.era_on(judged_by, local_day()).conditions
    conditions, with_evidence = in_force.conditions, _with_evidence(in_force.conditions)
    about = about_by(schema.load(version.schema).fields, judged_by)
    facts, data = _facts(asked, conditions, about)
    rows = commune_rows(units, facts)
    return Summary(
        form_id=asked.form.form_id,
        title=version.title,
        criteria_set=in_force.criteria_set,
        year=asked.year,
        period=asked.period,
        boundary_date=asked.on_date,
        sources=sources(asked.on_date),
        conditions=conditions,
        rows=rows,
        totals=totals(count(rows, conditions, with_evidence), facts.tallies, facts.outstanding),
        groups=in_groups(rows, grouping, conditions, with_evidence) if grouping else None,
        data=data,
    )


def _facts(
    asked: _Asked, conditions: tuple[Condition, ...], about: About
) -> tuple[Facts, Reviewed]:
    form = asked.form
    of_form = Inspection.objects.filter(form=form).of_data(asked.year, asked.period)
    counted = tallies(of_form, only_approved=asked.only_approved)
    latest = by_key(counted.latest.values()).values()
    return Facts(
        form_id=form.form_id,
        year=asked.year,
        periods=(asked.period,) if asked.period else PERIODS,
        on_date=asked.on_date,
        with_evidence=_with_evidence(conditions),
        latest=latest_by_unit(latest),
        counting=counting_by_unit(latest, about),
        subjects=by_unit(latest, about),
        tallies=counted.by_unit,
        outstanding=outstanding(
            form.project_id,
            [form.form_id],
            on_date=asked.on_date,
            today=asked.expected.today,
        ),
        expected=asked.expected,
    ), reviewed(counted.by_state, only_approved=asked.only_approved)


def _with_evidence(conditions: tuple[Condition, ...]) -> frozenset[str]:
    """Return the codes of the conditions that ask which document was seen."""
    return frozenset(c.code for c in conditions if any(rule.evidence for rule in c.rules))


def sources(on_date: dt.date) -> tuple[str, ...]:
    """Return the lines to show with the polygons of a day."""
    chosen = Coverage.objects.best_first(on_date).first()
    return (chosen.source,) if chosen else ()
