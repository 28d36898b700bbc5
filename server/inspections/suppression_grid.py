"""A table with all its totals, and which of its cells are hidden: see `suppression`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

Line = frozenset[int]  # positions of the items that a row or column adds up; an item has its own
Place = tuple[int, int]  # a line of the rows, a line of the columns

# What hiding a cell takes from the readers, by its rank. A table has fewer cells of a rank than lie
# between two prices: no number of the lower is dearer than one of the higher.
PRICES = (1.0, 1e3, 1e6)
ITEM, GROUP, ALL = range(3)


class Side:
    """The lines of the rows or of the columns, items first."""

    def __init__(self, lines: Sequence[Line], item_count: int) -> None:
        self.lines = lines
        self.item_count = item_count
        self.through = [
            frozenset(n for n, line in enumerate(lines) if item in line)
            for item in range(item_count)
        ]


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
        self.hidden: set[Place] = set()
        self.unprinted: frozenset[Place] = frozenset()
        self.ranks: Mapping[Place, int] = {}  # of cells that rank otherwise than by their lines
        # Small, but must not say so: it need not keep apart from what a mark says.
        self.unmarked: set[Place] = set()

    def keep_unprinted(self, places: Iterable[Place]) -> None:
        """Note cells that are printed nowhere: nobody knows anything of them, hiding is free."""
        self.unprinted = frozenset(places)
        self.hidden |= self.unprinted
        self.unmarked |= self.unprinted

    def count(self, place: Place) -> int:
        """Return the count of a cell that is not missing."""
        return self.counts[place[0]][place[1]] or 0

    def is_missing(self, place: Place) -> bool:
        """Tell whether nobody said what a cell counts."""
        return self.counts[place[0]][place[1]] is None

    def known(self) -> list[Place]:
        """Return the cells that are not missing."""
        return [
            (r, c)
            for r, row in enumerate(self.counts)
            for c, count in enumerate(row)
            if count is not None
        ]

    def items_of(self, place: Place) -> list[Place]:
        """Return the items that a cell adds up, itself if it is one; missing ones left out."""
        rows, columns = self.rows.lines[place[0]], self.columns.lines[place[1]]
        every = ((r, c) for r in sorted(rows) for c in sorted(columns))
        return [item for item in every if not self.is_missing(item)]

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

    def price(self, place: Place) -> float:
        """Return what hiding a cell takes from the readers, whatever it counts."""
        by_lines = (place[0] >= self.rows.item_count) + (place[1] >= self.columns.item_count)
        return PRICES[self.ranks.get(place, by_lines)]

    def is_total(self, place: Place) -> bool:
        """Tell whether a cell adds up others."""
        return place[0] >= self.rows.item_count or place[1] >= self.columns.item_count

    def is_small_total(self, place: Place) -> bool:
        """Tell whether a printed cell is a total that prints «<k» unless it is unmarked."""
        is_printed = place not in self.unprinted
        return is_printed and self.is_total(place) and 0 < self.count(place) < self.k

    def may_be_unmarked(self, place: Place) -> bool:
        """Tell whether a cell that prints «<k» may print another mark: a total may."""
        return self.is_small(place) and self.is_total(place)


def _total(items: Sequence[Sequence[int | None]], row: Line, column: Line) -> int | None:
    known = [n for r in row for c in column if (n := items[r][c]) is not None]
    return sum(known) if known else None
