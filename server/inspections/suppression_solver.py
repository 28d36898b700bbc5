"""The cheapest change of a table that keeps what is printed, by a linear program.

The solver only proposes. What it finds is rounded to whole numbers, and `suppression_search` checks
with whole numbers that it keeps what it must; so nothing rests on the solver's arithmetic. It runs
in one thread and without a clock: the same table gives the same proposals anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from server.inspections.suppression_grid import ITEM, PRICES, Grid, Place

if TYPE_CHECKING:
    import highspy

Change = dict[Place, int]  # by how much each item changes; those that do not are left out
OTHER_MARK = 0.1  # what «ẩn» in place of «<k» takes, as a share of the cell's price
# To change a hidden cell by one: next to nothing, or changes would wander about for no use.
_HIDDEN = 0.001
_LARGER = 0.01  # for each doubling of its count: of two alike, the smaller cell is hidden
_WHOLE = 1e-6  # what is no further from a whole number is one
_FEASIBLE = 2  # highspy.SolutionStatus.kSolutionStatusFeasible
_NODES = 100  # of the search for whole numbers, where a linear program ends between them


@cache
def library() -> Any:  # highspy, which knows few types
    """Return the solver's library, imported at the first call."""
    # Not when a worker starts: it takes 14 MB, with numpy, which it brings.
    return import_module("highspy")


@dataclass(slots=True)
class Program:
    """A linear program while it is put together."""

    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)  # what each row's terms add up to
    starts: list[int] = field(default_factory=lambda: [0])
    indices: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def variable(self, low: float, high: float, cost: float = 0.0) -> int:
        """Add a variable; return its number."""
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        return len(self.cost) - 1

    def add_up(self, terms: Iterable[tuple[int, float]], to: float = 0.0) -> None:
        """Let terms (variable, factor) add up to an amount."""
        for variable, factor in terms:
            self.indices.append(variable)
            self.values.append(factor)
        self.sums.append(to)
        self.starts.append(len(self.indices))

    def least(self) -> float | None:
        """Return the least that the cost can be: minus infinity if any, None if nothing fits."""
        solver = self.solver()
        solver.setOptionValue("presolve", "off")  # of a few variables it takes longer than to solve
        solver.run()
        status = solver.getModelStatus()
        if status == library().HighsModelStatus.kOptimal:
            return float(solver.getInfo().objective_function_value)
        return None if status == library().HighsModelStatus.kInfeasible else -math.inf

    def solver(self) -> highspy.Highs:
        """Return what solves it, and may be told of other bounds and costs."""
        found = library()
        program = found.HighsLp()
        program.num_col_, program.num_row_ = len(self.cost), len(self.starts) - 1
        program.col_cost_, program.col_lower_, program.col_upper_ = self.cost, self.low, self.high
        program.row_lower_ = program.row_upper_ = self.sums
        program.a_matrix_.format_ = found.MatrixFormat.kRowwise
        program.a_matrix_.start_ = self.starts
        program.a_matrix_.index_ = self.indices
        program.a_matrix_.value_ = self.values
        # Its subclass Highs writes a banner to standard output, where CSV may go.
        solver: highspy.Highs = found._Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("solver", "simplex")):
            solver.setOptionValue(option, value)
        solver.setOptionValue("mip_max_nodes", _NODES)
        solver.setOptionValue("mip_max_improving_sols", 1)  # the best takes seconds
        solver.passModel(program)
        return solver


class Changes:
    """All changes of a table's items, each cell's with a price while it is not hidden.

    A cell's change is made of variables: what its mark allows up, and down, and of a small total
    that may print another mark, more.
    """

    def __init__(self, grid: Grid, asked: Sequence[Place], *, is_believed: bool) -> None:
        """asked: cells whose change may be set. is_believed: a mark is not contradicted."""
        self.is_believed = is_believed
        self._grid = grid
        self._kept: frozenset[Place] = frozenset()
        self._of: dict[Place, tuple[int, ...]] = {}  # up, down, further up, further down
        program = Program()
        self._items = [place for place in grid.known() if not grid.is_total(place)]
        for place in self._items:
            self._lay(program, place)
        wanted = {*asked, *(place for place in grid.known() if place not in grid.unprinted)}
        for place in grid.known():
            if grid.is_total(place) and place in wanted:
                self._add_up(program, place)
        self.seeks_whole = True  # by many programs, where one ends between whole numbers
        self.work = 0  # linear programs that were solved, times their variables
        self._size = len(program.cost)  # in variables
        self._solver = program.solver()

    def _lay(self, program: Program, place: Place) -> None:
        self._of[place] = tuple(
            program.variable(0.0, high, cost) for high, cost in self._prices(place)
        )

    def _add_up(self, program: Program, place: Place) -> None:
        """Let a total change by what its items do, or smaller totals that are there already."""
        rows, columns = self._grid.rows.lines[place[0]], self._grid.columns.lines[place[1]]
        finest = [(r, c) for r in sorted(rows) for c in sorted(columns)]
        ways = ([(r, place[1]) for r in sorted(rows)], [(place[0], c) for c in sorted(columns)])
        known = [
            way
            for way in ways
            if place not in way
            and all(each in self._of or self._grid.is_missing(each) for each in way)
        ]
        terms = list[tuple[int, float]]()
        for each in min(known, key=len) if known else finest:
            if each in self._of:
                terms += zip(self._of[each], (1.0, -1.0, 1.0, -1.0), strict=False)
        self._lay(program, place)
        program.add_up([*terms, *zip(self._of[place], (-1.0, 1.0, -1.0, 1.0), strict=False)])

    def _prices(self, place: Place) -> list[tuple[float, float]]:
        """Return how far each variable of a cell may go, and what one more costs."""
        grid, count = self._grid, self._grid.count(place)
        price = grid.price(place)
        own = _HIDDEN if place in grid.hidden else price + _LARGER * math.log2(1 + count)
        low, high = grid.bounds(place) if self.is_believed else (0.0, math.inf)
        if place in self._kept:
            low = high = count
        found = [(max(high - count, 0.0), own), (max(count - low, 0.0), own)]
        if self.is_believed and grid.is_small_total(place):
            # It may move further than its mark says, if it prints another one.
            further = math.inf if grid.may_be_unmarked(place) else 0.0
            found += [(further, price * OTHER_MARK)] * 2
        return found

    def keep(self, places: Collection[Place]) -> None:
        """Let cells, and no others, not change whatever that costs."""
        before, self._kept = self._kept, frozenset(places)
        self.renew(sorted(before ^ self._kept))

    def renew(self, places: Iterable[Place]) -> None:
        """Note that cells were hidden, lost their mark, or are no longer asked."""
        self._set(
            (variable, high, cost)
            for place in places
            if place in self._of
            for variable, (high, cost) in zip(self._of[place], self._prices(place), strict=True)
        )

    def give_away(self, places: Iterable[Place]) -> None:
        """Let hiding cells cost nothing until they are renewed."""
        self._set(
            (variable, high, _HIDDEN)
            for place in places
            for variable, (high, _) in list(
                zip(self._of.get(place, ()), self._prices(place), strict=False)
            )[:2]
        )

    def _set(self, terms: Iterable[tuple[int, float, float]]) -> None:
        """Set the most that variables may be, and what one more costs."""
        listed = list(terms)
        if not listed:
            return
        variables, most, costs = (list(each) for each in zip(*listed, strict=True))
        self._solver.changeColsBounds(len(variables), variables, [0.0] * len(variables), most)
        self._solver.changeColsCost(len(variables), variables, costs)

    def cheapest(self, place: Place, by: int) -> Change | None:
        """Return the change that costs least of those that change a cell by so much.

        Where no mark is believed it may change by a little more: one step further often is a whole
        number of people elsewhere where the first is half of one.
        """
        found: Change | None = None
        steps = (0,) if self.is_believed or by + self._grid.count(place) == 0 else (0, 1, 2)
        for more in steps:
            amount = by + more if by > 0 else max(by - more, -self._grid.count(place))
            self._ask(place, amount)
            self._solve()
            found = self._read()
            if found is not None or not self._is_solved():
                break
        if found is None and self.seeks_whole and self._is_solved():
            found = self._in_whole_numbers(list(self._solver.getSolution().col_value))
        self.renew([place])
        return found

    def _ask(self, place: Place, by: int) -> None:
        up, down, *further = self._of[place]
        low = [float(max(by, 0)), float(max(-by, 0)), *(0.0 for _ in further)]
        variables = [up, down, *further]
        self._solver.changeColsBounds(len(variables), variables, low, low)

    def together(self, asked: Mapping[Place, int], reward: float) -> Change | None:
        """Return a change that takes many cells towards what is asked of each.

        reward: what one step of one of them is worth.
        """
        terms = list[tuple[int, float, float]]()
        for place, by in asked.items():
            (up, its_up), (down, its_down) = list(
                zip(self._of[place], self._prices(place), strict=True)
            )[:2]
            sign = math.copysign(reward, by)
            terms.append((up, min(its_up[0], max(by, 0)), its_up[1] - sign))
            terms.append((down, min(its_down[0], max(-by, 0)), its_down[1] + sign))
            terms += ((variable, 0.0, 0.0) for variable in self._of[place][2:])
        self._set(terms)
        self._solve()
        found = self._read()
        self.renew(asked)
        return found

    def _solve(self) -> None:
        self.work += self._size
        self._solver.run()

    def _is_solved(self) -> bool:
        return bool(self._solver.getModelStatus() == library().HighsModelStatus.kOptimal)

    def _in_whole_numbers(self, values: Sequence[float]) -> Change | None:
        """Return a change in whole numbers that does what is asked; values: the broken one."""
        self._of_kind(library().HighsVarType.kInteger)
        found: Change | None = None
        # Among the cells that the broken one needs there is one nearly always, and quickly found.
        # Else the first that hides no further group, and the first of all.
        for dearest in (0.0, PRICES[ITEM], math.inf):
            found = self._without(self._unused(values, dearest))
            if found is not None:
                break
        self._of_kind(library().HighsVarType.kContinuous)
        return found

    def _unused(self, values: Sequence[float], dearest: float) -> list[int]:
        """Return the variables of printed cells dearer than some that the values do not use."""
        return [
            variable
            for place, variables in self._of.items()
            if place not in self._grid.hidden and self._grid.price(place) > dearest
            for variable in variables
            if values[variable] < _WHOLE
        ]

    def _without(self, variables: list[int]) -> Change | None:
        """Solve without some variables."""
        most = [self._solver.getCol(variable)[3] for variable in variables]
        none = [0.0] * len(variables)
        self._solver.changeColsBounds(len(variables), variables, none, none)
        self._solve()
        self.work += _NODES * self._size
        found = self._read()
        self._solver.changeColsBounds(len(variables), variables, none, most)
        return found

    def _of_kind(self, kind: highspy.HighsVarType) -> None:
        is_whole = kind == library().HighsVarType.kInteger
        self._solver.setOptionValue("solver", "choose" if is_whole else "simplex")
        for variable in range(self._size):
            self._solver.changeColIntegrality(variable, kind)

    def _read(self) -> Change | None:
        if self._solver.getInfo().primal_solution_status != _FEASIBLE:
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
