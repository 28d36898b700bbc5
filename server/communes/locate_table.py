"""Add communes to a table of points, row by row, whatever its size."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Protocol, TextIO

import numpy as np

from server.communes import problems
from server.communes.coverages import Coverages

ADDED = ("code", "valid_from", "status", "distance", "candidates")
MISSING, INVALID = "missing", "invalid"  # statuses of rows with no point, or no sensible one

_BOM = "\ufeff"
_BATCH = 50_000  # rows held at a time
_LONGEST = 131_072  # characters of a cell: csv's own limit, which whoever reads exports raises


class Sink(Protocol):
    """What text can be written to: a file, or the output of a command."""

    def write(self, text: str, /) -> object:
        """Take some text."""


@dataclass(frozen=True, slots=True)
class _Point:
    """What one row says; degrees, metres (NaN: unknown)."""

    lon: float
    lat: float
    accuracy_m: float
    on_date: dt.date


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the table is written and where its columns are."""

    delimiter: str
    lineterminator: str
    header: tuple[str, ...]
    columns: Mapping[str, int]  # {lower-case name: position}


def locate_table(
    source: TextIO, sink: Sink, coverages: Coverages, *, on_date: dt.date
) -> Mapping[str, int]:
    """Copy a CSV table, adding code, valid_from, status, distance (m) and candidates.

    source: text opened with newline="", separated by commas or semicolons, with columns `lon`,
    `lat` (degrees) and optionally `accuracy` (metres) and `date` (YYYY-MM-DD or DD/MM/YYYY; a
    time after it is ignored); case does not count. Rows without a date are located on `on_date`.
    All other columns pass through. A new column whose name is taken is called located_….
    Returns how many rows got which status. Raises ColumnsMissing, RowTooLong, TableUnreadable.
    """
    try:
        return _copy(source, sink, coverages, on_date)
    except (csv.Error, UnicodeDecodeError) as error:
        raise problems.TableUnreadable(reason=error) from error


def _copy(source: TextIO, sink: Sink, coverages: Coverages, on_date: dt.date) -> Mapping[str, int]:
    first = source.readline()
    if first.startswith(_BOM):
        sink.write(_BOM)
        first = first.removeprefix(_BOM)
    # Excel in Vietnam separates by semicolons, because the comma is the decimal sign.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(chain([first], source), delimiter=delimiter)
    layout = _layout(next(reader, []), first, delimiter)
    writer = csv.writer(sink, delimiter=delimiter, lineterminator=layout.lineterminator)
    writer.writerow([*layout.header, *_new_names(layout)])
    counted: Counter[str] = Counter()
    rows = _rows(reader, width=len(layout.header))
    while batch := list(islice(rows, _BATCH)):
        answers = _answers([_point(row, layout, on_date) for row in batch], coverages)
        counted.update(answer[ADDED.index("status")] for answer in answers)
        writer.writerows([*row, *answer] for row, answer in zip(batch, answers, strict=True))
    return counted


def _layout(header: Sequence[str], first: str, delimiter: str) -> _Layout:
    lower = [name.strip().lower() for name in header]
    if "lon" not in lower or "lat" not in lower:
        raise problems.ColumnsMissing(columns=", ".join(header) or "–")
    return _Layout(
        delimiter=delimiter,
        lineterminator="\r\n" if first.endswith("\r\n") else "\n",
        header=tuple(header),
        columns={name: lower.index(name) for name in lower},
    )


def _new_names(layout: _Layout) -> list[str]:
    return [f"located_{name}" if name in layout.columns else name for name in ADDED]


def _rows(reader: Iterable[list[str]], *, width: int) -> Iterator[list[str]]:
    """Yield rows as wide as the header; blank lines are dropped, as spreadsheets drop them.

    Raises RowTooLong, and csv.Error for a cell that no table of points has.
    """
    for number, row in enumerate(reader, start=2):
        if len(row) > width:
            raise problems.RowTooLong(row=number)
        if any(len(cell) > _LONGEST for cell in row):
            raise csv.Error(f"row {number}: a cell is longer than {_LONGEST} characters")
        if row:
            yield row + [""] * (width - len(row))


def _point(row: Sequence[str], layout: _Layout, on_date: dt.date) -> _Point | str:
    """Return what a row says, or the status of one that says nothing usable."""
    lon, lat = _cell(row, layout, "lon"), _cell(row, layout, "lat")
    if not lon and not lat:
        return MISSING
    try:
        day = _day(_cell(row, layout, "date")) or on_date
        point = _Point(_number(lon, layout), _number(lat, layout), math.nan, day)
        if not (abs(point.lon) <= 180 and abs(point.lat) <= 90):
            return INVALID
    except ValueError:
        return INVALID
    try:
        accuracy_m = _number(_cell(row, layout, "accuracy"), layout)
    except ValueError:
        accuracy_m = math.nan
    return _Point(point.lon, point.lat, accuracy_m, day)


def _cell(row: Sequence[str], layout: _Layout, column: str) -> str:
    position = layout.columns.get(column)
    return "" if position is None else row[position].strip()


def _number(text: str, layout: _Layout) -> float:
    return float(text.replace(",", ".") if layout.delimiter == ";" else text)


def _day(text: str) -> dt.date | None:
    """Return the date a cell begins with, None for a blank one. Raises ValueError."""
    if not text:
        return None
    if "/" in text:
        day, month, year = text.split()[0].split("/")
        return dt.date(int(year), int(month), int(day))
    return dt.date.fromisoformat(text[:10])


def _answers(
    points: Sequence[_Point | str], coverages: Coverages
) -> list[tuple[str, str, str, str, str]]:
    """Return the cells of ADDED for each row."""
    asked = [point for point in points if isinstance(point, _Point)]
    located = coverages.locate(
        [point.lon for point in asked],
        [point.lat for point in asked],
        np.array([point.on_date for point in asked], dtype="datetime64[D]"),
        [point.accuracy_m for point in asked],
    )
    cells = zip(
        (code or "" for code in located.codes),
        (day.isoformat() if day else "" for day in located.valid_from),
        located.statuses,
        ("" if math.isnan(metres) else f"{metres:.1f}" for metres in located.distances_m),
        (" ".join(codes) for codes in located.candidates),
        strict=True,
    )
    return [next(cells) if isinstance(p, _Point) else ("", "", p, "", "") for p in points]
