"""The cheapest change of a table that keeps what is printed, by a linear program.

The solver only proposes. What it finds is rounded to whole numbers, and `suppression_exchange`
checks with whole numbers that it keeps what it must; so nothing rests on the solver's arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import highspy

from server.inspections.suppression_grid import Grid, Place

Change = dict[Place, int]  # by how much each item changes; those that do not are left out
OTHER_MARK = 0.1  # what «ẩn» in place of «<k» takes, as a share of the cell's price
# To change a hidden cell by one: next to nothing, or changes would wander about for no use.
_HIDDEN = 0.01
_WHOLE = 1e-6  # what is no further from a whole number is one


@dataclass(slots=True)
class _Program:
    """A linear program while it is put together."""

    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    indices: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def variable(self, low: float, high: float, cost: float = 0.0) -> int:
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        return len(self.cost) - 1

    def zero(self, terms: Iterable[tuple[int, float]]) -> None:
        """Let terms (variable, factor) add up to nothing."""
        for variable, factor in terms:
            self.indices.append(variable)
            self.values.append(factor)
        self.starts.append(len(self.indices))

    def solver(self) -> highspy.Highs:
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.cost), len(self.starts) - 1
        program.col_cost_, program.col_lower_, program.col_upper_ = self.cost, self.low, self.high
        program.row_lower_ = program.row_upper_ = [0.0] * program.num_row_
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = self.starts
        program.a_matrix_.index_ = self.indices
        program.a_matrix_.value_ = self.values
        # Its subclass Highs writes a banner to standard output, where CSV may go.
        solver: highspy.Highs = highspy._Highs()  # type: ignore[attr-defined]
        for option, value in (("output_flag", False), ("threads", 1), ("solver", "simplex")):
            solver.setOptionValue(option, value)
        solver.passModel(program)
        return solver


class Changes:
    """All changes of a table's items, each cell's with a price while it is not hidden.

    A cell's change is made of variables: what its mark allows up, and down, and of a total more.
    """

    def __init__(self, grid: Grid, asked: Sequence[Place], *, is_believed: bool) -> None:
        """asked: cells whose change may be set. is_believed: a mark is not contradicted."""
        self._grid, self._is_believed = grid, is_believed
        self._program = _Program()
        self._of: dict[Place, tuple[int, ...]] = {}  # up, down, further up, further down
        known = [
            (r, c)
            for r, row in enumerate(grid.counts)
            for c, count in enumerate(row)
            if count is not None
        ]
        self._items = [place for place in known if not grid.is_total(place)]
        for place in self._items:
            self._lay(place)
        wanted = {*asked, *(place for place in known if place not in grid.unprinted)}
        for place in known:
            if grid.is_total(place) and place in wanted:
                self._lay(place)
                self._add_up(place)
        self.size = len(self._program.cost)  # in variables
        self._solver = self._program.solver()

    def _lay(self, place: Place) -> None:
        self._of[place] = tuple(
            self._program.variable(0.0, high, cost) for high, cost in self._prices(place)
        )

    def _add_up(self, place: Place) -> None:
        """Let a total change by what its items do."""
        terms = list(zip(self._of[place], (-1.0, 1.0, -1.0, 1.0), strict=True))
        for r in self._grid.rows.lines[place[0]]:
            for c in self._grid.columns.lines[place[1]]:
                if (r, c) in self._of:
                    terms += zip(self._of[r, c], (1.0, -1.0), strict=True)
        self._program.zero(terms)

    def _prices(self, place: Place) -> list[tuple[float, float]]:
        """Return how far each variable of a cell may go, and what one more costs."""
        grid, count = self._grid, self._grid.count(place)
        price = _HIDDEN if place in grid.hidden else grid.price(place)
        low, high = grid.bounds(place) if self._is_believed else (0.0, math.inf)
        own = [(max(high - count, 0.0), price), (max(count - low, 0.0), price)]
        if not grid.is_total(place):
            return own
        if not self._is_believed:
            return [*own, (0.0, 0.0), (0.0, 0.0)]
        further = math.inf if grid.may_be_unmarked(place) else 0.0
        # A small total may move further than its mark says, if it prints another one.
        return [
            *own,
            (further, grid.price(place) * OTHER_MARK),
            (further, grid.price(place) * OTHER_MARK),
        ]

    def renew(self, places: Iterable[Place]) -> None:
        """Note that cells were hidden or lost their mark."""
        for place in places:
            if place in self._of:
                for variable, (high, cost) in zip(
                    self._of[place], self._prices(place), strict=True
                ):
                    self._solver.changeColBounds(variable, 0.0, high)
                    self._solver.changeColCost(variable, cost)

    def give_away(self, places: Iterable[Place]) -> None:
        """Let hiding cells cost nothing until they are renewed."""
        for place in places:
            for variable in self._of.get(place, ())[:2]:
                self._solver.changeColCost(variable, _HIDDEN)

    def cheapest(self, place: Place, by: int) -> Change | None:
        """Return the change that costs least of those that change a cell by so much."""
        up, down, *_ = self._of[place]
        for variable, amount in ((up, max(by, 0)), (down, max(-by, 0))):
            self._solver.changeColBounds(variable, float(amount), float(amount))
        further = self._of[place][2:]
        for variable in further:
            self._solver.changeColBounds(variable, 0.0, 0.0)
        self._solver.run()
        found = self._read()
        self.renew([place])
        return found

    def _read(self) -> Change | None:
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = self._solver.getSolution().col_value
        found: Change = {}
        for place in self._items:
            up, down = self._of[place]
            amount = values[up] - values[down]
            if abs(amount) > _WHOLE:
                found[place] = round(amount)
                if abs(amount - found[place]) > _WHOLE:
                    return None
        return found


def changed(grid: Grid, change: Mapping[Place, int]) -> Change:
    """Return by how much each cell changes, totals too; those that do not are left out."""
    found: Change = {}
    for (r, c), amount in sorted(change.items()):
        for row in grid.rows.through[r]:
            for column in grid.columns.through[c]:
                found[row, column] = found.get((row, column), 0) + amount
    return {place: amount for place, amount in found.items() if amount}
