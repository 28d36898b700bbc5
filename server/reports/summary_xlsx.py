"""The summary by commune as a workbook ready to send: its totals are formulas over its rows."""

from __future__ import annotations

import datetime as dt
import tempfile
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
_A4 = 9
_SUMMED = ("Số lượt kiểm tra", "Kiến nghị chưa xong", "Kiến nghị quá hạn")


def workbook(table: Summary) -> Iterator[bytes]:
    """Yield the workbook of a summary: a row for each commune, counts below them."""
    with tempfile.TemporaryFile() as out:
        options = {"in_memory": False, "default_date_format": "dd/mm/yyyy"}
        with closing(xlsxwriter.Workbook(out, options)) as target:
            _Page(target, table).write()
        out.seek(0)
        while piece := out.read(blobs.CHUNK):
            yield piece


class _Page:
    """The one sheet of the workbook."""

    def __init__(self, target: Any, table: Summary) -> None:
        self._table = table
        self._sheet: Worksheet = target.add_worksheet(SHEET)
        self._bold = target.add_format({"bold": True})
        self._title = target.add_format({"bold": True, "font_size": 14})
        self._head = target.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
        )
        heading, *lines = summary_table.lines(table)
        self._heading = heading
        self._rows = [_typed(line) for line in lines[: len(table.rows)]]
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
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(row, at, fitting(cell))
            elif isinstance(cell, dt.date):
                self._sheet.write_datetime(row, at, cell)
            elif cell is not None:
                self._sheet.write_number(row, at, cell)

    def _above(self) -> None:
        table = self._table
        period = PERIOD.get(table.period or "", "Cả năm, mọi kỳ")
        self._sheet.write_string(0, 0, fitting(table.title), self._title)
        self._sheet.write_string(1, 0, f"Năm số liệu {table.year}, {period.lower()}")
        self._sheet.write_string(2, 0, f"Số liệu: {table.data.note}")

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
            self._sheet.write_string(row + number, 0, fitting(note))

    def _setup(self) -> None:
        sheet, last = self._sheet, len(self._heading) - 1
        sheet.set_row(_HEADING, _HEADING_POINTS)
        sheet.set_column(0, 0, 5)
        sheet.set_column(1, last, 12)
        sheet.set_column(_NAME, _NAME, 28)
        sheet.autofilter(_HEADING, 0, self._last, last)
        sheet.freeze_panes(_HEADING + 1, _NAME + 1)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEADING)
        sheet.set_footer("&CTrang &P/&N")

    def _column(self, column: int) -> str:
        return str(xl_range(self._first, column, self._last, column))


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
