"""Which of the dearest totals can be printed at all, before anything is searched: `suppression`.

Were every other cell hidden, what a reader could tell of a small one would hang on these totals
alone. Items that lie within the same of them are alike to him, so that a linear program of a few
variables says how far a small cell may go. What is too near here is too near in every table that
prints them; what is far enough may yet turn out too near, then the search hides one more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from server.inspections.suppression_grid import ALL, PRICES, Grid, Place
from server.inspections.suppression_solver import Program

# How many are given up by trying every choice; beyond that they are taken one by one.
_GIVEN_UP = 2
_EPSILON = 1e-6

Lot = frozenset[int]  # which of the totals include an item
_Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Small:
    """What matters about a small cell."""

    touched: frozenset[Lot]  # the lots of its items
    covered: frozenset[Lot]  # those with no other item
    count: int | None  # of an item that is marked «<k»


def printable(grid: Grid, small: Sequence[Place]) -> frozenset[Place]:
    """Return as many of the dearest totals as can be printed while small cells stay open.

    Of choices of as many, the one that prints the largest counts.
    """
    dear = [
        place
        for place in grid.known()
        if place not in grid.hidden and grid.price(place) >= PRICES[ALL]
    ]
    dear.sort(key=lambda place: (-grid.count(place), place))
    if not dear:
        return frozenset()
    for given_up in range(min(_GIVEN_UP, len(dear)) + 1):
        choices = sorted(
            combinations(dear, len(dear) - given_up),
            key=lambda choice: -sum(grid.count(place) for place in choice),
        )
        for choice in choices:
            if _leaves_open(grid, choice, small):
                return frozenset(choice)
    kept = list[Place]()
    for place in dear:
        if _leaves_open(grid, [*kept, place], small):
            kept.append(place)
    return frozenset(kept)


def _leaves_open(grid: Grid, totals: Sequence[Place], small: Sequence[Place]) -> bool:
    lots = _Lots(grid, totals)
    # Those that cover the most are the likeliest to be too near.
    seen = dict.fromkeys(lots.of(place) for place in reversed(small))
    return all(lots.is_open(each) for each in seen)


class _Lots:
    """The items of a table, by which of some totals include them."""

    def __init__(self, grid: Grid, totals: Sequence[Place]) -> None:
        self._grid = grid
        self._totals = totals
        within = [frozenset(grid.items_of(total)) for total in totals]
        self._lot = {
            item: frozenset(n for n, items in enumerate(within) if item in items)
            for item in grid.known()
            if not grid.is_total(item)
        }
        self._items = dict[Lot, list[Place]]()
        for item, lot in self._lot.items():
            self._items.setdefault(lot, []).append(item)
        self._bounds = {
            lot: self._sum(grid.bounds(item) for item in items)
            for lot, items in self._items.items()
        }
        self._extreme = cache(self._least)

    def of(self, place: Place) -> _Small:
        """Return what matters about a small cell."""
        items = [self._lot[item] for item in self._grid.items_of(place)]
        covered = (lot for lot in set(items) if items.count(lot) == len(self._items[lot]))
        is_marked = place not in self._grid.unmarked and not self._grid.is_total(place)
        count = self._grid.count(place) if is_marked else None
        return _Small(frozenset(items), frozenset(covered), count)

    def is_open(self, small: _Small) -> bool:
        """Tell whether a small cell spans k values, and all that its mark says."""
        k = self._grid.k
        most = math.inf if Lot() in small.touched else -self._extreme(small.touched, -1.0)
        least = self._extreme(small.covered, 1.0) if small.covered else 0.0
        if most - least < k - _EPSILON:
            return False
        if small.count is None:
            return True
        (lot,) = small.touched
        return all(self._may_be(lot, small.count, to) for to in (1, k - 1))

    def _least(self, lots: frozenset[Lot], sign: float) -> float:
        """Return the least that some lots together may count, or that times -1 the most."""
        program = Program()
        variables = {
            lot: program.variable(0.0, math.inf, sign if lot in lots else 0.0)
            for lot in self._items
        }
        self._add_up(program, variables)
        found = program.least()
        return math.inf if found is None else found

    def _may_be(self, lot: Lot, count: int, to: int) -> bool:
        """Tell whether an item of a lot may be another count, whatever marks say of others."""
        if count == to or not lot:
            return True
        program = Program()
        variables = dict[Lot, int]()
        for each, (low, high) in self._bounds.items():
            if each == lot:
                low, high = low - 1 + to, high - (self._grid.k - 1) + to
            variables[each] = program.variable(low, high)
        self._add_up(program, variables)
        return program.least() is not None

    def _add_up(self, program: Program, variables: dict[Lot, int]) -> None:
        for n, total in enumerate(self._totals):
            terms = [(variable, 1.0) for lot, variable in variables.items() if n in lot]
            program.add_up(terms, float(self._grid.count(total)))

    @staticmethod
    def _sum(ranges: Iterable[_Range]) -> _Range:
        lows, highs = zip(*ranges, strict=True)
        return sum(lows), sum(highs)
