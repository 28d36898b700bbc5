"""A table with all its totals, and which of its cells are hidden: see `suppression`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Line = frozenset[int]  # positions of the items that a row or column adds up; an item has its own
Place = tuple[int, int]  # a line of the rows, a line of the columns
Lines = frozenset[int]  # positions of lines

# What hiding a cell takes from the readers, by its rank. A table has fewer cells of a rank than lie
# between two prices: no number of the lower is dearer than one of the higher.
PRICES = (1.0, 1e3, 1e6)
ITEM, GROUP, ALL = range(3)


@dataclass(frozen=True, slots=True)
class Move:
    """Cells that grow together, and cells that shrink by the same: every total still holds."""

    grows: tuple[Place, ...]
    shrinks: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Return all cells that it needs hidden."""
        return self.grows + self.shrinks


@dataclass(frozen=True, slots=True)
class Part:
    """What a move does on one axis: lines that have the one item and not the other, and back."""

    gains: Lines
    loses: Lines


class Side:
    """The lines of the rows or of the columns, items first."""

    def __init__(self, lines: Sequence[Line], item_count: int) -> None:
        self.lines = lines
        self.item_count = item_count
        self.through = [
            frozenset(n for n, line in enumerate(lines) if item in line)
            for item in range(item_count)
        ]

    def part(self, item: int, partner: int | None) -> Part:
        """Return what moves when an item gains and its partner loses, or nobody does."""
        mine, its = self.through[item], self.through[partner] if partner is not None else Line()
        return Part(mine - its, its - mine)

    def twins(self, item: int) -> list[int]:
        """Return the other items that all the same totals include."""
        totals = self.through[item] - {item}
        return [n for n, lines in enumerate(self.through) if n != item and lines - {n} == totals]

    def apart(self, item: int, other: int) -> Lines:
        """Return the totals that include one of two items and not the other."""
        return (self.through[item] - {item}) ^ (self.through[other] - {other})

    def is_free(self, line: int) -> bool:
        """Tell whether a line is an item that no total includes."""
        return line < self.item_count and len(self.through[line]) == 1


class Grid:
    """A table with all its totals, and which of its cells are hidden so far."""

    def __init__(
        self,
        rows: Sequence[Line],
        columns: Sequence[Line],
        items: Sequence[Sequence[int | None]],
        k: int,
    ) -> None:
        self.k = k
        self.counts = [[_total(items, row, column) for column in columns] for row in rows]
        self.rows = Side(rows, len(items))
        self.columns = Side(columns, len(items[0]) if items else 0)
        self.reach = (1, k - 1)  # what every small cell must be able to be
        self.hidden: set[Place] = set()
        self.unprinted: frozenset[Place] = frozenset()
        self.ranks: Mapping[Place, int] = {}  # of cells that rank otherwise than by their lines
        # Small, but must not say so: it need not keep apart from what a mark says.
        self.unmarked: set[Place] = set()
        self.safe: set[Place] = set()  # small totals that change by as much as a small item

    def keep_unprinted(self, places: Iterable[Place]) -> None:
        """Note cells that are printed nowhere: nobody knows anything of them, hiding is free."""
        self.unprinted = frozenset(places)
        self.hidden |= self.unprinted
        self.unmarked |= self.unprinted

    def count(self, place: Place) -> int:
        """Return the count of a cell that is not missing."""
        return self.counts[place[0]][place[1]] or 0

    def is_small(self, place: Place) -> bool:
        """Tell whether a cell prints as «<k»."""
        return 0 < self.count(place) < self.k and place not in self.unmarked

    def bounds(self, place: Place) -> tuple[float, float]:
        """Return the counts that the mark of a hidden cell leaves open."""
        if place in self.unmarked:
            return 0, math.inf
        if self.is_small(place):
            return 1, self.k - 1
        return (self.k, math.inf) if self.count(place) else (0, 0)

    def cost(self, places: Iterable[Place]) -> float:
        """Return what hiding cells takes from the readers; nothing for those hidden already."""
        return sum(
            self.price(place) + math.log2(1 + self.count(place))
            for place in places
            if place not in self.hidden
        )

    def price(self, place: Place) -> float:
        """Return what hiding a cell takes from the readers, whatever it counts."""
        by_lines = (place[0] >= self.rows.item_count) + (place[1] >= self.columns.item_count)
        return PRICES[self.ranks.get(place, by_lines)]

    def is_total(self, place: Place) -> bool:
        """Tell whether a cell adds up others."""
        return place[0] >= self.rows.item_count or place[1] >= self.columns.item_count

    def may_be_unmarked(self, place: Place) -> bool:
        """Tell whether a cell that prints «<k» may print another mark: a total may."""
        return self.is_small(place) and self.is_total(place)


def _total(items: Sequence[Sequence[int | None]], row: Line, column: Line) -> int | None:
    known = [n for r in row for c in column if (n := items[r][c]) is not None]
    return sum(known) if known else None
