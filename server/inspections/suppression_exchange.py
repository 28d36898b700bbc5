"""Cells to hide so that a small one stays open, the dearest of them left printed: `suppression`.

Moves of two lines, and pools of lines like it, are found quickly and see little: where the communes
of a group cannot take up what one of them may gain, they hide the group's total. An exchange goes
over as many lines as it takes. It is a change of the whole table that keeps what is printed, and
costs least: the totals of all are dearer than any number of groups, groups than communes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from server.inspections.suppression_grid import Grid, Place
from server.inspections.suppression_solver import OTHER_MARK, Change, Changes, changed

# Variables times linear programs: what a table may take. In one of 100 by 20 whose counts are all
# small the last are left to moves and pools; whether a year reaches it was not measured.
_WORK = 1_200_000


@dataclass(slots=True)
class _Reach:
    """How far a small cell is known to go."""

    up: int = 0  # with nothing known but that counts are not negative
    down: int = 0
    is_high: bool = False  # to the most and the least that its mark leaves open, with marks known
    is_low: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes of the table, and what hiding for them costs."""

    cost: float
    changes: tuple[Change, ...]  # of all cells
    unmarked: frozenset[Place]  # small totals that must not say so


@dataclass(slots=True)
class _Draft:
    """What changes would hide, before anything is hidden."""

    cost: float = 0.0
    places: set[Place] = field(default_factory=set)
    unmarked: set[Place] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)

    def take(self, grid: Grid, cells: Change, unmarked: set[Place]) -> None:
        """Add a change."""
        fresh = cells.keys() - self.places - grid.hidden
        without = unmarked - self.unmarked
        self.cost += sum(grid.price(cell) for cell in sorted(fresh))
        self.cost += sum(grid.price(cell) * OTHER_MARK for cell in sorted(without))
        self.places |= fresh
        self.unmarked |= without
        self.changes.append(cells)

    def copy(self) -> _Draft:
        """Return a draft to go on from here."""
        return _Draft(self.cost, set(self.places), set(self.unmarked), list(self.changes))


class Exchange:
    """The changes that keep a table's small cells open."""

    def __init__(self, grid: Grid, small: Sequence[Place]) -> None:
        self._grid = grid
        self._reach = {place: _Reach() for place in small}
        self._freely = Changes(grid, small, is_believed=False)
        self._believed = Changes(grid, small, is_believed=True)
        self._solves = _WORK // max(self._freely.size, 1)  # that may still be made
        self._given: set[Place] = set()  # without a price while a plan is made

    def is_safe(self, place: Place) -> bool:
        """Tell whether changes found so far keep a cell open."""
        reach = self._reach[place]
        is_open = place in self._grid.unmarked or (reach.is_high and reach.is_low)
        return is_open and reach.up + reach.down >= self._grid.k

    def plan(self, place: Place) -> Plan | None:
        """Return changes that keep a small cell open, or None where none was found."""
        draft: _Draft | None = self._drafted(place)
        for changes in (self._freely, self._believed):
            changes.renew(self._given)
        self._given.clear()
        if draft is None:
            return None
        return Plan(draft.cost, tuple(draft.changes), frozenset(draft.unmarked))

    def _drafted(self, place: Place) -> _Draft | None:
        draft = _Draft()
        reach = self._reach[place]
        count, k = self._grid.count(place), self._grid.k
        up, down = reach.up, reach.down
        if place not in self._grid.unmarked:
            for by, is_reached in ((k - 1 - count, reach.is_high), (1 - count, reach.is_low)):
                if not is_reached and not self._add(draft, self._believed, place, by):
                    return None
            up, down = max(up, k - 1 - count), max(down, count - 1)
        return draft if up + down >= k else self._widened(draft, place, up, down)

    def _widened(self, draft: _Draft, place: Place, up: int, down: int) -> _Draft | None:
        """Return a draft with what makes a cell span k values for who believes no mark."""
        k, count = self._grid.k, self._grid.count(place)
        best: _Draft | None = None
        for steps in ((k - down,), (k - count, -count), (-count, k - count)):
            tried = draft.copy()
            wanted = [by for by in steps if not -down <= by <= up]
            if not all(self._add(tried, self._freely, place, by) for by in wanted):
                continue
            if best is None or tried.cost < best.cost:
                best = tried
            if best.cost == draft.cost:
                break
        return best

    def _add(self, draft: _Draft, among: Changes, place: Place, by: int) -> bool:
        if self._solves <= 0:
            return False
        self._solves -= 1
        found = among.cheapest(place, by) if by else {}
        if found is None:
            return False
        cells = changed(self._grid, found)
        if by and (cells.get(place) != by or not self._is_possible(found)):
            return False
        beyond = self._beyond(cells) if among is self._believed else set[Place]()
        if not all(self._grid.may_be_unmarked(cell) for cell in beyond):
            return False
        draft.take(self._grid, cells, beyond)
        for changes in (self._freely, self._believed):
            changes.give_away(draft.places)
        self._given |= draft.places
        return True

    def _is_possible(self, change: Change) -> bool:
        return all(self._grid.count(item) + by >= 0 for item, by in change.items())

    def _beyond(self, cells: Change) -> set[Place]:
        """Return the cells that a change takes further than their marks leave open."""
        return {
            cell
            for cell, by in cells.items()
            if not self._grid.bounds(cell)[0]
            <= self._grid.count(cell) + by
            <= self._grid.bounds(cell)[1]
        }

    def follow(self, plan: Plan) -> None:
        """Hide what a plan changes."""
        touched: set[Place] = set()
        for change in plan.changes:
            touched |= change.keys()
        self.hide(touched, plan.unmarked)
        for change in plan.changes:
            self._note(change)

    def hide(self, places: Iterable[Place], unmarked: Iterable[Place] = ()) -> None:
        """Hide cells; small ones among the unmarked do not say that they are."""
        fresh = set(places) - self._grid.hidden
        without = set(unmarked) - self._grid.unmarked
        self._grid.hidden |= fresh
        self._grid.unmarked |= without
        for changes in (self._freely, self._believed):
            changes.renew(sorted(fresh | without))

    def _note(self, change: Change) -> None:
        """Note which small cells a change keeps open."""
        grid = self._grid
        is_believable = True
        for cell, by in change.items():
            low, high = grid.bounds(cell)
            is_believable = is_believable and low <= grid.count(cell) + by <= high
        for cell, by in change.items():
            reach = self._reach.get(cell)
            if reach is None:
                continue
            reach.up, reach.down = max(reach.up, by), max(reach.down, -by)
            if is_believable and cell not in grid.unmarked:
                reach.is_high |= grid.count(cell) + by == grid.k - 1
                reach.is_low |= grid.count(cell) + by == 1
