"""Tables for people as CSV that a Vietnamese Excel opens with a double click."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from typing import IO

from server.csv_rows import RowWriter
from server.reports import sensitive_sums
from server.reports.answers import Cell
from server.reports.archive import MANY, Member, poured, safe_name, spool, waited, written
from server.reports.cells import guard_all, guarded
from server.reports.people_table import DICTIONARY, Book
from server.reports.records import Keys
from server.reports.rows import ROOT

SEPARATORS = (";", ",")
_PIECE = 64 * 1024  # characters of a table that are held before they go out
_END = "\r\n"
_MARK = "\ufeff"  # without it Excel garbles Vietnamese


def archive(book: Book, keys: Keys, separator: str) -> Iterator[bytes]:
    """Yield a zip of a CSV for each table, and of the dictionary.

    separator: `;` as Excel in Vietnamese wants it, with decimal commas and days first, or `,` with
    points and days as 2026-05-20, which no country reads as another day.
    """
    with ExitStack() as open_files:
        spools = [open_files.enter_context(spool()) for _ in book.sheets]
        yield from written(_members(book, keys, separator, spools), dt.datetime.now(dt.UTC))


def _members(book: Book, keys: Keys, separator: str, spools: Sequence[IO[str]]) -> Iterator[Member]:
    names = [f"{safe_name(sheet.name)}.csv" for sheet in book.sheets]
    root = _root(book, keys, separator, spools)
    yield Member(names[ROOT], root, may_be_huge=len(keys) > MANY)
    for name, waiting in zip(names[1:], spools[1:], strict=True):
        yield waited(name, waiting)
    yield Member(f"{DICTIONARY}.csv", _texts(book.dictionary(), separator))
    if book.sums:
        yield Member(f"{sensitive_sums.NAME}.csv", _texts(book.sums, separator))


def _root(book: Book, keys: Keys, separator: str, spools: Sequence[IO[str]]) -> Iterator[bytes]:
    """Yield the records' table; the rows of the others go into their spools meanwhile."""
    outs = [io.StringIO(newline="") for _ in spools]
    writers = [RowWriter(out, separator, _END) for out in outs]
    for out, writer, sheet in zip(outs, writers, book.sheets, strict=True):
        out.write(_MARK)
        writer.row([guarded(column.heading) for column in sheet.columns])
    for row in book.rows(keys):
        if row.sheet == ROOT and any(out.tell() > _PIECE for out in outs):
            yield poured(outs, spools)
        writers[row.sheet].row(_line(row.cells, separator))
    yield poured(outs, spools)


def _texts(lines: Iterable[tuple[str, ...]], separator: str) -> Iterator[bytes]:
    out = io.StringIO(newline="")
    out.write(_MARK)
    RowWriter(out, separator, _END).rows([guarded(text) for text in line] for line in lines)
    yield out.getvalue().encode()


def _line(cells: Sequence[Cell], separator: str) -> list[str]:
    texts = [cell for cell in cells if isinstance(cell, str)]
    guard_all(texts)
    next_text = iter(texts).__next__
    return [
        next_text() if isinstance(cell, str) else "" if cell is None else _told(cell, separator)
        for cell in cells
    ]


def _told(cell: float | dt.date, separator: str) -> str:
    if isinstance(cell, dt.date):
        return _day(cell, separator)
    is_vietnamese = isinstance(cell, float) and separator == ";"
    return repr(cell).replace(".", ",") if is_vietnamese else str(cell)


@lru_cache(maxsize=4_096, typed=True)  # a day stands in each row of a repeat
def _day(cell: dt.date, separator: str) -> str:
    # 05/06/2026 is the fifth of June, but where `,` parts cells it may be the sixth of May.
    day = f"{cell:%d/%m}/{cell.year:04}" if separator == ";" else dt.date.isoformat(cell)
    return f"{day} {cell:%H:%M}" if isinstance(cell, dt.datetime) else day
