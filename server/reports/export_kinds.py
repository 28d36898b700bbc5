"""Each kind of file that can be asked for: how it is written, and how it is read again.

A kind writes to a file and says how many rows each of its tables should have: as many as were read
of the records. `making` counts them once more in the file before anybody gets it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import IO, Any

from server.forms.models import Form
from server.inspections import summary
from server.inspections.recommendations import today
from server.plans.expected import expected
from server.reports import (
    central_csv,
    geojson,
    lost_files,
    media,
    parquet,
    people_csv,
    sheets,
    summary_xlsx,
    verified,
)
from server.reports.archive import safe_name
from server.reports.central_csv import Options, Tables
from server.reports.deidentified import Deidentified
from server.reports.models import Profile
from server.reports.people_table import Book
from server.reports.problems import ExportProfileUnavailable
from server.reports.records import Beat, Keys
from server.reports.rows import ROOT
from server.reports.workbooks import Parts

_ZIP = "application/zip"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Format(StrEnum):
    """What is asked for."""

    CENTRAL_CSV = "central_csv"
    PEOPLE_CSV = "people_csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"
    PARQUET = "parquet"
    MEDIA = "media"
    SUMMARY = "summary_xlsx"


@dataclass(frozen=True, slots=True)
class Work:
    """What a file is made of."""

    form: Form  # published
    keys: Keys
    options: Mapping[str, Any]
    hidden: Deidentified | None  # None: as the records came
    beat: Beat


@dataclass(frozen=True, slots=True)
class Written:
    """What the file should hold, and how to look."""

    rows: Mapping[str, int]  # of each table but the records' own
    root: str  # the records' own table; "" when there is none
    count: Callable[[IO[bytes]], Mapping[str, int]]  # what stands in the file; raises Broken
    suffix: str = ""  # of the file's name, where it is not that of its kind
    content_type: str = ""  # likewise


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file."""

    suffix: str
    content_type: str
    write: Callable[[Work, IO[bytes]], Written]
    passes: int = 1  # how often it takes the keys
    is_of_records: bool = True  # else of what they come to, which every member may see
    profiles: tuple[Profile, ...] = (Profile.FULL, Profile.DEIDENTIFIED)


def _central_csv(work: Work, out: IO[bytes]) -> Written:
    tables = Tables(work.form, Options(**work.options), work.hidden)
    _all(central_csv.archive(tables, work.keys), out)
    root, *names = tables.names()
    return Written(dict(zip(names, tables.layout.counts[1:], strict=True)), root, verified.csv_zip)


def _people_csv(work: Work, out: IO[bytes]) -> Written:
    book, separator = Book(work.form, work.hidden), work.options["separator"]
    _all(people_csv.archive(book, work.keys, separator), out)
    names = [f"{safe_name(sheet.name)}.csv" for sheet in book.sheets]
    rows = dict(zip(names[1:], book.layout.counts[1:], strict=True))
    return Written(rows, names[ROOT], verified.csv_zip)


def _xlsx(work: Work, out: IO[bytes]) -> Written:
    many = sheets.parts(Book(work.form, work.hidden), work.keys)
    book = Book(work.form, work.hidden)
    if many > 1:
        parts = Parts(book, work.keys, many, work.beat)
        _all(parts.archive(), out)
        of_sheets, read = parts.tables, partial(verified.workbooks, beat=work.beat)
        return replace(_of_workbooks(book, of_sheets, read), suffix="-xlsx.zip", content_type=_ZIP)
    return _of_workbooks(book, [sheets.write(book, work.keys, out)], lambda f: [verified.xlsx(f)])


def _of_workbooks(
    book: Book,
    of_sheets: Sequence[Sequence[int]],
    read: Callable[[IO[bytes]], Iterable[Sequence[int]]],
) -> Written:
    """Say what workbooks of a book's tables should hold; of_sheets: as `sheets.write`, of each."""
    names = [sheet.name for sheet in book.sheets]

    def count(file: IO[bytes]) -> Mapping[str, int]:
        found = dict.fromkeys(names, 0)
        workbooks = list(read(file))
        if len(workbooks) != len(of_sheets):
            raise verified.Broken("workbooks")
        for tables, sizes in zip(of_sheets, workbooks, strict=True):
            for table, rows in zip(tables, sizes, strict=False):  # then the dictionary
                found[names[table]] += rows
        return found

    rows = dict(zip(names[1:], book.layout.counts[1:], strict=True))
    return Written(rows, names[ROOT], count)


def _geojson(work: Work, out: IO[bytes]) -> Written:
    _all(geojson.collection(work.keys, is_deidentified=work.hidden is not None), out)
    return Written({}, "features", lambda file: {"features": verified.geojson(file)})


def _parquet(work: Work, out: IO[bytes]) -> Written:
    tables = Tables(work.form, Options(), work.hidden)
    _all(parquet.archive(tables, work.keys, work.beat), out)
    root, *names = parquet.names(tables)
    rows = dict(zip(names, tables.layout.counts[1:], strict=True))
    return Written(rows, root, lambda file: parquet.rows(file, work.beat))


def _media(work: Work, out: IO[bytes]) -> Written:
    names = media.Names(work.form, **work.options)
    _all(media.archive(names, work.keys), out)
    return Written(
        {"media": names.given},
        "",
        lambda file: {"media": verified.members(file, but=lost_files.NAME)},
    )


def _summary(work: Work, out: IO[bytes]) -> Written:
    asked = work.options
    on_date = dt.date.fromisoformat(asked["on_date"]) if asked["on_date"] else today()
    table = summary.summarise(
        work.form,
        year=asked["year"],
        period=asked["period"],
        on_date=on_date,
        only_approved=asked["is_approved"],
        expected=expected(work.form.project_id, [asked["year"]], on_date),
        group=asked["group"],
    )
    _all(summary_xlsx.workbook(table), out)
    communes = len(table.rows)

    def count(file: IO[bytes]) -> Mapping[str, int]:
        # Below the communes stand totals and notes, some of which are always there.
        return {summary_xlsx.SHEET: min(*verified.xlsx(file), communes)}

    return Written({summary_xlsx.SHEET: communes}, "", count)


def _all(pieces: Iterable[bytes], out: IO[bytes]) -> None:
    for piece in pieces:
        out.write(piece)


KINDS: Mapping[Format, Kind] = {
    # The tables take the keys once, and what was sent with the records takes them again.
    Format.CENTRAL_CSV: Kind(".csv.zip", _ZIP, _central_csv, passes=2),
    Format.PEOPLE_CSV: Kind("-excel.csv.zip", _ZIP, _people_csv),
    Format.XLSX: Kind(".xlsx", _XLSX, _xlsx),
    Format.GEOJSON: Kind(".geojson", "application/geo+json", _geojson),
    Format.PARQUET: Kind("-parquet.zip", _ZIP, _parquet),
    Format.MEDIA: Kind("-media.zip", _ZIP, _media, profiles=(Profile.FULL,)),
    Format.SUMMARY: Kind(
        "-tong-hop.xlsx", _XLSX, _summary, profiles=(Profile.FULL,), is_of_records=False
    ),
}


def check(format: Format, profile: Profile) -> None:
    """Refuse what cannot be had. Raises ExportProfileUnavailable."""
    known = KINDS[format].profiles
    if profile not in known:
        raise ExportProfileUnavailable(
            format=format.value, profile=profile.value, known=", ".join(one.value for one in known)
        )
