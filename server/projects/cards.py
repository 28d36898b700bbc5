"""Cards to print, cut and hand out: one for each inspector, eight on a page of A4.

A card carries the settings code and says whose it is; the key stands in the code alone, so that
nobody reads it over a shoulder or finds it by searching the PDF.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, cast

from server.projects import qr

if TYPE_CHECKING:
    from fpdf import FPDF

# Millimetres from here on.
_PAGE_WIDTH, _PAGE_HEIGHT = 210.0, 297.0
_COLUMNS, _ROWS = 2, 4
_WIDTH, _HEIGHT = 97.0, 70.0
_LEFT = (_PAGE_WIDTH - _COLUMNS * _WIDTH) / 2
_TOP = (_PAGE_HEIGHT - _ROWS * _HEIGHT) / 2
_PADDING = 4.0
_CODE = 50.0  # a side of the code; the white around it is its quiet zone
_TEXT = _WIDTH - _CODE - 3 * _PADDING
_LINE = 4.6

_FONTS = Path(__file__).with_name("fonts")
_GREY = 110
_SMALL, _PLAIN, _LARGE = 7.5, 9.0, 11.0  # points

_HOW = "Mở ODK Collect, chọn «Quét mã QR»."
_WARNING = (
    "Mã này là chìa khóa riêng: không chụp, không gửi cho ai. Mất thẻ hoặc mất máy: báo ngay."
)


@dataclass(frozen=True, slots=True)
class Card:
    """What one card says."""

    name: str  # of the inspector
    team: str
    project_name: str
    serial: str
    username: str
    expires_on: dt.date | None  # the last day, where the phones are
    code: str  # what the QR code says


def pdf(cards: Sequence[Card]) -> bytes:
    """Return the pages, in the order of the cards."""
    # Imported here and not when a worker starts: with fontTools it takes 25 MB and half a second.
    pages: FPDF = import_module("fpdf").FPDF(format="A4", unit="mm")
    pages.set_auto_page_break(False)
    pages.c_margin = 0
    pages.set_title("Thẻ cài đặt ODK Collect")
    for style, file in (("", "Roboto-Regular.ttf"), ("B", "Roboto-Bold.ttf")):
        pages.add_font("Roboto", style, _FONTS / file)
    for position, card in enumerate(cards):
        row, column = divmod(position % (_COLUMNS * _ROWS), _COLUMNS)
        if row == column == 0:
            pages.add_page()
        _draw(pages, card, _LEFT + column * _WIDTH, _TOP + row * _HEIGHT)
    return bytes(pages.output())


def _draw(pages: FPDF, card: Card, left: float, top: float) -> None:
    pages.set_draw_color(_GREY)
    pages.set_line_width(0.1)
    pages.set_dash_pattern(dash=1.5, gap=1.5)
    pages.rect(left, top, _WIDTH, _HEIGHT)  # where to cut
    pages.set_dash_pattern()
    _draw_code(pages, card.code, left + _PADDING, top + _PADDING)
    pages.set_xy(left + _CODE + 2 * _PADDING, top + _PADDING)
    _write(pages, card.name, _LARGE, is_bold=True, most_lines=3)
    _write(pages, card.team, _PLAIN, most_lines=2)
    _write(pages, card.project_name, _SMALL, most_lines=3)
    day = f"Hạn dùng: {card.expires_on:%d/%m/%Y}" if card.expires_on else "Không thời hạn"
    _write(pages, day, _PLAIN)
    _write(pages, f"Số thẻ: {card.serial}", _PLAIN)
    _write(pages, f"Người dùng: {card.username}", _PLAIN)
    pages.set_xy(left + _PADDING, top + _CODE + 1.5 * _PADDING)
    _write(pages, f"{_HOW} {_WARNING}", _SMALL, width=_WIDTH - 2 * _PADDING, most_lines=2)


def _write(
    pages: FPDF,
    text: str,
    size: float,
    *,
    is_bold: bool = False,
    width: float = _TEXT,
    most_lines: int = 1,
) -> None:
    """Write text below what was written last; what does not fit ends in dots."""
    if not text:
        return
    left = pages.get_x()
    pages.set_font("Roboto", "B" if is_bold else "", size)
    height = _LINE * size / _PLAIN
    measured = pages.multi_cell(width, height, text, align="L", dry_run=True, output="LINES")
    lines = cast(list[str], measured)  # what "LINES" gives
    kept = lines[:most_lines]
    if len(lines) > most_lines:
        kept[-1] = kept[-1].rstrip()[:-1] + "…"
    for line in kept:
        pages.set_x(left)
        pages.cell(width, height, line, new_x="LEFT", new_y="NEXT")


def _draw_code(pages: FPDF, code: str, left: float, top: float) -> None:
    """Draw the code as rectangles: sharp at any size, and no text."""
    rows = qr.modules(code)
    side = _CODE / len(rows)
    pages.set_fill_color(0)
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                pages.rect(left + x * side, top + y * side, length * side, side, style="F")
            x += length
