"""Tables for people as CSV that a Vietnamese Excel opens with a double click."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import IO, Any

from server.reports import sensitive_sums
from server.reports.answers import Cell
from server.reports.archive import MANY, Member, safe_name, spool, waited, written
from server.reports.cells import guarded
from server.reports.people_table import DICTIONARY, Book
from server.reports.records import Keys
from server.reports.rows import ROOT

SEPARATORS = (";", ",")
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
    out = io.StringIO(newline="")
    targets = (out, *spools[1:])
    writers = [_writer(target, separator) for target in targets]
    for target, writer, sheet in zip(targets, writers, book.sheets, strict=True):
        target.write(_MARK)
        writer.writerow([guarded(column.heading) for column in sheet.columns])
    for row in book.rows(keys):
        writers[row.sheet].writerow([_told(cell, separator) for cell in row.cells])
        if row.sheet == ROOT:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _texts(lines: Iterable[tuple[str, ...]], separator: str) -> Iterator[bytes]:
    out = io.StringIO(newline="")
    out.write(_MARK)
    _writer(out, separator).writerows([guarded(text) for text in line] for line in lines)
    yield out.getvalue().encode()


def _writer(out: IO[str], separator: str) -> Any:  # the csv module names no type for it
    return csv.writer(out, delimiter=separator)


def _told(cell: Cell, separator: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    is_vietnamese = separator == ";"
    if isinstance(cell, dt.datetime):
        return f"{_day(cell)} {cell:%H:%M}" if is_vietnamese else f"{cell.date()} {cell:%H:%M}"
    if isinstance(cell, dt.date):
        # 05/06/2026 is the fifth of June, but where `,` parts cells it may be the sixth of May.
        return _day(cell) if is_vietnamese else cell.isoformat()
    if isinstance(cell, float) and is_vietnamese:
        return repr(cell).replace(".", ",")
    return str(cell)


def _day(of: dt.date) -> str:
    return f"{of:%d/%m}/{of.year:04}"  # %Y has no leading zeros
