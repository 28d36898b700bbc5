"""What changed between two workbooks, as a designer or a reviewer would say it.

By what a row is - a question by its path, a choice by its list and name, a condition by its code -
and never by where it stands, so that a row put in above changes nothing below. No Django.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from server.forms import survey, workbook
from server.forms.workbook import Row, Workbook


class Kind(StrEnum):
    """What happened to a row."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One fact about one row."""

    sheet: str
    key: str  # h/h_date, ynu/yes, A5; the column's name in `settings`
    kind: Kind
    column: str = ""  # only where a cell changed: `constraint`, `label::Tiếng Việt (vi)`
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """All of it, and what it touches."""

    changes: tuple[Change, ...]
    conditions: tuple[str, ...]  # codes whose outcome may differ, in the new order
    indicators: tuple[str, ...]


_KEYS: Mapping[str, Callable[[Row], str]] = {
    "choices": lambda row: f"{row.get('list_name', 'list name')}/{row.get('name')}",
    "findings": lambda row: row.get("code"),
    "indicators": lambda row: row.get("code"),
    "entities": lambda row: row.get("list_name", "dataset"),
    "settings": lambda row: "settings",
}
_WORDING = ("label", "hint", "guidance_hint", "constraint_message", "required_message", "media")


def difference(old: bytes, new: bytes) -> Difference:
    """Compare two workbooks (.xlsx). Raises NotAWorkbook, WorkbookTooBig, WorkbookUnsafe."""
    before, after = workbook.read(old), workbook.read(new)
    changes = [
        change
        for sheet in ("survey", *_KEYS)
        for change in _compared(sheet, _rows(before, sheet), _rows(after, sheet))
    ]
    asked = _asked_differently(changes)
    return Difference(
        tuple(changes),
        _touched(before, after, "findings", ("value", "of", "evidence", "applies"), asked, changes),
        _touched(before, after, "indicators", ("value", "of", "disaggregate"), asked, changes),
    )


def _rows(book: Workbook, sheet: str) -> dict[str, Mapping[str, str]]:
    """Return the cells of each row of a sheet by its key; of two with one key, `key#2` and on."""
    found: dict[str, Mapping[str, str]] = {}
    times = Counter[str]()
    for key, row in _keyed(book, sheet):
        times[key] += 1
        found[key if times[key] == 1 else f"{key}#{times[key]}"] = row.cells
    return found


def _keyed(book: Workbook, sheet: str) -> Iterator[tuple[str, Row]]:
    if sheet != "survey":
        yield from ((_KEYS[sheet](row), row) for row in book.sheet(sheet).rows)
        return
    paths = {number: path for path, number in survey.read(book).rows.items()}
    for row in book.sheet("survey").rows:
        if row.number in paths:  # the end of a group is no row of its own
            yield paths[row.number], row


def _compared(
    sheet: str, old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]
) -> Iterator[Change]:
    moved = _moved(list(old), list(new))
    for key, cells in new.items():
        if key not in old:
            yield Change(sheet, key, Kind.ADDED, new=_title(cells))
            continue
        if key in moved:
            yield Change(sheet, key, Kind.MOVED)
        for column in dict.fromkeys((*old[key], *cells)):
            before, after = old[key].get(column, ""), cells.get(column, "")
            if before != after:
                yield Change(sheet, key, Kind.CHANGED, column, before, after)
    for key, cells in old.items():
        if key not in new:
            yield Change(sheet, key, Kind.REMOVED, old=_title(cells))


def _moved(old: list[str], new: list[str]) -> set[str]:
    """Return the rows that both have and that stand in another order: as few as explain it."""
    before, after = [key for key in old if key in new], [key for key in new if key in old]
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    kept = {
        key for block in matcher.get_matching_blocks() for key in before[block.a :][: block.size]
    }
    return set(after) - kept


def _title(cells: Mapping[str, str]) -> str:
    """Return how a row is called: its first label, or its type."""
    labels = (text for column, text in cells.items() if column.startswith("label"))
    return next(labels, cells.get("type", ""))


def _asked_differently(changes: list[Change]) -> set[str]:
    """Return the names of questions whose answers may come out differently; wording is none."""
    return {
        change.key.rpartition("/")[2]
        for change in changes
        if change.sheet == "survey"
        and change.kind in (Kind.ADDED, Kind.REMOVED, Kind.CHANGED)
        and change.column.partition("::")[0] not in _WORDING
    }


def _touched(
    before: Workbook,
    after: Workbook,
    sheet: str,
    columns: tuple[str, ...],
    asked: set[str],
    changes: list[Change],
) -> tuple[str, ...]:
    """Return the codes that changed themselves, or that rest on a question that did."""
    touched = {
        change.key.partition("#")[0]
        for change in changes
        if change.sheet == sheet and change.column.partition("::")[0] not in _WORDING
    }
    rows = (*after.sheet(sheet).rows, *before.sheet(sheet).rows)
    for row in rows:
        if asked.intersection(" ".join(row.get(column) for column in columns).split()):
            touched.add(row.get("code"))
    return tuple(code for code in dict.fromkeys(row.get("code") for row in rows) if code in touched)
