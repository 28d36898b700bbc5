"""Read the `findings` sheet of a workbook: one row a condition, further rows its further rules.

Every complaint is collected with its cell, so that a designer mends the sheet in one round.
No Django.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.forms.findings import (
    KINDS,
    Condition,
    Conditions,
    Rule,
    Threshold,
    is_month_and_day,
    threshold_of,
)
from server.forms.lines import FIGURES, Line, missing_columns
from server.forms.problems import (
    AnswerMissing,
    CalculationMissing,
    CalculationUnusable,
    CellMissing,
    CellUnwanted,
    Complaint,
    FieldUnknown,
    FieldUnusable,
    RowContradicts,
)
from server.forms.survey import Question, Survey
from server.forms.workbook import Workbook

SHEET = "findings"
PERIOD, YEAR, RESULT, CRITERIA_SET = "h_period", "h_year", "z_result", "h_criteria_set"
EVIDENCE_ANSWERS = ("seen", "copied", "none")

_ABOUT_RULE = ("rule", "value", "of", "threshold", "evidence")
_ABOUT_CONDITION = ("applies", "core", "legal_basis", "verified")
_COLUMNS = ("code", *_ABOUT_RULE, *_ABOUT_CONDITION)
_IN_FORCE = ("legal_from", "legal_to")  # may be left out
_CODE = re.compile(r"[A-Z][A-Z0-9]{0,9}[a-z]?")
_NAME = re.compile(r"[\w.-]+")

_ANSWERS = ("select_one", "calculate")
_DATES = ("date", "today")
_WANTED = {
    FIGURES: {
        "wanted": "số (integer, decimal, calculate)",
        "wanted_en": "a number (integer, decimal, calculate)",
    },
    _ANSWERS: {
        "wanted": "một lựa chọn (select_one, calculate)",
        "wanted_en": "one choice (select_one, calculate)",
    },
    _DATES: {"wanted": "ngày (date)", "wanted_en": "a date"},
}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a kind of rule takes. None: as the designer likes."""

    judges: tuple[str, ...]  # types of question
    is_sum: bool = False
    has_whole: bool | None = False
    has_threshold: bool = False
    has_evidence: bool | None = True


_SHAPES = {
    "yes": _Shape(_ANSWERS),
    "no": _Shape(_ANSWERS),
    "min": _Shape(FIGURES, is_sum=True, has_threshold=True),
    "zero": _Shape(FIGURES, is_sum=True),
    "ratio": _Shape(FIGURES, is_sum=True, has_whole=True, has_threshold=True),
    "plan": _Shape(FIGURES, is_sum=True, has_whole=True),
    "deadline": _Shape(_DATES, has_threshold=True, has_evidence=None),
    "shown": _Shape(FIGURES, is_sum=True, has_whole=None, has_evidence=None),
}


def read(workbook: Workbook, survey: Survey) -> tuple[Conditions, list[Complaint]]:
    """Return the conditions of a workbook, and everything that is wrong with its findings sheet.

    A workbook without the sheet has no conditions. Conditions are only good when there are no
    complaints.
    """
    sheet = workbook.sheet(SHEET)
    complaints = missing_columns(sheet, _COLUMNS)
    if complaints:
        return Conditions(), complaints
    lines = [Line(sheet, row, survey, complaints) for row in sheet.rows]
    conditions = _conditions(lines)
    result = survey.questions.get(RESULT)
    if any(condition.is_core for condition in conditions):
        _check_calculate(RESULT, survey, complaints)
    return (
        Conditions(
            criteria_set=_constant(survey.questions.get(CRITERIA_SET)),
            conditions=conditions,
            period=_path(survey, PERIOD),
            year=_path(survey, YEAR),
            result=result.path if result and conditions else None,
        ),
        complaints,
    )


def _question(line: Line, header: str, name: str, types: tuple[str, ...]) -> Question | None:
    """Return the question that a cell names, if it is one that can stand there."""
    found = line.named(header, name, FieldUnknown)
    if found and (found.type not in types or found.is_repeated):
        line.complain(FieldUnusable, header, value=name, **_WANTED[types])
    return found


def _check_answers(line: Line, header: str, question: Question, answers: Sequence[str]) -> None:
    """Complain about answers that a question from this workbook's own lists cannot give."""
    offered = line.survey.choices.get(question.choice_list)
    for answer in answers if offered is not None else ():
        if answer not in (offered or ()):
            line.complain(
                AnswerMissing,
                header,
                value=answer,
                question=question.name,
                choice_list=question.choice_list,
            )


def _conditions(lines: Sequence[Line]) -> tuple[Condition, ...]:
    found: dict[str, Condition] = {}
    first: dict[str, Line] = {}
    for line in lines:
        code = line.row.get("code")
        if not code:
            line.complain(CellMissing, "code")
            continue
        if not _CODE.fullmatch(code):
            line.unreadable("code", "mã như A1, A7b", "a code such as A1, A7b")
        rule = _rule(line)
        if code in found:
            _check_same(line, first[code])
            found[code] = replace(found[code], rules=(*found[code].rules, rule))
        else:
            first[code] = line
            found[code] = _condition(line, code, rule)
    return tuple(found.values())


def _condition(line: Line, code: str, rule: Rule) -> Condition:
    name = f"f_{code.lower()}"
    _check_calculate(name, line.survey, line.complaints)
    labels = line.labels()
    return Condition(
        code=code,
        label=labels,
        rules=(rule,),
        calculate=_path(line.survey, name) or name,
        applies=_applies(line),
        is_core=line.flag("core"),
        is_verified=line.flag("verified"),
        legal_basis=line.row.get("legal_basis"),
        **_in_force(line),
    )


def _check_same(line: Line, first: Line) -> None:
    for header in (*_ABOUT_CONDITION, *_IN_FORCE, *line.label_headers()):
        if line.row.get(header) not in ("", first.row.get(header)):
            line.complain(
                RowContradicts, header, value=line.row.get("code"), first=first.row.number
            )


def _check_calculate(name: str, survey: Survey, complaints: list[Complaint]) -> None:
    """Complain unless the survey has a row that always shows what is calculated."""
    question = survey.questions.get(name)
    if question is None:
        complaints.append(CalculationMissing(sheet="survey", header="name", value=name))
    elif question.type != "calculate" or question.is_repeated or question.is_conditional:
        place = {"sheet": "survey", "row": question.row, "column": survey.sheet.columns["type"]}
        complaints.append(CalculationUnusable(**place, header="type", value=name))


def _rule(line: Line) -> Rule:
    kind = line.row.get("rule")
    shape = _SHAPES.get(kind)
    if shape is None:
        if kind:
            line.unreadable("rule", ", ".join(KINDS), ", ".join(KINDS))
        else:
            line.complain(CellMissing, "rule")
        return Rule("shown", ())
    rule = Rule(
        kind=kind,
        value=_values(line, shape),
        of=_whole(line, shape),
        threshold=_threshold(line, shape),
        evidence=_evidence(line, shape),
    )
    if kind == "deadline" and YEAR not in line.survey.questions:
        line.complain(FieldUnknown, "rule", value=YEAR, hint="", hint_en="")
    return rule


def _values(line: Line, shape: _Shape) -> tuple[str, ...]:
    names = line.row.get("value").split()
    if not names:
        line.complain(CellMissing, "value")
    elif len(names) > 1 and not shape.is_sum:
        line.unreadable("value", "tên của đúng một câu hỏi", "the name of one question")
    found = [q for name in names if (q := _question(line, "value", name, shape.judges))]
    if shape.judges is _ANSWERS:
        for question in found:
            _check_answers(line, "value", question, ("yes", "no"))
    return tuple(question.path for question in found)


def _whole(line: Line, shape: _Shape) -> str | None:
    if not _is_given(line, "of", shape.has_whole):
        return None
    question = _question(line, "of", line.row.get("of"), FIGURES)
    return question.path if question else None


def _evidence(line: Line, shape: _Shape) -> str | None:
    # Without a document nothing is ever «đạt», so a rule that judges must ask for one.
    if not _is_given(line, "evidence", shape.has_evidence):
        return None
    question = _question(line, "evidence", line.row.get("evidence"), _ANSWERS)
    if question is None:
        return None
    _check_answers(line, "evidence", question, EVIDENCE_ANSWERS)
    return question.path


def _threshold(line: Line, shape: _Shape) -> Threshold | None:
    if not _is_given(line, "threshold", shape.has_threshold):
        return None
    threshold = threshold_of(line.row.get("threshold"))
    if threshold is None:
        line.unreadable(
            "threshold",
            "số, ví dụ 12 hoặc 12; h1=6 (dấu thập phân là dấu chấm)",
            "a number, such as 12 or 12; h1=6 (with a decimal point)",
        )
        return None
    by_period = threshold.by_period
    if shape.judges is _DATES and (by_period or not is_month_and_day(threshold.default)):
        line.unreadable(
            "threshold",
            "tháng và ngày viết liền, ví dụ 610 là ngày 10 tháng 6",
            "month and day run together, such as 610 for 10 June",
        )
    if by_period and (period := _question(line, "threshold", PERIOD, _ANSWERS)):
        _check_answers(line, "threshold", period, list(by_period))
    return threshold


def _is_given(line: Line, header: str, wanted: bool | None) -> bool:
    """Tell whether to read a cell; complain when it is blank or filled against the rule."""
    is_given = bool(line.row.get(header))
    if wanted and not is_given:
        line.complain(CellMissing, header)
    if wanted is False and is_given:
        line.complain(CellUnwanted, header, rule=line.row.get("rule"))
        return False
    return is_given


def _applies(line: Line) -> tuple[str, str] | None:
    """Read "h_unit_type=xa"."""
    text = line.row.get("applies")
    if not text:
        return None
    name, separator, answer = (part.strip() for part in text.partition("="))
    if not separator or not _NAME.fullmatch(answer):
        line.unreadable(
            "applies",
            "tên_câu_hỏi=lựa_chọn, ví dụ h_unit_type=xa",
            "question=choice, such as h_unit_type=xa",
        )
        return None
    question = _question(line, "applies", name, _ANSWERS)
    if question is None:
        return None
    _check_answers(line, "applies", question, (answer,))
    return question.path, answer


def _in_force(line: Line) -> dict[str, str]:
    """Return the days between which the legal text is in force, as they are written."""
    days = {header: _day(line, header) for header in _IN_FORCE}
    first, last = days["legal_from"], days["legal_to"]
    if first and last and last < first:
        line.unreadable("legal_to", f"ngày không trước {first}", f"a day not before {first}")
    return days


def _day(line: Line, header: str) -> str:
    text = line.row.get(header).removesuffix(" 00:00:00")  # of a cell that Excel made a date
    try:
        return dt.date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        line.unreadable(header, "ngày dạng 2026-01-31", "a date such as 2026-01-31")
        return ""


def _constant(question: Question | None) -> str:
    """Return the text that a calculation always gives: `'NTM-2021-2025'`."""
    match = re.fullmatch(r"""\s*(['"])(.*)\1\s*""", question.calculation) if question else None
    return match[2] if match else ""


def _path(survey: Survey, name: str) -> str | None:
    question = survey.questions.get(name)
    return question.path if question and not question.is_repeated else None
