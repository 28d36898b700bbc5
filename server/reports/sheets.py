"""Tables for people as an XLSX workbook: a sheet each, the heading frozen, with filters.

Rows go out as they come (xlsxwriter's constant memory): what is held is one row of each sheet.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import IO, Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from server import blobs
from server.reports import sensitive_sums
from server.reports.answers import Cell, Column, Kind
from server.reports.people_table import DICTIONARY, Book, Sheet
from server.reports.problems import WorkbookTooLarge
from server.reports.records import Keys

_MOST_ROWS = 1_048_576
_MOST_CELLS = 20_000_000  # some 2 GB of memory in Excel; WorkbookTooLarge says this number
_FEW = 1_000  # records that are never too many
_LOOKED_AT = 200  # of more
_LONGEST = 32_767  # characters of a cell, in UTF-16
_CUT = "… [cắt bớt, xem tệp CSV]"
_LONGEST_NAME = 31
_WIDTHS = {Kind.TEXT: 24, Kind.WHOLE: 12, Kind.NUMBER: 12, Kind.DATE: 12, Kind.TIME: 17}
_DATE, _TIME = "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
_FIRST_DAY = dt.date(1900, 3, 1)  # before it, spreadsheets count days in two ways


def refuse_too_large(book: Book, keys: Keys) -> None:
    """Raise WorkbookTooLarge for records of more cells than an office computer opens.

    Told from some of them, spread over all. book: of no other use, since it counts what it reads.
    """
    if len(keys) <= _FEW:
        return
    some = keys[:: len(keys) // _LOOKED_AT]
    cells = sum(len(row.cells) for row in book.rows(some))
    if cells * len(keys) > _MOST_CELLS * len(some):
        raise WorkbookTooLarge


def workbook(book: Book, keys: Keys) -> Iterator[bytes]:
    """Yield the workbook of some records, as `records.chosen` gives them."""
    with tempfile.TemporaryFile() as out:
        write(book, keys, out)
        out.seek(0)
        while piece := out.read(blobs.CHUNK):
            yield piece


def write(book: Book, keys: Keys, out: IO[bytes]) -> list[int]:
    """Write that workbook to a file; return which of the book's tables each sheet is of.

    A sheet that is full goes on in another of the same columns. The dictionary, which comes last,
    is not among them.
    """
    options = {"constant_memory": True, "default_date_format": _DATE}
    with closing(xlsxwriter.Workbook(out, options)) as target:
        target.use_zip64()  # only makes a difference to what could not be written without it
        sheets = _Sheets(target, book.sheets)
        for row in book.rows(keys):
            sheets.write(row.sheet, row.cells)
        sheets.finish()
        _texts(sheets, DICTIONARY, book.dictionary())
        if book.sums:
            _texts(sheets, sensitive_sums.NAME, book.sums)
    return sheets.tables


class _Sheets:
    """The sheets of a workbook that is being written."""

    def __init__(self, target: xlsxwriter.Workbook, sheets: Sequence[Sheet]) -> None:
        self._target = target
        self._sheets = sheets
        self._heading = target.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._time = target.add_format({"num_format": _TIME})
        self._taken: set[str] = set()
        self._open: list[Worksheet] = []
        self._next = [1] * len(sheets)  # row
        self.tables = list(range(len(sheets)))  # in the order of the sheets
        for sheet in sheets:
            self._open.append(self.add(sheet.name, sheet.columns))

    def add(self, name: str, columns: Sequence[Column]) -> Worksheet:
        """Return a new sheet with its heading."""
        sheet = self._target.add_worksheet(self._sheet_name(name))
        for at, column in enumerate(columns):
            sheet.set_column(at, at, _WIDTHS[column.kind])
        for at, column in enumerate(columns):
            sheet.write_string(0, at, fitting(column.heading), self._heading)
        sheet.freeze_panes(1, 0)
        return sheet

    def write(self, number: int, cells: Sequence[Cell]) -> None:
        """Write the next row of a sheet."""
        if self._next[number] == _MOST_ROWS:
            self._filter(number)
            sheet = self._sheets[number]
            self._open[number] = self.add(sheet.name, sheet.columns)
            self.tables.append(number)
            self._next[number] = 1
        put(self._open[number], self._next[number], cells, self._time)
        self._next[number] += 1

    def finish(self) -> None:
        """Put filters on what is written."""
        for number in range(len(self._open)):
            self._filter(number)

    def _filter(self, number: int) -> None:
        last = len(self._sheets[number].columns) - 1
        self._open[number].autofilter(0, 0, self._next[number] - 1, last)

    def _sheet_name(self, wanted: str) -> str:
        """Return a name that a spreadsheet takes, and no sheet has yet."""
        cleaned = re.sub(r"[\[\]:*?/\\\s\x00-\x1f]+", " ", wanted).strip(" '") or "Bảng"
        name, number = cleaned[:_LONGEST_NAME], 1
        while name.lower() in self._taken or name.lower() == "history":
            number += 1
            tail = f" ({number})"
            name = cleaned[: _LONGEST_NAME - len(tail)] + tail
        self._taken.add(name.lower())
        return name


def put(sheet: Worksheet, row: int, cells: Sequence[Cell], time: Any) -> None:
    """Write a row: text as text whatever it begins with, numbers and days as what they are.

    time: the format of times, as the workbook made it.
    """
    for at, cell in enumerate(cells):
        if cell is None:
            continue
        if isinstance(cell, str):
            sheet.write_string(row, at, fitting(cell))
        elif isinstance(cell, int | float):
            sheet.write_number(row, at, cell)
        elif isinstance(cell, dt.datetime):
            if cell.date() < _FIRST_DAY:
                sheet.write_string(row, at, cell.isoformat(" ", "minutes"))
            else:
                sheet.write_datetime(row, at, cell, time)
        elif cell < _FIRST_DAY:
            sheet.write_string(row, at, cell.isoformat())
        else:
            sheet.write_datetime(row, at, cell)


def fitting(text: str) -> str:
    """Return a text as a cell holds it; a longer one says that it was cut."""
    if len(text) <= _LONGEST // 2 or len(text.encode("utf-16-le")) // 2 <= _LONGEST:
        return text
    room = (_LONGEST - len(_CUT)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + _CUT


def _texts(sheets: _Sheets, name: str, table: Iterable[tuple[str, ...]]) -> None:
    heading, *lines = table
    sheet = sheets.add(name, [Column(words) for words in heading])
    for row, line in enumerate(lines, start=1):
        for at, text in enumerate(line):
            sheet.write_string(row, at, fitting(text))
    sheet.autofilter(0, 0, len(lines), len(heading) - 1)
