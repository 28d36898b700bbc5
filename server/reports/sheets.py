"""Tables for people as an XLSX workbook: a sheet each, the heading frozen, with filters.

Rows go out as they come (xlsxwriter's constant memory): what is held is one row of each sheet.
More records than an office computer opens become several workbooks (`server.reports.workbooks`).
"""

from __future__ import annotations

import math
import re
import tempfile
import traceback
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from server import blobs
from server.reports import sensitive_sums
from server.reports.answers import Cell, Column, Kind
from server.reports.people_table import DICTIONARY, Book, Sheet
from server.reports.problems import WorkbookTooLarge
from server.reports.records import Keys
from server.reports.sheet_rows import Styles, row

_MOST_ROWS = 1_048_576
_MOST_CELLS = 20_000_000  # some 2 GB of memory in Excel; WorkbookTooLarge says this number
_CELLS_OF_A_PART = 10_000_000
_FEW = 1_000  # records that are never too many
_LOOKED_AT = 200  # of more
_LONGEST_NAME = 31
_COLUMNS = 16  # of the tables that explain the others there are fewer
_WIDTHS = {Kind.TEXT: 24, Kind.WHOLE: 12, Kind.NUMBER: 12, Kind.DATE: 12, Kind.TIME: 17}
_DATE, _TIME = "dd/mm/yyyy", "dd/mm/yyyy hh:mm"


def parts(book: Book, keys: Keys) -> int:
    """Return in how many workbooks an office computer opens some records; mostly 1.

    Told from some of them, spread over all. book: of no other use, since it counts what it reads.
    """
    if len(keys) <= _FEW:
        return 1
    some = keys[:: len(keys) // _LOOKED_AT]
    cells = sum(len(row.cells) for row in book.rows(some)) * len(keys) / len(some)
    return 1 if cells <= _MOST_CELLS else math.ceil(cells / _CELLS_OF_A_PART)


def refuse_too_large(book: Book, keys: Keys) -> None:
    """Raise WorkbookTooLarge for records of more cells than one workbook should have.

    book: as of `parts`.
    """
    if parts(book, keys) > 1:
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
    # Of what xlsxwriter leaves in files while it works, none outlives this folder.
    with tempfile.TemporaryDirectory() as folder:
        options = {"constant_memory": True, "default_date_format": _DATE, "tmpdir": folder}
        target = xlsxwriter.Workbook(out, options)
        target.use_zip64()  # only makes a difference to what could not be written without it
        try:
            sheets = _Sheets(target, book.sheets)
            for line in book.rows(keys):
                sheets.write(line.sheet, line.cells)
            sheets.finish()
            sheets.add_texts(DICTIONARY, book.dictionary())
            if book.sums:
                sheets.add_texts(sensitive_sums.NAME, book.sums)
            target.close()
        except BaseException as failure:
            # The archive that it has begun ends itself when it is let go of: now, while `out` is
            # open, and not with a complaint to the log when it no longer is.
            traceback.clear_frames(failure.__traceback__)
            raise
    return sheets.tables


class _Sheets:
    """The sheets of a workbook that is being written."""

    def __init__(self, target: xlsxwriter.Workbook, sheets: Sequence[Sheet]) -> None:
        self._target = target
        self._sheets = sheets
        heading = target.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._heading = Styles(text=heading._get_xf_index())
        self._styles = Styles(
            day=target.default_date_format._get_xf_index(),
            time=target.add_format({"num_format": _TIME})._get_xf_index(),
        )
        widest = max(_COLUMNS, *(len(sheet.columns) for sheet in sheets))
        self._columns = [xl_col_to_name(at) for at in range(widest)]
        self._taken: set[str] = set()
        self._open: list[Worksheet] = []
        self._rows = [1] * len(sheets)  # that are written
        self.tables = list(range(len(sheets)))  # in the order of the sheets
        for sheet in sheets:
            self._open.append(self.add(sheet.name, sheet.columns))

    def add(self, name: str, columns: Sequence[Column]) -> Worksheet:
        """Return a new sheet with its heading."""
        sheet = self._target.add_worksheet(self._sheet_name(name))
        for at, column in enumerate(columns):
            sheet.set_column(at, at, _WIDTHS[column.kind])
        sheet.freeze_panes(1, 0)
        headings = [column.heading for column in columns]
        sheet.fh.write(row(1, headings, self._columns, self._heading))
        return sheet

    def write(self, number: int, cells: Sequence[Cell]) -> None:
        """Write the next row of a sheet."""
        if self._rows[number] == _MOST_ROWS:
            self._finish(number)
            sheet = self._sheets[number]
            self._open[number] = self.add(sheet.name, sheet.columns)
            self.tables.append(number)
            self._rows[number] = 1
        self._rows[number] += 1
        self._open[number].fh.write(row(self._rows[number], cells, self._columns, self._styles))

    def add_texts(self, name: str, table: Iterable[Sequence[str]]) -> None:
        """Add a sheet of texts under their heading."""
        heading, *lines = table
        sheet = self.add(name, [Column(words) for words in heading])
        for number, line in enumerate(lines, start=2):
            sheet.fh.write(row(number, line, self._columns, self._styles))
        _end(sheet, len(lines) + 1, len(heading))

    def finish(self) -> None:
        """Put filters on what is written."""
        for number in range(len(self._open)):
            self._finish(number)

    def _finish(self, number: int) -> None:
        _end(self._open[number], self._rows[number], len(self._sheets[number].columns))

    def _sheet_name(self, wanted: str) -> str:
        """Return a name that a spreadsheet takes, and no sheet has yet."""
        cleaned = re.sub(r"[\[\]:*?/\\\s\x00-\x1f]+", " ", wanted).strip(" '") or "Bảng"
        # What ends in an apostrophe only where it is cut is refused as well.
        name, number = cleaned[:_LONGEST_NAME].rstrip(" '"), 1
        while name.lower() in self._taken or name.lower() == "history":
            number += 1
            tail = f" ({number})"
            name = cleaned[: _LONGEST_NAME - len(tail)] + tail
        self._taken.add(name.lower())
        return name


def _end(sheet: Worksheet, rows: int, columns: int) -> None:
    """Put filters on a sheet, and say how large it is: xlsxwriter has not seen its rows."""
    sheet.autofilter(0, 0, rows - 1, columns - 1)
    sheet.dim_rowmin, sheet.dim_rowmax = 0, rows - 1
    sheet.dim_colmin, sheet.dim_colmax = 0, columns - 1
