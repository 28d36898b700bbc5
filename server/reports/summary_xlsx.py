"""The summary by commune as a workbook ready to send: its totals are formulas over its rows."""

from __future__ import annotations

import datetime as dt
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from server import blobs
from server.forms.eras import UNVERIFIED_NOTE
from server.inspections.commune_rows import LABELS, NOT_INSPECTED
from server.inspections.summary import Summary
from server.reports import summary_table
from server.reports.answers import Cell
from server.reports.sheet_rows import fitting
from server.reports.summary_table import NO_DATA, PERIOD

SHEET = "Tổng hợp"
_CODE, _NAME, _STATUS, _DAY, _CONDITIONS = 1, 2, 3, 4, 6  # columns
_HEADING = 4  # row
_HEADING_POINTS = 78  # five lines
_LINE, _TITLE_LINE = 15.0, 20.0  # points
_DATE = "dd/mm/yyyy"
_A4 = 9
_PAGES = 4  # side by side, each with the communes' names: on one, its 36 columns are unreadable
_MARGIN = 0.4  # inch
# Characters in a column, by the longest text in it, which is wrapped.
_WIDTHS = ((16, 15.0), (60, 24.0), (100, 40.0), (10_000, 80.0))
_SUMMED = ("Số lượt kiểm tra", "Kiến nghị chưa xong", "Kiến nghị quá hạn")


def workbook(table: Summary) -> Iterator[bytes]:
    """Yield the workbook of a summary: a row for each commune, counts below them."""
    with tempfile.TemporaryFile() as out:
        with closing(xlsxwriter.Workbook(out, {"in_memory": False})) as target:
            _Page(target, table).write()
        out.seek(0)
        while piece := out.read(blobs.CHUNK):
            yield piece


class _Page:
    """The one sheet of the workbook."""

    def __init__(self, target: Any, table: Summary) -> None:
        self._table = table
        self._sheet: Worksheet = target.add_worksheet(SHEET)
        cell = {"valign": "top", "border": 1, "border_color": "#BFBFBF"}
        self._words = target.add_format({"text_wrap": True, **cell})
        self._number = target.add_format({"align": "center", **cell})
        self._date = target.add_format({"num_format": _DATE, "align": "left", **cell})
        self._bold = target.add_format({"bold": True})
        self._title = target.add_format({"bold": True, "font_size": 14, "text_wrap": True})
        self._note = target.add_format({"text_wrap": True, "valign": "top"})
        self._head = target.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
        )
        heading, *lines = summary_table.lines(table)
        self._heading = heading
        self._rows = [_typed(line) for line in lines[: len(table.rows)]]
        self._widths = [self._width(column) for column in range(len(heading))]
        self._first = _HEADING + 1
        self._last = _HEADING + max(len(self._rows), 1)  # row

    def write(self) -> None:
        """Write everything."""
        self._above()
        for at, text in enumerate(self._heading):
            self._sheet.write_string(_HEADING, at, fitting(text), self._head)
        for number, cells in enumerate(self._rows):
            self._put(self._first + number, cells)
        end = self._below(self._last + 2)
        self._notes(end + 1)
        self._setup()

    def _put(self, row: int, cells: Sequence[Cell]) -> None:
        lines = 1
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(row, at, fitting(cell), self._words)
                lines = max(lines, _lines(cell, self._widths[at]))
            elif isinstance(cell, dt.date):
                self._sheet.write_datetime(row, at, cell, self._date)
            elif cell is not None:
                self._sheet.write_number(row, at, cell, self._number)
            else:
                self._sheet.write_blank(row, at, None, self._words)
        # LibreOffice does not fit rows to what is in them.
        self._sheet.set_row(row, lines * _LINE)

    def _across(self, row: int, text: str, style: Any, points: float = _LINE) -> None:
        """Write a text over the columns that every printed page has."""
        width = sum(self._widths[: _NAME + 1])
        self._sheet.merge_range(row, 0, row, _NAME, "", style)
        self._sheet.write_string(row, 0, fitting(text), style)
        self._sheet.set_row(row, _lines(text, width * _LINE / points) * points)

    def _above(self) -> None:
        table = self._table
        period = PERIOD.get(table.period or "", "Cả năm, mọi kỳ")
        self._across(0, table.title, self._title, _TITLE_LINE)
        self._across(1, f"Năm số liệu {table.year}, {period.lower()}", self._note)
        self._across(2, f"Số liệu: {table.data.note}", self._note)

    def _below(self, row: int) -> int:
        """Write the totals from a row on; return the next free one."""
        counted = [_STATUS, *range(_CONDITIONS, _CONDITIONS + len(self._table.conditions))]
        for status, label in LABELS.items():
            self._sheet.write_string(row, _NAME, f"Số xã: {label.lower()}", self._bold)
            # Conditions are blank where nobody was: counting words would say zero.
            for column in counted[:1] if status == NOT_INSPECTED else counted:
                formula = f'=COUNTIF({self._column(column)},"{label}")'
                value = sum(cells[column] == label for cells in self._rows)
                self._sheet.write_formula(row, column, formula, self._bold, value)
            row += 1
        return self._sums(row)

    def _sums(self, row: int) -> int:
        self._sheet.write_string(row, _NAME, "Cộng các xã trên", self._bold)
        totals = self._table.totals
        for column, heading in enumerate(self._heading):
            if heading.startswith(_SUMMED):
                numbers = [n for cells in self._rows if isinstance(n := cells[column], int)]
                value, cells = sum(numbers), self._column(column)
                # Where nobody knows there is a word, never a zero.
                formula = f'=IF(COUNT({cells})=0,"{NO_DATA}",SUM({cells}))'
                told = value if numbers else NO_DATA
                self._sheet.write_formula(row, column, formula, self._bold, told)
            if heading.startswith(_SUMMED[0]):
                elsewhere = totals.of_former_units, totals.without_unit
                self._whole(row, column, value, elsewhere)
        return row + 4

    def _whole(self, row: int, column: int, value: int, elsewhere: tuple[int, int]) -> None:
        """Write what no commune's row has, and the sum with it."""
        words = ("Lượt ở đơn vị cũ", "Lượt chưa rõ xã")
        for number, (word, count) in enumerate(zip(words, elsewhere, strict=True), start=1):
            self._sheet.write_string(row + number, _NAME, word)
            self._sheet.write_number(row + number, column, count)
        self._sheet.write_string(row + 3, _NAME, "Toàn tỉnh, số lượt kiểm tra", self._bold)
        formula = f"=SUM({xl_range(row, column, row + 2, column)})"
        self._sheet.write_formula(row + 3, column, formula, self._bold, value + sum(elsewhere))

    def _notes(self, row: int) -> None:
        notes = [f"Theo địa giới ngày {self._table.boundary_date:%d/%m/%Y}.", *self._table.sources]
        if not all(condition.is_verified for condition in self._table.conditions):
            notes.append(f"«{UNVERIFIED_NOTE}»: ngưỡng chưa được đối chiếu với văn bản gốc.")
        notes += (f"{note}." for note in summary_table.standing_notes(self._table.rows))
        for number, note in enumerate(notes):
            self._across(row + number, note, self._note)

    def _setup(self) -> None:
        sheet, last = self._sheet, len(self._heading) - 1
        sheet.set_row(_HEADING, _HEADING_POINTS)
        for column, width in enumerate(self._widths):
            sheet.set_column(column, column, width)
        sheet.autofilter(_HEADING, 0, self._last, last)
        sheet.freeze_panes(_HEADING + 1, _NAME + 1)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(_MARGIN, _MARGIN, _MARGIN, 2 * _MARGIN)
        sheet.fit_to_pages(_PAGES, 0)
        sheet.repeat_rows(_HEADING)
        sheet.repeat_columns(0, _NAME)
        sheet.set_footer("&CTrang &P/&N")

    def _width(self, column: int) -> float:
        if column < _NAME:
            return 7
        longest = max((len(str(cells[column])) for cells in self._rows), default=0)
        width = next(width for most, width in _WIDTHS if longest <= most)
        return 28 if column == _NAME else width

    def _column(self, column: int) -> str:
        return str(xl_range(self._first, column, self._last, column))


def _lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of some width, in characters."""
    return len(textwrap.wrap(text, int(width) - 1)) or 1


def _typed(line: Sequence[str]) -> list[Cell]:
    """Return a line with days and numbers as what they are; codes keep their zeros."""
    cells: list[Cell] = []
    for at, text in enumerate(line):
        if at == _DAY and text:
            cells.append(dt.datetime.strptime(text, "%d/%m/%Y").date())  # noqa: DTZ007 - a day
        elif at != _CODE and text.isascii() and text.isdigit():
            cells.append(int(text))
        else:
            cells.append(text or None)
    return cells
