"""Read the `indicators` sheet of a workbook: one row a figure to aggregate.

Every complaint is collected with its cell, as those of the findings sheet are. No Django.
"""

from __future__ import annotations

import re

from server.forms.findings import Conditions
from server.forms.indicator_problems import (
    CodeRepeated,
    GroupsElsewhere,
    IndicatorFieldUnknown,
    IndicatorFieldUnusable,
    IndicatorRevealing,
)
from server.forms.indicators import AGGREGATES, Indicator, Indicators
from server.forms.lines import FIGURES, Line, missing_columns
from server.forms.problems import (
    CellMissing,
    CellUnwanted,
    Complaint,
)
from server.forms.survey import Question, Survey
from server.forms.workbook import Workbook

SHEET = "indicators"

_COLUMNS = ("code", "value", "aggregate", "of", "unit", "disaggregate", "sensitive")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_SELECTS = ("select_one", "select_multiple")
_FIGURE = {
    "wanted": "số (integer, decimal, calculate)",
    "wanted_en": "a number (integer, decimal, calculate)",
}
_SELECT = {
    "wanted": "câu hỏi chọn (select_one, select_multiple)",
    "wanted_en": "a question with choices (select_one, select_multiple)",
}


def read(
    workbook: Workbook, survey: Survey, conditions: Conditions
) -> tuple[Indicators, list[Complaint]]:
    """Return the indicators of a workbook, and everything that is wrong with their sheet.

    A workbook without the sheet has none. They are only good when there are no complaints.
    """
    sheet = workbook.sheet(SHEET)
    complaints = missing_columns(sheet, _COLUMNS)
    if complaints:
        return (), complaints
    # Calculations that show a condition give a word, no figure.
    words = {condition.calculate for condition in conditions.conditions} | {conditions.result}
    first: dict[str, int] = {}
    found: list[Indicator] = []
    for line in (Line(sheet, row, survey, complaints) for row in sheet.rows):
        code = line.row.get("code")
        if code in first:
            line.complain(CodeRepeated, "code", first=first[code])
        first.setdefault(code, line.row.number)
        found.append(_indicator(line, code, words))
    return tuple(found), complaints


def _indicator(line: Line, code: str, words: set[str | None]) -> Indicator:
    if not code:
        line.complain(CellMissing, "code")
    elif not _CODE.fullmatch(code):
        line.unreadable("code", "mã như cap_uy_nu", "a code such as cap_uy_nu")
    aggregate = _aggregate(line)
    figures = _figures(line, "value", words)
    whole = _whole(line, aggregate, words)
    by = _disaggregate(line, [*figures, *whole])
    is_sensitive = line.flag("sensitive")
    for question in (*figures, *whole):
        if question.sensitivity == "restricted" and not is_sensitive:
            line.complain(IndicatorRevealing, "sensitive", question=question.name)
    return Indicator(
        code=code,
        label=line.labels(),
        value=tuple(question.path for question in figures),
        aggregate=aggregate,
        of=tuple(question.path for question in whole),
        unit=line.row.get("unit"),
        disaggregate=by,
        is_sensitive=is_sensitive,
    )


def _aggregate(line: Line) -> str:
    text = line.row.get("aggregate")
    if not text:
        line.complain(CellMissing, "aggregate")
    elif text not in AGGREGATES:
        line.unreadable("aggregate", ", ".join(AGGREGATES), ", ".join(AGGREGATES))
    return text


def _figures(line: Line, header: str, words: set[str | None]) -> list[Question]:
    names = line.row.get(header).split()
    if not names:
        line.complain(CellMissing, header)
    found: list[Question] = []
    for name in names:
        question = line.named(header, name, IndicatorFieldUnknown)
        if question is None:
            continue
        if question.type not in FIGURES or question.path in words:
            line.complain(IndicatorFieldUnusable, header, value=name, **_FIGURE)
        found.append(question)
    return found


def _whole(line: Line, aggregate: str, words: set[str | None]) -> list[Question]:
    if aggregate == "ratio":
        return _figures(line, "of", words)
    if line.row.get("of") and aggregate in AGGREGATES:
        line.complain(CellUnwanted, "of", rule=aggregate)
    return []


def _disaggregate(line: Line, figures: list[Question]) -> str:
    name = line.row.get("disaggregate")
    question = line.named("disaggregate", name, IndicatorFieldUnknown) if name else None
    if question is None:
        return ""
    if question.type not in _SELECTS:
        line.complain(IndicatorFieldUnusable, "disaggregate", **_SELECT)
    # In a repeat every row has its own answer: only figures of that row belong to it.
    elif question.repeat and any(figure.repeat != question.repeat for figure in figures):
        line.complain(GroupsElsewhere, "disaggregate")
    return question.path
