"""All counts of one kind that are ever published about a year, made unreadable together.

Whoever reads one table can read the others too: of the first half year and of the year, in the
units of any day, by commune, by group, for the province. A count that one of them hides must not
follow from the rest by adding and subtracting. So they are suppressed as one table, whichever part
of it is asked for, and every part prints the same cell in the same way.

The table's items are counts that nobody can add up from smaller ones:

- the first half of the year, and what the whole year has more (year less half: it is not printed,
  but anybody can subtract);
- of a share, the part, and the rest of the whole (printed neither, the same);
- each inspected unit apart, and of what was inspected in it what is not always counted together.
  Where the half was told by units that a reform ended and the year by what they became, the half's
  counts are laid into the year's, unit by unit.

So 4 columns of items, and a row for each unit; every printed count is a set of rows by a set of
columns. Where figures contradict each other (a half larger than its year, a part larger than its
whole) they are items of their own: then nothing follows from the one about the other.

Pure: no database. What it must achieve, and how it is attacked: `suppression`,
tests/inspections/test_publication.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from server.inspections.suppression import Cell, Mark, Rank, Shown
from server.inspections.suppression_table import Hide, Lines, Table, suppressed

PART, WHOLE = "part", "whole"
H1, FY = "h1", "fy"


class Told(NamedTuple):
    """What one unit told about one period. None: it did not."""

    part: int | None
    whole: int | None


class Line(NamedTuple):
    """A count that is printed: what some units told about one period, added up."""

    period: str  # H1 or FY
    side: str  # PART or WHOLE
    uids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Family:
    """What there is to protect.

    told: {period: {uid: …}}. follows: {uid of H1: uids of FY whose ground it shares}, itself among
    them. known: uids whose counts the reader knows anyway; theirs are printed as they are, and
    protect nothing. commune_of: {uid: commune}, where the uids are not communes but what was
    inspected in them.
    """

    told: Mapping[str, Mapping[str, Told]]
    follows: Mapping[str, Sequence[str]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    commune_of: Mapping[str, str] = field(default_factory=dict)


# Positions of the items' columns: the half's part and rest, the remaining half's part and rest.
_COLUMNS: Mapping[tuple[str, str], frozenset[int]] = {
    (H1, PART): frozenset({0}),
    (H1, WHOLE): frozenset({0, 1}),
    (FY, PART): frozenset({0, 2}),
    (FY, WHOLE): frozenset({0, 1, 2, 3}),
}
# Printed nowhere, and yet to be had by subtracting. Each of their columns being open is not enough.
_DERIVED = (frozenset({2, 3}), frozenset({1, 3}))

_Pair = list[int | None]  # part, rest


def published(
    family: Family, lines: Iterable[Line], k: int, hide: Hide = suppressed
) -> dict[Line, Shown]:
    """Return how each line may be printed, all of them published or not.

    A unit of a line that told nothing about it adds nothing to it. hide: `suppressed`, or what
    remembers what that said.
    """
    items = _Items()
    # Whatever order they were read in, the same counts hide the same cells.
    family = _in_order(family)
    telling = {line: _telling(family, line) for line in sorted(lines, key=_by_uids)}
    merged = _Merged(family, telling.values())
    _lay(merged.family, items)
    wanted = {line: items.rows_of(merged.line(told)) for line, told in telling.items()}
    hidden_from = {line: rows - items.known for line, rows in wanted.items()}
    rows = _Names("r", len(items.cells), hidden_from.values())
    used = [c for c in range(4) if any(row[c] is not None for row in items.cells)]
    kept = {at: frozenset(used.index(c) for c in at if c in used) for at in _lines_of_columns()}
    columns = _Names("c", len(used), kept.values())
    cells = {
        line: (rows.of(of), columns.of(kept[_COLUMNS[line.period, line.side]]))
        for line, of in hidden_from.items()
        if of
    }
    ranks = _ranks(cells)
    table = Table(items.counts(used), rows.lines(), columns.lines(), tuple(ranks.items()), k)
    marks = dict(zip(ranks, hide(table), strict=True))
    return {
        line: _shown(
            items.count(line, wanted[line]),
            marks[cells[line]] if line in cells else None,
            is_partly_known=hidden_from[line] != wanted[line],
        )
        for line in wanted
    }


def _in_order(family: Family) -> Family:
    """Return a family with all that it names in one order."""
    return Family(
        {period: dict(sorted(told.items())) for period, told in sorted(family.told.items())},
        {uid: sorted(later) for uid, later in sorted(family.follows.items())},
        family.known,
        dict(sorted(family.commune_of.items())),
    )


def _by_uids(line: Line) -> tuple[str, str, list[str]]:
    return line.period, line.side, sorted(line.uids)


def _ranks(cells: Mapping[Line, Cell]) -> dict[Cell, Rank]:
    """Return how dear each cell is: units, what holds several, what nothing else holds."""
    found: dict[Cell, Rank] = {}
    for line, cell in cells.items():
        rank = Rank.ITEM
        if len(line.uids) > 1:
            kin = (other for other in cells if other[:2] == line[:2])
            rank = Rank.GROUP if any(line.uids < other.uids for other in kin) else Rank.ALL
        found[cell] = max(rank, found.get(cell, rank))
    return found


def _telling(family: Family, line: Line) -> Line:
    """Return a line without the units that told nothing about it."""
    told = family.told.get(line.period, {})
    side = 0 if line.side == PART else 1
    return line._replace(
        uids=frozenset(uid for uid in line.uids if uid in told and told[uid][side] is not None)
    )


class _Merged:
    """A family in which what is printed only together is one: some workplaces of a commune.

    No line tells them apart, so neither can its reader; and one row in place of many keeps the
    search short.
    """

    def __init__(self, family: Family, telling: Iterable[Line]) -> None:
        self._name = self._names(family, telling)
        self.family = Family(
            {period: self._summed(told) for period, told in family.told.items()},
            {
                self._name.get(uid, uid): [self._name.get(each, each) for each in later]
                for uid, later in family.follows.items()
            },
            self._named(family.known),
        )

    def line(self, line: Line) -> Line:
        return line._replace(uids=self._named(line.uids))

    def _named(self, uids: Iterable[str]) -> frozenset[str]:
        return frozenset(self._name.get(uid, uid) for uid in uids)

    @staticmethod
    def _names(family: Family, telling: Iterable[Line]) -> dict[str, str]:
        """Return a name for each uid, the same for those that all lines hold together."""
        within = defaultdict[str, set[Line]](set)
        for line in telling:
            for uid in line.uids:
                within[uid].add(line)
        first: dict[tuple[object, ...], str] = {}
        # What is counted again elsewhere stays apart.
        moved = {
            each
            for uid, later in family.follows.items()
            if tuple(later) not in ((), (uid,))
            for each in (uid, *later)
        }
        return {
            uid: first.setdefault(
                (
                    commune,
                    frozenset(within[uid]),
                    uid in family.known,
                    *(_pattern(told.get(uid)) for told in family.told.values()),
                ),
                uid,
            )
            for uid, commune in family.commune_of.items()
            if uid not in moved
        }

    def _summed(self, told: Mapping[str, Told]) -> dict[str, Told]:
        found: dict[str, Told] = {}
        for uid, each in told.items():
            name = self._name.get(uid, uid)
            found[name] = _plus(found[name], each) if name in found else each
        return found


def _pattern(told: Told | None) -> tuple[bool, ...]:
    return () if told is None else tuple(count is None for count in told)


def _plus(one: Told, other: Told) -> Told:
    """Add up what two told that left out the same."""
    part, whole = (
        None if mine is None or its is None else mine + its
        for mine, its in zip(one, other, strict=True)
    )
    return Told(part, whole)


def _lines_of_columns() -> tuple[frozenset[int], ...]:
    return (*_COLUMNS.values(), *_DERIVED)


def _shown(count: int | None, others: Mark | None, *, is_partly_known: bool) -> Shown:
    """Return how a count is printed of which a reader may know a part."""
    if count is None:
        return Shown(Mark.MISSING, None)
    if others in (None, Mark.SHOWN, Mark.MISSING):
        return Shown(Mark.SHOWN, count)
    # What he knows, added to a small count, need not be small.
    return Shown(Mark.HIDDEN if is_partly_known or others is None else others, None)


class _Names:
    """Names for items and for sets of them, as an Axis has them."""

    def __init__(self, prefix: str, size: int, sets: Iterable[frozenset[int]]) -> None:
        self._items = tuple(f"{prefix}{n}" for n in range(size))
        self._names = {frozenset({n}): name for n, name in enumerate(self._items)}
        self._totals: dict[str, frozenset[str]] = {}
        for each in sorted({s for s in sets if len(s) > 1}, key=sorted):
            name = f"{prefix}+{len(self._totals)}"
            self._names[each] = name
            self._totals[name] = frozenset(self._items[n] for n in each)

    def lines(self) -> Lines:
        return self._items, tuple(self._totals.items())

    def of(self, each: frozenset[int]) -> str:
        return self._names[each]


class _Items:
    """The rows of the table, each with 4 counts, and which of them each told count is made of."""

    def __init__(self) -> None:
        self.cells: list[list[int | None]] = []
        self.known: set[int] = set()
        self._of: dict[tuple[str, str, str], set[int]] = {}

    def add(self, *, is_known: bool) -> int:
        self.cells.append([None] * 4)
        if is_known:
            self.known.add(len(self.cells) - 1)
        return len(self.cells) - 1

    def place(self, row: int, period: str, uid: str, counts: _Pair) -> None:
        """Put a unit's part and rest into the period's columns of a row."""
        first = 0 if period == H1 else 2
        for offset, count in enumerate(counts):
            if count is not None:
                self.cells[row][first + offset] = count
        self.belongs(row, period, uid)

    def belongs(self, row: int, period: str, uid: str, *sides: str) -> None:
        for side in sides or (PART, WHOLE):
            self._of.setdefault((period, side, uid), set()).add(row)

    def has(self, period: str, uid: str) -> bool:
        """Tell whether anything of a unit and a period has a row yet."""
        return any((period, side, uid) in self._of for side in (PART, WHOLE))

    def counts(self, columns: Sequence[int]) -> tuple[tuple[Cell, int], ...]:
        """Return the counts of some columns that nobody knows, by the names of `_Names`."""
        return tuple(
            ((f"r{r}", f"c{c}"), count)
            for r, row in enumerate(self.cells)
            if r not in self.known
            for c, column in enumerate(columns)
            if (count := row[column]) is not None
        )

    def rows_of(self, line: Line) -> frozenset[int]:
        rows = (self._of.get((line.period, line.side, uid), set()) for uid in line.uids)
        columns = _COLUMNS[line.period, line.side]
        return frozenset(
            row for of in rows for row in of if any(self.cells[row][c] is not None for c in columns)
        )

    def count(self, line: Line, rows: frozenset[int]) -> int | None:
        columns = _COLUMNS[line.period, line.side]
        known = [n for row in rows for c in columns if (n := self.cells[row][c]) is not None]
        return sum(known) if known else None


def _lay(family: Family, items: _Items) -> None:
    """Lay what was told into rows: the half's counts into those of the year that hold them."""
    year = _consistent(family, FY, items)
    half = _consistent(family, H1, items)
    main = dict[str, int]()  # the row that also gets what the year has more
    for uid, left in half.items():
        for later in sorted(family.follows.get(uid, (uid,)), key=lambda other: other != uid):
            if later in year and (uid in family.known) == (later in family.known):
                _share(items, (uid, left), (later, year[later]), main, family.known)
        if any(n is not None and (n or not _has(items, uid, c)) for c, n in enumerate(left)):
            loose = items.add(is_known=uid in family.known)
            items.place(loose, H1, uid, left)
    for uid, more in year.items():
        row = main[uid] if uid in main else items.add(is_known=uid in family.known)
        items.place(row, FY, uid, more)


def _has(items: _Items, uid: str, column: int) -> bool:
    """Tell whether a unit's part, or rest, of the half has a row yet."""
    rows = items.rows_of(Line(H1, WHOLE, frozenset({uid})))
    return any(items.cells[row][column] is not None for row in rows)


def _share(
    items: _Items,
    half: tuple[str, _Pair],
    year: tuple[str, _Pair],
    main: dict[str, int],
    known: frozenset[str],
) -> None:
    """Take out of a half and a year what may be counted in both."""
    (uid, left), (later, more) = half, year
    both: _Pair = [
        None if mine is None or its is None else min(mine, its)
        for mine, its in zip(left, more, strict=True)
    ]
    is_placed = items.has(H1, uid)
    if uid != later and not any(both) and (is_placed or any(left)):
        return
    # Nothing counted is laid into the year too: had anybody been, the year would count them.
    row = items.add(is_known=uid in known)
    items.place(row, H1, uid, both)
    items.belongs(row, FY, later)
    main.setdefault(later, row)
    for side, count in enumerate(both):
        left[side] = _less(left[side], count)
        more[side] = _less(more[side], count)


def _less(count: int | None, taken: int | None) -> int | None:
    return count if count is None or taken is None else count - taken


def _consistent(family: Family, period: str, items: _Items) -> dict[str, _Pair]:
    """Return part and rest by unit; what contradicts itself is laid at once, side by side."""
    found: dict[str, _Pair] = {}
    for uid, (part, whole) in family.told.get(period, {}).items():
        if part is None or whole is None:
            found[uid] = [part, whole]
        elif part <= whole:
            found[uid] = [part, whole - part]
        else:
            first = 0 if period == H1 else 2
            for side, offset, count in ((PART, 0, part), (WHOLE, 1, whole)):
                row = items.add(is_known=uid in family.known)
                items.cells[row][first + offset] = count
                items.belongs(row, period, uid, side)
    return found
