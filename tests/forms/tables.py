"""Workbooks written in a test, as tables."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook

Table = Sequence[Sequence[object]]

LABEL = "label::Tiếng Việt (vi)"
ENGLISH = "label::English (en)"
HINT = "hint::Tiếng Việt (vi)"
SILENT = ("begin_group", "end_group", "begin_repeat", "end_repeat", "end", "calculate", "note")
SETTINGS: Table = (("form_title", "form_id", "version"), ("Thử", "thu", "2026112501"))
CHOICES: Table = (
    ("list_name", "name", LABEL),
    ("ynu", "yes", "Có"),
    ("ynu", "no", "Không"),
    ("ynu", "unk", "Chưa rõ"),
    ("ev4", "seen", "Bản gốc"),
    ("ev4", "copied", "Bản chụp"),
    ("ev4", "verbal", "Nghe báo cáo"),
    ("ev4", "none", "Không có"),
    ("period", "h1", "6 tháng"),
    ("period", "fy", "Cả năm"),
    ("unit_type", "xa", "Xã"),
    ("unit_type", "phuong", "Phường"),
)
SURVEY_HEADER = ("type", "name", LABEL, "calculation", "relevant", "sensitivity", "evidence_for")
FINDINGS_HEADER = (
    "code",
    LABEL,
    ENGLISH,
    "rule",
    "value",
    "of",
    "threshold",
    "evidence",
    "applies",
    "core",
    "legal_basis",
    "verified",
)
INDICATORS_HEADER = (
    "code",
    LABEL,
    ENGLISH,
    "value",
    "aggregate",
    "of",
    "unit",
    "disaggregate",
    "sensitive",
)
# A form with one condition, A1: there is a plan, and somebody has seen it.
SURVEY: Table = (
    SURVEY_HEADER,
    ("begin_group", "h", "Chung"),
    ("date", "h_date", "Ngày"),
    ("select_one period", "h_period", "Kỳ"),
    ("integer", "h_year", "Năm"),
    ("select_one unit_type", "h_unit_type", "Loại"),
    ("end_group",),
    ("select_one ynu", "plan", "Có kế hoạch?", None, None, "public", "A1"),
    ("select_one ev4", "plan_ev", "Căn cứ"),
    ("calculate", "f_a1"),
    ("calculate", "z_result"),
)
FINDINGS: Table = (
    FINDINGS_HEADER,
    ("A1", "Có kế hoạch", "Has a plan", "yes", "plan", None, None, "plan_ev", None, "yes"),
)


def workbook(sheets: Mapping[str, Table]) -> bytes:
    """Return a workbook with these sheets, first row first."""
    book = Workbook()
    del book[book.sheetnames[0]]
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        for row in table:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def form(
    survey: Table = SURVEY,
    choices: Table = CHOICES,
    settings: Table = SETTINGS,
    findings: Table = FINDINGS,
    **more: Table,
) -> bytes:
    """Return the workbook of the small form, with other sheets where given, and more of them.

    What every form must say (server.forms.lint) is filled in where the test says nothing of it.
    """
    sheets = {"survey": survey, "choices": choices, "settings": settings, "findings": findings}
    return workbook({name: completed(table) for name, table in {**sheets, **more}.items()})


def completed(table: Table) -> Table:
    """Return a table with who may see each answer, and the warning of each text."""
    header = [str(cell or "") for cell in (table or ((),))[0]]
    rows = [dict(zip(header, row, strict=False)) for row in table[1:]]
    for row in rows:
        kind = str(row.get("type") or "end").split()[0]
        if kind not in SILENT and "sensitivity" in header:
            row["sensitivity"] = row.get("sensitivity") or "internal"
        if kind == "text" and row.get(LABEL):
            row.setdefault(HINT, "Không ghi tên, địa chỉ, tình tiết vụ việc.")
    if any(HINT in row for row in rows):
        header = [*dict.fromkeys([*header, HINT])]
    return (tuple(header), *(tuple(row.get(name) for name in header) for row in rows))


def with_rows(table: Table, *rows: Sequence[object]) -> Table:
    """Return a table with rows added at its end."""
    return (*table, *rows)


def version(number: str, title: str = "Thử", form_id: str = "thu") -> Table:
    """Return a settings sheet."""
    return (SETTINGS[0], (title, form_id, number))
