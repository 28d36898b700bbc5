"""Tổng hợp: communes by conditions, and indicators, each with what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header

from server.console import choosing
from server.console.choosing import Choice
from server.console.maps import in_language
from server.console.page import EVERYBODY, Visit, page
from server.console.problems import ExportFormWrong, FilterNotUnderstood, PageUnknown
from server.console.wording import language, t
from server.console.words import STATUS, Badge
from server.forms.findings import Condition
from server.forms.models import Form
from server.inspections.commune_rows import LABELS, CommuneRow
from server.inspections.expected import local_day
from server.inspections.figures import Asked, IndicatorsMissing, IndicatorTable
from server.inspections.groups import COMMUNE_GROUPS, GROUPS, GroupWithoutSource
from server.inspections.models import Status
from server.inspections.overview import published_forms
from server.inspections.printed import Printed
from server.inspections.readers import Reader, reader
from server.inspections.summary import (
    Summary,
    published_form,
    summarise,
    told_period,
)
from server.plans.expected import expected
from server.projects.audit import Actor
from server.reports import indicator_table, summary_table, summary_xlsx
from server.reports.indicator_reading import read_indicators
from server.reports.indicator_table import words

GROUP_WORDS: Mapping[str, str] = {
    "former_province": "Tỉnh cũ",
    "type": "Xã hay phường",
    "zone": "Khu vực dân tộc thiểu số và miền núi",
    "level": "Mức nông thôn mới",
    "disadvantaged": "Xóm đặc biệt khó khăn",
    "ethnicity": "Dân tộc ở các xóm đã kiểm tra",
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Part:
    """Some communes of one bar."""

    status: str
    badge: Badge
    communes: int
    start: int  # of the bar, in communes
    address: str  # of the records behind it; "" for who may not open them


@dataclass(frozen=True, slots=True)
class Bar:
    """One condition over all communes, or their results."""

    code: str
    label: str
    is_verified: bool  # somebody has read its threshold in the law itself
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One commune of the matrix."""

    row: CommuneRow
    cells: tuple[Badge, ...]  # as the conditions stand
    address: str  # of its records; "" for who may not open them


@page(*EVERYBODY)
def summary_page(visit: Visit) -> HttpResponse:
    """Show how many communes meet each condition, and each commune."""
    forms = published_forms(visit.membership.project_id)
    if not forms:
        return visit.show("console/summary.html", here="summary", table=None)
    choice, group = _chosen(visit, forms, COMMUNE_GROUPS)
    choice, table = _summary(visit, choice, group)
    who = reader(visit.membership)
    return _pushed(
        visit,
        "summary",
        choice,
        visit.show(
            "console/summary.html",
            here="summary",
            table=table,
            choice=choice,
            options=_options(choice, forms, group, COMMUNE_GROUPS),
            result=_bar(visit, choice, who, None, table.totals.by_status),
            bars=[
                _bar(visit, choice, who, each, table.totals.by_condition[each.code])
                for each in table.conditions
            ],
            lines=[_line(visit, choice, who, row, table.conditions) for row in table.rows],
            is_nothing_verified=not any(each.is_verified for each in table.conditions),
            notes=summary_table.standing_notes(table.rows),
            statuses=[(code, STATUS[code]) for code in LABELS],
        ),
    )


@page(*EVERYBODY)
def summary_file(visit: Visit, kind: str) -> HttpResponseBase:
    """Give the same rows as CSV or XLSX."""
    if kind not in ("csv", "xlsx"):
        raise PageUnknown
    choice, group = _chosen_for_file(visit, COMMUNE_GROUPS)
    choice, table = _summary(visit, choice, group)
    _refuse_left_out(choice)
    name = f"{table.form_id}-{table.year}-{table.period or 'ca_nam'}.{kind}"
    if kind == "csv":
        return _csv(summary_table.as_csv(table), name)
    response = StreamingHttpResponse(summary_xlsx.workbook(table), content_type=_XLSX)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@page(*EVERYBODY)
def indicators_page(visit: Visit) -> HttpResponse:
    """Show the figures of each commune; small sensitive ones are hidden from who may not see."""
    forms = published_forms(visit.membership.project_id)
    if not forms:
        return visit.show("console/summary.html", here="summary", table=None)
    choice, group = _chosen(visit, forms, GROUPS)
    form = published_form(visit.membership.project_id, choice.form_id)
    choice = _with_period(choice, form)
    table: IndicatorTable | None = None
    with suppress(IndicatorsMissing):  # the page says so, and lets another form be chosen
        choice, table = _indicators(visit, choice, form, group)
    return _pushed(
        visit,
        "indicators",
        choice,
        visit.show(
            "console/indicators.html",
            here="summary",
            table=table,
            choice=choice,
            options=_options(choice, forms, group, GROUPS),
            heads=_heads(table) if table else (),
            lines=_figure_lines(visit, choice, table) if table else (),
        ),
    )


@page(*EVERYBODY)
def indicators_file(visit: Visit) -> HttpResponseBase:
    """Give the same figures as CSV."""
    choice, group = _chosen_for_file(visit, GROUPS)
    form = published_form(visit.membership.project_id, choice.form_id)
    choice, table = _indicators(visit, _with_period(choice, form), form, group)
    _refuse_left_out(choice)
    return _csv(
        indicator_table.as_csv(table), f"chi-so-{table.form_id}-{table.year}-{table.period}.csv"
    )


def _chosen(visit: Visit, forms: Sequence[Form], groups: Sequence[str]) -> tuple[Choice, str]:
    """Return what is asked for, and the grouping; raises FormUnknown where there is no form."""
    if not forms:
        published_form(visit.membership.project_id, visit.request.GET.get("form", ""))
    choice = choosing.read(visit.request.GET, forms, local_day(), "group")
    group = choice.other["group"]
    if group and group not in groups:
        return _without_group(choice, _left_out(group)), ""
    return choice, group


def _chosen_for_file(visit: Visit, groups: Sequence[str]) -> tuple[Choice, str]:
    """Return the same for a file; raises FormUnknown where the address names another form."""
    project_id, form_id = visit.membership.project_id, visit.request.GET.get("form", "")
    if form_id:
        published_form(project_id, form_id)
    return _chosen(visit, published_forms(project_id), groups)


def _refuse_left_out(choice: Choice) -> None:
    # A page says above its numbers what it left out; a file is passed on without that sentence.
    if choice.problems:
        raise ExportFormWrong(reason=choice.problems[0])


def _left_out(group: str) -> str:
    problem = FilterNotUnderstood(label=t(choosing.LABELS["group"]), value=group[:40])
    return problem.sentence(language())


def _without_group(choice: Choice, problem: str) -> Choice:
    values = {name: value for name, value in choice.values.items() if name != "group"}
    return replace(choice, values=values, problems=(*choice.problems, problem))


def _with_period(choice: Choice, form: Form) -> Choice:
    return choice if choice.period else replace(choice, period=told_period(form, choice.year))


def _summary(visit: Visit, choice: Choice, group: str) -> tuple[Choice, Summary]:
    project_id = visit.membership.project_id
    try:
        return choice, summarise(
            published_form(project_id, choice.form_id),
            year=choice.year,
            period=choice.period or None,
            on_date=choice.on_date,
            only_approved=choice.only_approved,
            expected=expected(project_id, [choice.year], choice.on_date),
            group=group or None,
        )
    except GroupWithoutSource as problem:
        return _summary(visit, _without_group(choice, problem.sentence(language())), "")


def _indicators(
    visit: Visit, choice: Choice, form: Form, group: str
) -> tuple[Choice, IndicatorTable]:
    asked = Asked(
        year=choice.year,
        period=choice.period,
        units_on=choice.on_date,
        group=group or None,
        only_approved=choice.only_approved,
    )
    try:
        return choice, read_indicators(visit.membership, Actor.person(visit.user), form, asked)
    except GroupWithoutSource as problem:
        choice = _without_group(choice, problem.sentence(language()))
        return _indicators(visit, choice, form, "")


def _options(
    choice: Choice, forms: Sequence[Form], group: str, groups: Sequence[str]
) -> dict[str, object]:
    return {
        **choosing.options(choice, forms, local_day()),
        "group": [(code, GROUP_WORDS[code], code == group) for code in groups],
    }


def _pushed(visit: Visit, view: str, choice: Choice, response: HttpResponse) -> HttpResponse:
    if visit.is_partial:
        query, here = choice.query(), reverse(view, args=[visit.membership.project_id])
        response["HX-Push-Url"] = f"{here}?{query}" if query else here
    return response


def _records(visit: Visit, choice: Choice, **also: str) -> str:
    here = reverse("records", args=[visit.membership.project_id])
    return f"{here}?{choice.record_query(**also)}"


def _bar(
    visit: Visit,
    choice: Choice,
    who: Reader,
    condition: Condition | None,
    counts: Mapping[str, int],
) -> Bar:
    parts, start = [], 0
    for status, communes in counts.items():
        address = ""
        if who.sees_any and communes and status in Status.values:  # a record can come to it
            narrowed = (
                {"finding": f"{condition.code}:{status}"} if condition else {"result": status}
            )
            address = _records(visit, choice, **narrowed)
        parts.append(Part(status, STATUS[status], communes, start, address))
        start += communes
    return Bar(
        code=condition.code if condition else "",
        label=in_language(condition.label) if condition else "",
        is_verified=condition is None or condition.is_verified,
        parts=tuple(parts),
    )


_BLANK = Badge("Chưa kiểm tra", "", "")


def _line(
    visit: Visit,
    choice: Choice,
    who: Reader,
    row: CommuneRow,
    conditions: Sequence[Condition],
) -> Line:
    return Line(
        row,
        tuple(
            STATUS[row.conditions[each.code]] if each.code in row.conditions else _BLANK
            for each in conditions
        ),
        _records(visit, choice, commune=row.uid) if row.inspections and who.sees(row.uid) else "",
    )


# The table of figures -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """One column of figures."""

    code: str
    label: str
    unit: str
    note: str  # that small numbers are hidden, or all of it


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure."""

    value: str
    made_of: str  # of a ratio: "12/48"
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One commune, one group, or the province."""

    name: str
    note: str
    cells: tuple[Cell, ...]  # none where it cannot be compared
    address: str
    is_sum: bool


def _heads(table: IndicatorTable) -> list[Head]:
    return [
        Head(each.code, in_language(each.label), each.unit, _head_note(table, each.code))
        for each in table.indicators
    ]


def _head_note(table: IndicatorTable, code: str) -> str:
    if code in table.withheld:
        return table.withheld[code]
    return t("số nhỏ hơn {k} được che", k=table.k) if code in table.sensitive else ""


def _figure_lines(visit: Visit, choice: Choice, table: IndicatorTable) -> list[FigureLine]:
    who = reader(visit.membership)
    everything = _records(visit, choice) if who.sees_any else ""
    lines = [FigureLine(t("Toàn tỉnh"), "", _cells(table, table.province), everything, is_sum=True)]
    for group in table.groups:
        name = f"{group.group.label} ({group.communes})"
        lines.append(FigureLine(name, "", _cells(table, group.figures), "", is_sum=True))
    for row in table.rows:
        is_open = bool(row.plot.counted) and who.sees(row.plot.uid)
        address = _records(visit, choice, commune=row.plot.uid) if is_open else ""
        cells = _cells(table, row.figures) if row.plot.is_comparable else ()
        lines.append(FigureLine(row.plot.unit.name, row.plot.note, cells, address, is_sum=False))
    return lines


def _cells(table: IndicatorTable, figures: Mapping[str, Printed]) -> tuple[Cell, ...]:
    found = []
    for each in table.indicators:
        printed = figures[each.code]
        value = words(printed.value, table.k)
        parts = [words(printed.numerator, table.k), words(printed.denominator, table.k)]
        made_of = "/".join(parts) if each.aggregate == "ratio" and all(parts) else ""
        hidden = printed.value.amount is None and bool(value)
        found.append(Cell(value or "–", made_of, hidden))
    return tuple(found)


def _csv(text: str, name: str) -> HttpResponse:
    # A byte order mark, without which Excel garbles Vietnamese.
    response = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
