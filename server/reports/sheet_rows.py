"""Rows of a worksheet as XML: written out by hand, since xlsxwriter takes three times as long.

Text stands in its cell (ECMA-376-1, 18.18.11 inlineStr) as text, whatever it says: xlsxwriter takes
`<r>…</r>` for XML of its own, and a workbook in which somebody answered that cannot be opened.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from server.reports.answers import Cell

_LONGEST = 32_767  # characters of a cell, in UTF-16
_CUT = "… [cắt bớt, xem tệp CSV]"
_DAY_ZERO = dt.date(1899, 12, 30).toordinal()
_FIRST_DAY = 61  # 1/3/1900: before it, spreadsheets count in two ways
_ONE_DAY = dt.timedelta(days=1)
_NUMBER = (int, float)
# Whatever does not stand in XML as it is, and blanks that would be lost.
_is_unusual = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_|\A\s|\s\Z").search
_MARK = re.compile(r"_(x[0-9a-fA-F]{4}_)")  # reads as a character: the escape of what is no XML
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Styles:
    """The numbers of formats in a workbook; 0: none."""

    text: int = 0
    day: int = 0
    time: int = 0

    @property
    def of_text(self) -> str:
        """Return the attributes of a cell that is text."""
        return f' s="{self.text}" t="inlineStr"' if self.text else ' t="inlineStr"'


def row(number: int, cells: Sequence[Cell], names: Sequence[str], styles: Styles) -> str:
    """Return a row: text as text whatever it begins with, numbers and days as what they are.

    number: from 1 on. names: of the columns, A, B, …, at least as many.
    """
    parts, as_text = [f'<row r="{number}">'], styles.of_text
    for name, cell in zip(names, cells):  # noqa: B905
        if isinstance(cell, str):
            is_usual = len(cell) <= _LONGEST // 2 and not _is_unusual(cell)
            told = f"<t>{cell}</t>" if is_usual else _text(cell)
            parts.append(f'<c r="{name}{number}"{as_text}><is>{told}</is></c>')
        elif isinstance(cell, _NUMBER):
            parts.append(f'<c r="{name}{number}"><v>{cell:.16G}</v></c>')
        elif cell is not None:
            parts.append(_day(f"{name}{number}", cell, styles))
    parts.append("</row>")
    return "".join(parts)


def _text(text: str) -> str:
    marked = _MARK.sub(r"_x005F_\1", fitting(text))
    told = escape(_CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", marked))
    return f'<t xml:space="preserve">{told}</t>'


def _day(at: str, cell: dt.date, styles: Styles) -> str:
    days: float = cell.toordinal() - _DAY_ZERO
    if days < _FIRST_DAY:
        said = cell.isoformat(" ", "minutes") if isinstance(cell, dt.datetime) else str(cell)
        return f'<c r="{at}"{styles.of_text}><is>{_text(said)}</is></c>'
    style = styles.day
    if isinstance(cell, dt.datetime):
        days += (cell - dt.datetime.combine(cell, dt.time())) / _ONE_DAY
        style = styles.time
    return f'<c r="{at}" s="{style}"><v>{days:.16G}</v></c>'


def fitting(text: str) -> str:
    """Return a text as a cell holds it; a longer one says that it was cut."""
    if len(text) <= _LONGEST // 2 or len(text.encode("utf-16-le")) // 2 <= _LONGEST:
        return text
    room = (_LONGEST - len(_CUT)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + _CUT
