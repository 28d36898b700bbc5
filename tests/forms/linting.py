"""Surveys of a few rows, and what the lint says of them."""

from __future__ import annotations

from collections.abc import Mapping

from server.forms import indicators_sheet, lint, survey
from server.forms.findings import Conditions
from server.forms.problems import Complaint
from server.forms.workbook import Row, Sheet, Workbook
from tests.forms.tables import Table

VI, EN, HINT = "label::Tiếng Việt (vi)", "label::English (en)", "hint::Tiếng Việt (vi)"
HINT_EN = "hint::English (en)"
COLUMNS = ("type", "name", VI, HINT, "sensitivity", "calculation", "appearance", "parameters")
WARNING = "Không ghi tên, địa chỉ, tình tiết vụ việc."
NO_PEOPLE = "Không có người, không có tên."

Columns = tuple[str, ...]
Sheets = Mapping[str, Table]
NO_MORE: Sheets = {}
Kinds = list[type[Complaint]]
Rows = tuple[dict[str, str], ...]


def question(kind: str, label: str, hint: str = "", **cells: str) -> dict[str, str]:
    """Return a row; a text comes with the warning, whatever else its hint says."""
    warned = f"{hint} {WARNING}".strip() if kind == "text" else hint
    sound = {"type": kind, "name": "q", VI: label, HINT: warned, "sensitivity": "internal"}
    return {**sound, **cells}


def found(
    *rows: dict[str, str], columns: Columns = COLUMNS, more: Sheets = NO_MORE
) -> list[Complaint]:
    """Return what the lint says of a survey with these rows, beside other sheets."""
    sheet = (columns, *(tuple(row.get(column) for column in columns) for row in rows))
    book = Workbook({name: read(name, table) for name, table in {"survey": sheet, **more}.items()})
    indicators, _ = indicators_sheet.read(book, survey.read(book), Conditions())
    complaints = lint.check(book, indicators)
    assert all(c.sentence() and c.sentence("en") for c in complaints)
    return complaints


def read(name: str, table: Table) -> Sheet:
    """Return a sheet as the reader of workbooks gives it, without a file between."""
    header = [str(cell) for cell in table[0]]
    rows = [
        Row(number, {h: str(cell) for h, cell in zip(header, row, strict=False) if cell})
        for number, row in enumerate(table[1:], 2)
    ]
    columns = {title: chr(ord("A") + n) for n, title in enumerate(header)}
    return Sheet(name, columns, tuple(rows))


def kinds(*rows: dict[str, str], more: Sheets = NO_MORE) -> Kinds:
    return [type(complaint) for complaint in found(*rows, more=more)]
