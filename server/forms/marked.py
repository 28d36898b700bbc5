"""Complaints beside the cells that they are about, for whoever mends a workbook on a page.

No Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.errors import Problem
from server.forms import workbook
from server.forms.problems import Complaint
from server.forms.workbook import Row, Sheet


@dataclass(frozen=True, slots=True)
class Marked:
    """One complaint and what stands where it points."""

    complaint: Complaint
    sheet: str  # as the workbook calls it
    row: int  # as Excel counts; 0: the whole sheet
    column: str  # letters; "": the whole row
    header: str
    cell: str  # its text; "": blank, or no one cell is meant
    label: str  # what the row is called in the form, else its type


def marked(data: bytes, complaints: Iterable[Complaint]) -> list[Marked]:
    """Return each complaint with its cell's text; without texts where the file cannot be read.

    data: the .xlsx file that they are about.
    """
    try:
        book = workbook.read(data)
    except Problem:  # what is complained about says so itself
        book = workbook.Workbook({})
    return list(_marked(book, complaints))


def _marked(book: workbook.Workbook, complaints: Iterable[Complaint]) -> Iterator[Marked]:
    rows = {name: {row.number: row for row in sheet.rows} for name, sheet in book.sheets.items()}
    for complaint in complaints:
        details = complaint.details
        name, number = str(details["sheet"]), int(str(details["row"] or 0))
        sheet = book.sheet(name.lower())
        row = rows.get(name.lower(), {}).get(number, Row(number, {}))
        header = str(details["header"])
        column = str(details["column"]) or sheet.columns.get(header, "")
        cell = row.get(header) if number != 1 else (header if header in sheet.columns else "")
        yield Marked(complaint, sheet.name, number, column, header, cell, _label(sheet, row))


def _label(sheet: Sheet, row: Row) -> str:
    labels = [header for header in sheet.columns if header.partition("::")[0] == "label"]
    return row.get(*labels) or row.get("name", "code", "type")
