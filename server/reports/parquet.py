"""Records as Parquet, for programs: a typed table of the records, and one for each repeat.

Columns are named and typed as the form names and types its questions. What somebody entered that is
not of its type is no value of the column, and is not lost: it stands, as it was, in `__unread`.
Rows pass in batches; repeats wait in files without a name until the records' table is written.
docs/decisions/parquet.md
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, islice
from typing import IO

from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.io import read_parquet, write_parquet

from server import memory
from server.csv_rows import RowWriter
from server.forms import schema
from server.reports import records, verified
from server.reports.archive import MANY, Member, poured, spool, written
from server.reports.central_csv import Tables
from server.reports.records import Beat, Keys, Record, still
from server.reports.rows import ROOT, Line, Table

Value = str | int | float | None

_ROWS = 100  # of a batch, and so of what is held as Python's values
_GIVEN_BACK = 20  # batches after which memory is
# The library holds a group of rows packed, a page of each column unpacked, and to the end some
# 1.3 KB of each group's columns and 0.2 KB of each page. So groups are of as many cells, whatever
# the table, and few columns may have larger pages: of millions of rows they would be too many.
_GROUP = 1_000_000  # cells that readers skip together
_PAGE = 100_000  # bytes of a column; its own megabyte counts for each column
_PAGES = 2_000_000  # bytes of a page of all columns, where that gives them more
_PIECE = 256 * 1024  # bytes
_POINT = ("Latitude", "Longitude", "Altitude", "Accuracy")
_EPOCH = dt.date(1970, 1, 1).toordinal()
_FIRST, _LAST = -(2**63), 2**63 - 1
UNREAD = "__unread"
_PANIC = "PanicException"  # of the library, in a module that cannot be imported
csv.field_size_limit(verified.LONGEST_FIELD)


@dataclass(frozen=True, slots=True)
class _Type:
    """How texts of one kind become values of a column."""

    arrow: Callable[[], DataType]
    read: Callable[[str], Value]  # raises ValueError
    stored: Callable[[], DataType] | None = None  # what values are before they are cast


@dataclass(frozen=True, slots=True)
class _Column:
    """One column."""

    name: str
    type: _Type

    def array(self, values: Sequence[Value]) -> Array:
        """Return values in Arrow's layout."""
        if self.type.stored is None:
            return Array(values, self.type.arrow())
        return Array(values, self.type.stored()).cast(self.type.arrow())


def _whole(text: str) -> int:
    number = int(text)
    if not _FIRST <= number <= _LAST or "_" in text:
        raise ValueError(text)
    return number


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or "_" in text:
        raise ValueError(text)
    return number


def _day(text: str) -> int:
    return dt.date.fromisoformat(text[:10]).toordinal() - _EPOCH


def _moment(text: str) -> int:
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)  # nobody knows when that was
    return (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


_TEXT = _Type(DataType.utf8, str)
_WHOLE = _Type(DataType.int64, _whole)
_NUMBER = _Type(DataType.float64, _number)
_DAY = _Type(DataType.date32, _day, DataType.int32)
_MOMENT = _Type(lambda: DataType.timestamp("us", tz="UTC"), _moment, DataType.int64)
_TYPES = {
    "int": _WHOLE,
    "integer": _WHOLE,
    "decimal": _NUMBER,
    "date": _DAY,
    "dateTime": _MOMENT,
}


class _Frame:
    """The columns of a table, and how a line of texts becomes a row of them."""

    def __init__(self, table: Table, before: Sequence[_Column], after: Sequence[_Column]) -> None:
        """before, after: columns that are no answers; their texts come with each line."""
        answers = [list(_columns(table, question)) for question in table.fields]
        self._widths = [1] * len(before) + [len(each) for each in answers] + [1] * len(after)
        self._columns = [*before, *(column for each in answers for column in each), *after]
        fields = [Field(column.name, column.type.arrow()) for column in self._columns]
        self.schema = Schema([*fields, Field(UNREAD, DataType.utf8())])

    def batch(self, lines: Sequence[Line]) -> RecordBatch:
        """Return lines as a batch."""
        arrays: list[Array] = []
        unread: list[dict[str, str]] = [{} for _ in lines]
        for texts, width in zip(zip(*lines, strict=True), self._widths, strict=True):
            for part in [texts] if width == 1 else _parts(texts, width):
                column = self._columns[len(arrays)]
                arrays.append(column.array(_values(column, part, unread)))
        told = [json.dumps(each, ensure_ascii=False) if each else None for each in unread]
        arrays.append(_Column(UNREAD, _TEXT).array(told))
        return RecordBatch.from_arrays(arrays, schema=self.schema)


def _parts(texts: Sequence[str], width: int) -> Iterable[Sequence[str]]:
    """Return what stands in each of several columns: the words of each text, as many as there."""
    return zip(*((text.split() + [""] * width)[:width] for text in texts), strict=True)


def _values(
    column: _Column, texts: Sequence[str], unread: Sequence[dict[str, str]]
) -> Sequence[Value]:
    """Return the values of a column; what cannot be read is kept for its row."""
    read = column.type.read
    try:
        return [read(text) if text else None for text in texts]
    except (ValueError, OverflowError):
        return [_value(column, *each) for each in zip(texts, unread, strict=True)]


def _value(column: _Column, text: str, unread: dict[str, str]) -> Value:
    if not text:
        return None
    try:
        return column.type.read(text)
    except (ValueError, OverflowError):
        unread[column.name] = text
        return None


def _columns(table: Table, question: schema.Field) -> Iterator[_Column]:
    name = table.path_of(question).replace("/", "-")
    if question.type == "geopoint":
        yield from (_Column(f"{name}-{part}", _NUMBER) for part in _POINT)
    else:
        yield _Column(name, _TYPES.get(question.type, _TEXT))


# The records' own table --------------------------------------------------------------------------


def _about(*, is_deidentified: bool) -> list[_Column]:
    day = _TEXT if is_deidentified else _DAY  # months
    named = (("commune", _TEXT), ("visitDate", day), ("year", _WHOLE), ("period", _TEXT))
    more = (("result", _TEXT), ("team", _TEXT), ("reviewState", _TEXT), ("formVersion", _TEXT))
    judged = (("criteriaSet", _TEXT), ("note", _TEXT))  # by which set, and why only for now
    return [_Column(f"__{name}", kind) for name, kind in (*named, *more, *judged)]


def _told(tables: Tables, record: Record) -> Line:
    known = record if tables.hidden is None else tables.hidden.about(record)
    visited = known.visit_date.isoformat() if known.visit_date else ""
    return [
        known.commune,
        visited if tables.hidden is None else visited[:7],
        "" if known.year is None else str(known.year),
        known.period,
        known.result,
        known.team,
        known.review_state,
        known.form_version,
        known.criteria_set,
        known.note,
        known.instance_id,
    ]


def archive(tables: Tables, keys: Keys, beat: Beat = still) -> Iterator[bytes]:
    """Yield a zip of a Parquet file for each table of some records.

    beat: called again and again, since a table comes only when it is whole.
    """
    with ExitStack() as open_files:
        spools = [open_files.enter_context(spool()) for _ in tables.layout.tables]
        yield from written(_members(tables, keys, spools, beat), dt.datetime.now(dt.UTC))


def names(tables: Tables) -> list[str]:
    """Return the names of its files, the records' own first."""
    return [f"{name.removesuffix('.csv')}.parquet" for name in tables.names()]


def _members(tables: Tables, keys: Keys, spools: Sequence[IO[str]], beat: Beat) -> Iterator[Member]:
    is_deidentified = tables.hidden is not None
    first = [_Column("__submissionDate", _TEXT if is_deidentified else _MOMENT)]
    key = [_Column("KEY", _TEXT)]
    frame = _Frame(
        tables.layout.tables[ROOT], first, [*_about(is_deidentified=is_deidentified), *key]
    )
    is_huge = len(keys) > MANY
    name, *others = names(tables)
    yield Member(name, _file(frame, _root(tables, keys, spools), beat), may_be_huge=is_huge)
    for at, name in enumerate(others, start=1):
        frame = _Frame(tables.layout.tables[at], [], [_Column("PARENT_KEY", _TEXT), *key])
        spools[at].seek(0)
        yield Member(name, _file(frame, csv.reader(spools[at]), beat), may_be_huge=is_huge)


def _root(tables: Tables, keys: Keys, spools: Sequence[IO[str]]) -> Iterator[Line]:
    """Yield the lines of the records; those of repeats go into their spools meanwhile."""
    texts = [io.StringIO(newline="") for _ in spools]
    writers = [RowWriter(text) for text in texts]
    for batch in records.batches(keys):
        for record in batch:
            root, *repeats = tables.lines(record)
            for writer, lines in zip(writers[1:], repeats, strict=True):
                writer.rows(lines)
            yield [tables.came(record), *root[0], *_told(tables, record)]
        poured(texts, spools)


def _file(frame: _Frame, lines: Iterable[Line], beat: Beat) -> Iterator[bytes]:
    """Yield the Parquet file of some lines."""
    batches, columns = _Batches(frame, iter(lines), beat), len(frame.schema)
    with tempfile.TemporaryFile() as out:
        reader = RecordBatchReader.from_batches(frame.schema, batches)
        try:
            write_parquet(
                reader,
                out,
                # zstd holds 10 MB more for as many columns; the archive packs what is left.
                compression="lz4_raw",
                max_row_group_size=_GROUP // columns,
                data_page_size_limit=max(_PAGE, _PAGES // columns),
                # Each column would hold one; the archive is no larger without them.
                dictionary_enabled=False,
            )
        except Exception:
            if batches.failure is not None:
                raise batches.failure from None  # what we raised, which the library only tells of
            raise
        out.seek(0)
        while piece := out.read(_PIECE):
            yield piece


class _Batches:
    """Batches of lines, which remember why there were no more."""

    def __init__(self, frame: _Frame, lines: Iterator[Line], beat: Beat) -> None:
        self._frame = frame
        self._lines = lines
        self._beat = beat
        self.failure: BaseException | None = None

    def __iter__(self) -> Iterator[RecordBatch]:
        try:
            for number in count():
                if number % _GIVEN_BACK == 0:
                    memory.give_back()
                lines = list(islice(self._lines, _ROWS))
                if not lines:
                    break
                self._beat()
                yield self._frame.batch(lines)
        except BaseException as failure:
            self.failure = failure
            raise


# Reading again -----------------------------------------------------------------------------------


def rows(file: IO[bytes], beat: Beat = still) -> dict[str, int]:
    """Return how many rows each file of an archive has; every one is read to its end.

    beat: as of `archive`.
    Raises verified.Broken.
    """
    found: dict[str, int] = {}
    with verified.opened(file) as zipped:
        for name in zipped.namelist():
            with zipped.open(name) as member, tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(member, copy, _PIECE)
                copy.seek(0)
                found[name] = 0
                for many in _sizes(name, copy):
                    beat()
                    found[name] += many
    return found


def _sizes(name: str, file: IO[bytes]) -> Iterator[int]:
    try:
        yield from (batch.num_rows for batch in read_parquet(file))
    except BaseException as error:
        # The library panics, which is no Exception and has no name to catch it by: uncaught it
        # would end the worker, and every other that takes up the export after it.
        if isinstance(error, Exception) or type(error).__name__ == _PANIC:
            raise verified.Broken(name) from error
        raise
