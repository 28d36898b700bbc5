"""From a workbook to what phones download: findings filled in, then pyxform.

The door of pyxform. `python -m server.forms.compile` does it in a process of its own, see
`sandbox`. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from server.forms import findings_sheet, indicators_sheet, lint, survey, workbook, xform, xpath
from server.forms.compiled import CompiledForm, Extra, Places
from server.forms.explanations import explain
from server.forms.findings import Conditions
from server.forms.indicators import Indicators
from server.forms.problems import (
    CalculationDiffers,
    CellMissing,
    CellUnreadable,
    ColumnMissing,
    Complaint,
    EntitiesUncompilable,
    SheetMissing,
    SubmissionElsewhere,
    Uncompilable,
    WorkbookRefused,
)
from server.forms.survey import Survey
from server.forms.workbook import Sheet, Workbook

SENSITIVITIES = ("public", "internal", "restricted")

_SHEETS = ("survey", "settings")
_NEEDED = {"survey": ("type", "name"), "settings": ("form_id", "form_title")}
# As OpenRosa's formID, but only what stands in an address and a folder name without escapes.
_FORM_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,248}")
# What pyxform 4.5.0 lets out when a workbook is odd in a way that it did not foresee.
_BUGS = (AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError)
_ROW = re.compile(r"\[row : (\d+)\]")
_SHEET = re.compile(r"[Oo]n the '(\w+)' sheet")
_COLUMN = re.compile(r"the '([\w: ]+)' value")


def compile_workbook(data: bytes) -> CompiledForm:
    """Compile a workbook; the same bytes always give the same form.

    Raises NotAWorkbook, WorkbookTooBig, WorkbookUnsafe; WorkbookRefused with every complaint that
    can be found before pyxform, or else with the first of pyxform's; FormUnusable.
    """
    book = workbook.read(data)
    complaints = _structure(book)
    if complaints:
        raise WorkbookRefused(complaints)
    asked = survey.read(book)
    conditions, complaints = findings_sheet.read(book, asked)
    indicators, more = indicators_sheet.read(book, asked, conditions)
    complaints += more + _settings(book.sheet("settings")) + _sensitivities(asked)
    if not complaints:  # else the codes are not known
        complaints = _evidence(asked, conditions)
    if complaints:
        raise WorkbookRefused(complaints)
    filled = workbook.filled(data, "survey", _cells(asked, conditions))
    return _converted(filled, book, asked, conditions, indicators)


def _converted(
    filled: bytes,
    book: Workbook,
    asked: Survey,
    conditions: Conditions,
    indicators: Indicators,
) -> CompiledForm:
    try:
        converted = convert(filled, file_type=".xlsx")
    except PyXFormError as error:
        complaint = _complaint(str(error), error.context, book, asked)
        raise WorkbookRefused([complaint]) from error
    except _BUGS as error:
        complaint = _complaint(f"{type(error).__name__}: {error}", {}, book, asked)
        raise WorkbookRefused([complaint]) from error
    document = converted.xform.encode()
    form = xform.parse(document)
    return CompiledForm(
        form_id=form.form_id,
        version=form.version,
        title=form.title,
        xform=document,
        itemsets=None if converted.itemsets is None else converted.itemsets.encode(),
        warnings=tuple(converted.warnings),
        conditions=conditions,
        filled=filled,
        places=Places(dict(asked.rows), dict(asked.sheet.columns)),
        extras={
            q.path: Extra(q.sensitivity, tuple(q.evidence_for.split()))
            for q in asked.by_path.values()
            if q.sensitivity or q.evidence_for
        },
        indicators=indicators,
        lint=tuple(lint.check(book, indicators)),
    )


def _structure(book: Workbook) -> list[Complaint]:
    missing: list[Complaint] = [
        SheetMissing(sheet=name) for name in _SHEETS if not book.sheet(name).rows
    ]
    if missing:
        return missing
    return [
        ColumnMissing(sheet=name, row=1, header=header)
        for name, headers in _NEEDED.items()
        for header in headers
        if header not in book.sheet(name).columns
    ]


def _settings(sheet: Sheet) -> list[Complaint]:
    row, found = sheet.rows[0], list[Complaint]()
    for header in _NEEDED["settings"]:
        if not row.get(header):
            found.append(CellMissing(**_at(sheet, row.number, header)))
    if row.get("form_id") and not _FORM_ID.fullmatch(row.get("form_id")):
        found.append(
            CellUnreadable(
                **_at(sheet, row.number, "form_id"),
                value=row.get("form_id"),
                wanted="chữ không dấu, số, dấu _ . -, bắt đầu bằng chữ, ví dụ kt_18_5",
                wanted_en="letters without accents, digits, _ . -, a letter first: kt_18_5",
            )
        )
    if row.get("submission_url"):
        found.append(SubmissionElsewhere(**_at(sheet, row.number, "submission_url")))
    return found


def _sensitivities(asked: Survey) -> list[Complaint]:
    return [
        CellUnreadable(
            **_at(asked.sheet, question.row, "sensitivity"),
            value=question.sensitivity,
            wanted=", ".join(SENSITIVITIES),
            wanted_en=", ".join(SENSITIVITIES),
        )
        for question in asked.by_path.values()
        if question.sensitivity and question.sensitivity not in SENSITIVITIES
    ]


def _evidence(asked: Survey, conditions: Conditions) -> list[Complaint]:
    codes = {condition.code for condition in conditions.conditions}
    return [
        CellUnreadable(
            **_at(asked.sheet, question.row, "evidence_for"),
            value=code,
            wanted="mã điều kiện có ở trang findings",
            wanted_en="the code of a condition in the findings sheet",
        )
        for question in asked.by_path.values()
        for code in question.evidence_for.split()
        if code not in codes
    ]


def _cells(asked: Survey, conditions: Conditions) -> dict[str, str]:
    """Return what to write where. Raises WorkbookRefused for a formula of the designer's own."""
    computed = frozenset(q.path for q in asked.by_path.values() if q.type == "calculate")
    header = asked.calculation_header
    cells, complaints = dict[str, str](), list[Complaint]()
    for path, formula in xpath.calculations(conditions, computed).items():
        question = asked.by_path[path]
        if not header:
            raise WorkbookRefused([ColumnMissing(sheet="survey", row=1, header="calculation")])
        if question.calculation not in ("", formula):  # an exported workbook comes filled
            place = _at(asked.sheet, question.row, header)
            complaints.append(CalculationDiffers(**place, value=question.name))
        cells[f"{asked.sheet.columns[header]}{question.row}"] = formula
    if complaints:
        raise WorkbookRefused(complaints)
    return cells


def _complaint(
    said: str, context: Mapping[str, object], book: Workbook, asked: Survey
) -> Complaint:
    """Return what pyxform said, with the cell it meant as far as it told."""
    row, sheet, header = (pattern.search(said) for pattern in (_ROW, _SHEET, _COLUMN))
    name = str(context.get("sheet") or (sheet[1] if sheet else "survey"))
    title = str(context.get("column") or (header[1] if header else ""))
    number = int(str(context.get("row") or (row[1] if row else _row_named(said, asked))))
    if title == "dataset":  # what pyxform calls it
        title = book.sheet(name).header("list_name", "dataset")
    kind = EntitiesUncompilable if name == "entities" or title == "save_to" else Uncompilable
    return kind(**_at(book.sheet(name), number, title), explanation=explain(said), original=said)


def _row_named(said: str, asked: Survey) -> int:
    """Return the row of the question, or of the type, that pyxform quotes; 0 for none."""
    for word in re.findall(r"'([^']+)'", said):
        for question in asked.by_path.values():
            if word in (question.name, question.type):
                return question.row
    return 0


def _at(sheet: Sheet, row: int, header: str) -> dict[str, object]:
    column = sheet.columns.get(header, "")
    return {"sheet": sheet.name.lower(), "row": row, "column": column, "header": header}
