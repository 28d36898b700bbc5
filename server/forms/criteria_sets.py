"""The rule books that forms judge by: dated facts that come with the project.

A book is followed by the next of its series on the day that it ends; two of one series never hold
on the same day, or nobody could say which one counts.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from django.db import transaction

from server.forms import eras
from server.forms.models import CriteriaSet, FormVersion
from server.forms.rule_problems import CriteriaSetsOverlap, CriteriaSetUnreadable

SEED = Path(__file__).parent / "data" / "criteria_sets.csv"

_COLUMNS = ("code", "series", "title", "legal_basis", "valid_from", "valid_to", "is_verified")
_YES = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Book:
    """One row of the file."""

    code: str  # what h_criteria_set says: "NTM-2021-2025"
    series: str  # books of one series follow each other
    title: str
    legal_basis: str
    valid_from: dt.date
    valid_to: dt.date | None  # the first day on which it no longer holds
    is_verified: bool  # somebody has read the original text


def seeded() -> tuple[Book, ...]:
    """Return the rule books that come with the project."""
    return read(SEED.read_text(encoding="utf-8"))


def read(text: str) -> tuple[Book, ...]:
    """Read rule books from CSV.

    Raises CriteriaSetUnreadable with the line and column; CriteriaSetsOverlap.
    """
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        wanted = ", ".join(_COLUMNS)
        raise CriteriaSetUnreadable(line=1, column="", value="", wanted=wanted, wanted_en=wanted)
    books: dict[str, Book] = {}
    for line, row in enumerate(reader, 2):
        book = _book(line, row)
        if book.code in books:
            raise _unreadable(line, "code", book.code, "mã chưa dùng", "a code not used before")
        books[book.code] = book
    _refuse_overlaps(tuple(books.values()))
    return tuple(books.values())


@transaction.atomic(durable=True)
def load(books: Sequence[Book]) -> int:
    """Write rule books; return how many were new or different. Others are left alone.

    What was judged by a book of their series owes a new score: another may be in force by now.
    Raises CriteriaSetsOverlap, also with books that were added on this server.
    """
    standing = {row.code: row for row in CriteriaSet.objects.select_for_update()}
    given = {book.code: book for book in books}
    kept = [_standing(row) for code, row in standing.items() if code not in given]
    _refuse_overlaps((*books, *kept))
    fresh = [b for b in books if b.code not in standing or _standing(standing[b.code]) != b]
    for book in fresh:
        CriteriaSet.objects.update_or_create(code=book.code, defaults=asdict(book))
    _owe(fresh, standing)
    return len(fresh)


def _owe(fresh: Sequence[Book], standing: Mapping[str, CriteriaSet]) -> None:
    touched = {book.series for book in fresh}
    touched |= {standing[book.code].series for book in fresh if book.code in standing}
    codes = CriteriaSet.objects.filter(series__in=touched).values_list("code", flat=True)
    eras.owe(FormVersion.objects.filter(conditions__criteria_set__in=list(codes)))


def _standing(row: CriteriaSet) -> Book:
    return Book(
        row.code,
        row.series,
        row.title,
        row.legal_basis,
        row.valid_from,
        row.valid_to,
        row.is_verified,
    )


def _book(line: int, row: dict[str, str]) -> Book:
    for column in ("code", "series", "title"):
        if not row[column]:
            raise _unreadable(line, column, "", "một giá trị", "a value")
    if row["is_verified"] not in _YES:
        raise _unreadable(line, "is_verified", row["is_verified"], "yes hoặc no", "yes or no")
    start, end = _date(line, "valid_from", row), None
    if row["valid_to"]:
        end = _date(line, "valid_to", row)
        if end <= start:
            wanted, wanted_en = f"ngày sau {start:%Y-%m-%d}", f"a day after {start:%Y-%m-%d}"
            raise _unreadable(line, "valid_to", row["valid_to"], wanted, wanted_en)
    return Book(
        row["code"],
        row["series"],
        row["title"],
        row["legal_basis"],
        start,
        end,
        _YES[row["is_verified"]],
    )


def _date(line: int, column: str, row: dict[str, str]) -> dt.date:
    try:
        return dt.date.fromisoformat(row[column])
    except ValueError as error:
        wanted = ("ngày dạng 2026-01-31", "a date such as 2026-01-31")
        raise _unreadable(line, column, row[column], *wanted) from error


def _unreadable(
    line: int, column: str, value: str, wanted: str, wanted_en: str
) -> CriteriaSetUnreadable:
    return CriteriaSetUnreadable(
        line=line, column=column, value=value, wanted=wanted, wanted_en=wanted_en
    )


def _refuse_overlaps(books: Sequence[Book]) -> None:
    ordered = sorted(books, key=lambda book: (book.series, book.valid_from))
    for before, after in pairwise(ordered):
        if before.series != after.series:
            continue
        if before.valid_to is None or before.valid_to > after.valid_from:
            raise CriteriaSetsOverlap(
                first=before.code, second=after.code, on_date=f"{after.valid_from:%Y-%m-%d}"
            )
