"""Tables whose rows are no submissions, made by whoever knows them: pages, filters. No Django.

Rows have numbers that only grow, and come from the highest down, so that a page goes on where the
last one ended whatever was added meanwhile.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any  # a cell: text, number, moment, nothing, or such by name

from server.communes.vietnamese import exact_key
from server.reports.odata import asked as options
from server.reports.odata import filters
from server.reports.odata.asked import Start
from server.reports.odata.filters import Comparison, Joined, Literal, Not, Now, Operand, Part, Path
from server.reports.odata.problems import FilterFieldUnsupported, FilterMalformed, PropertyUnknown
from server.reports.odata.values import compact, quoted

OPTIONS = frozenset(("$top", "$skip", "$count", "$filter", "$select", "$skiptoken"))
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_PIECE = 64_000  # characters that are sent at once

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table.

    below: gives them with their numbers, after the first so many of those below a number or of all.
    """

    below: Callable[[int | None, int], Iterator[tuple[int, Row]]]
    count: Callable[[], int] | None = None  # how many, where that takes less than making them


@dataclass(frozen=True, slots=True)
class Asked:
    """The options, understood."""

    names: tuple[str, ...]  # of the columns that are told
    top: int | None
    skip: int
    count: bool
    filter: filters.Expression | None
    after: int | None  # the number of the last row told
    search: str = ""  # words, as exact_key writes them, that stand in one of the texts

    @property
    def is_narrowed(self) -> bool:
        """Tell whether not all rows are told."""
        return self.filter is not None or bool(self.search)


def read(
    given: Mapping[str, str],
    columns: Mapping[str, str],
    fields: Mapping[str, str],
    *,
    is_searched: bool = False,
) -> Asked:
    """Return what is asked. columns, fields (what a filter may look at): their types by name.

    is_searched: $search is understood too, as Central does for entities alone.

    Raises OptionUnsupported, OptionInvalid, PropertyUnknown, FilterMalformed, FilterUnsupported,
    FilterFieldUnsupported.
    """
    options.refuse_unknown(given, OPTIONS | {"$search"} if is_searched else OPTIONS)
    named = [each.strip() for each in given.get("$select", "").split(",") if each.strip()]
    for name in named:
        if name != "*" and name not in columns and name not in fields:
            raise PropertyUnknown(property=name[:80])
    wanted = tuple(columns) if not named or "*" in named else tuple(dict.fromkeys(named))
    expression = filters.read(given["$filter"]) if given.get("$filter") else None
    for path in filters.paths(expression) if expression else ():
        if path not in fields:
            raise FilterFieldUnsupported(text=path, known=", ".join(sorted(fields)))
    for comparison in _comparisons(expression):
        _compared(comparison, _sample(fields), dt.datetime.now(dt.UTC))  # refused before any row is
    token = given.get("$skiptoken", "")
    return Asked(
        names=wanted,
        top=options.number(given, "$top"),
        skip=options.skip_of(given),
        count=options.flag(given, "$count"),
        filter=expression,
        after=options.start_of(token).of if token else None,
        search=exact_key(given.get("$search", "").strip().strip('"')),
    )


_SAMPLES = {
    "Edm.DateTimeOffset": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "Edm.Date": dt.date(2026, 1, 1),
    "Edm.Double": 0.0,
    "Edm.Int64": 0,
}


def chunk(asked: Asked, most: int) -> int:
    """Return how many rows to read at once: no more than are told, where all are."""
    if asked.is_narrowed or asked.top is None:
        return most
    return min(most, asked.top + 1)


def _sample(fields: Mapping[str, str]) -> Row:
    """Return a row that has something of the right type everywhere."""
    row: dict[str, Any] = {}
    for path, kind in fields.items():
        *above, name = path.split("/")
        inner = row.setdefault(above[0], {}) if above else row
        inner[name] = _SAMPLES.get(kind, "")
    return row


def _comparisons(expression: filters.Expression | None) -> Iterator[Comparison]:
    match expression:
        case Comparison():
            yield expression
        case Not():
            yield from _comparisons(expression.of)
        case Joined():
            for part in expression.parts:
                yield from _comparisons(part)


def kept(asked: Asked, rows: Rows) -> Iterator[int]:
    """Give the numbers of all rows that the filter lets through, whatever the window."""
    for number, _ in _kept(asked, rows, None, 0, dt.datetime.now(dt.UTC)):
        yield number


def page(
    asked: Asked, rows: Rows, context: str, next_link: Callable[[Mapping[str, str]], str]
) -> Iterator[bytes]:
    """Yield the JSON of one page; it counts first where that is asked for."""
    now = dt.datetime.now(dt.UTC)
    head = [f'{{"@odata.context":{quoted(context)}']
    if asked.count:
        head.append(f'"@odata.count":{_count(asked, rows, now)}')
    waiting, size, told, last = [",".join(head) + ',"value":['], 0, 0, 0
    more = ""
    for number, row in _kept(asked, rows, asked.after, asked.skip, now):
        if told == asked.top:
            token = {"$skiptoken": options.token(Start(last))}
            more = f',"@odata.nextLink":{quoted(next_link(token))}' if told else ""
            break
        text = compact(_told(asked.names, row))
        waiting.append(f",{text}" if told else text)
        told, last, size = told + 1, number, size + len(text)
        if size > _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield ("".join(waiting) + f"]{more}}}").encode()


def _count(asked: Asked, rows: Rows, now: dt.datetime) -> int:
    if not asked.is_narrowed and rows.count is not None:
        return rows.count()
    return sum(1 for _ in _kept(asked, rows, None, 0, now))


def _kept(
    asked: Asked, rows: Rows, after: int | None, skip: int, now: dt.datetime
) -> Iterator[tuple[int, Row]]:
    """Return what the filter lets through, after the first so many."""
    if not asked.is_narrowed:
        return rows.below(after, skip)
    found = (each for each in rows.below(after, 0) if _is_wanted(asked, each[1], now))
    return islice(found, skip, None)


def _is_wanted(asked: Asked, row: Row, now: dt.datetime) -> bool:
    if asked.search and not any(
        asked.search in exact_key(text) for text in row.values() if isinstance(text, str)
    ):
        return False
    return asked.filter is None or _holds(asked.filter, row, now)


def _told(names: Iterable[str], row: Row) -> dict[str, Any]:
    """Return the columns of a row that are told; one may be a member of another: `__system/x`."""
    told: dict[str, Any] = {}
    for name in names:
        column, _, member = name.partition("/")
        if member:
            told.setdefault(column, {})[member] = _said(row[column][member])
        else:
            told[column] = _said(row[column])
    return told


def _said(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(dt.UTC).isoformat(timespec='milliseconds')[:-6]}Z"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _said(inner) for name, inner in value.items()}
    return value


# Filters ------------------------------------------------------------------------------------------


def _holds(expression: filters.Expression, row: Row, now: dt.datetime) -> bool:
    match expression:
        case Not():
            return not _holds(expression.of, row, now)
        case Joined():
            join = all if expression.word == "and" else any
            return join(_holds(part, row, now) for part in expression.parts)
        case _:
            return _compared(expression, row, now)


def _compared(comparison: Comparison, row: Row, now: dt.datetime) -> bool:
    left = _value(comparison.left, row, now, comparison.at)
    right = _value(comparison.right, row, now, comparison.at)
    left = _alike(comparison.left, left, right, comparison.at)
    right = _alike(comparison.right, right, left, comparison.at)
    if comparison.sign in ("eq", "ne") and (left is None or right is None):
        return ((left is None) == (right is None)) == (comparison.sign == "eq")
    if left is None or right is None:  # nothing is more or less than null
        return False
    if comparison.sign == "ne":
        return bool(left != right)
    try:
        return _SIGNS[comparison.sign](left, right)
    except TypeError as error:
        reason = "hai vế khác kiểu dữ liệu"
        raise FilterMalformed(at=comparison.at, reason=reason) from error


def _alike(operand: Operand, value: Any, other: Any, at: int) -> Any:
    """Return a value as what it is compared with: Central takes creatorId eq 1, and '2026-01-01'.

    An equality of two kinds would be false for every row, and nobody would know why.
    """
    if not isinstance(operand, Literal) or operand.kind == "null":
        return value
    if isinstance(other, str):
        return operand.text
    if isinstance(other, dt.datetime) and isinstance(value, str):
        return _moment(value, at)
    return value


def _value(operand: Operand, row: Row, now: dt.datetime, at: int) -> Any:
    match operand:
        case Literal("null"):
            return None
        case Literal("number"):
            return float(operand.text)
        case Literal("moment"):
            return _moment(operand.text, at)
        case Literal():
            return operand.text
        case Now():
            return now
        case Part(name, of):
            inner = _value(of, row, now, at)
            if inner is not None and not isinstance(inner, dt.datetime):
                raise FilterMalformed(at=at, reason=f"{name}() cần một thời điểm")
            return None if inner is None else getattr(inner.astimezone(dt.UTC), name)
        case _:
            value: Any = row
            for step in operand.text.split("/") if isinstance(operand, Path) else ():
                value = value[step]
            return _as_moment(value)


def _as_moment(value: Any) -> Any:
    """Return a day as the moment that a filter's day is, a moment as it is told, anything else."""
    if isinstance(value, dt.datetime):
        return filters.told(value)
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    return value


def _moment(text: str, at: int) -> dt.datetime:
    try:
        return filters.moment(text)
    except (ValueError, OverflowError) as error:
        reason = "cần một thời điểm, ví dụ 2026-05-04"
        raise FilterMalformed(at=at, reason=reason) from error
