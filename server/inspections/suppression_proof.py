"""What shows that small cells are open: the changes found so far, and how far each takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from server.inspections.suppression_grid import Grid, Place
from server.inspections.suppression_solver import Change


@dataclass(slots=True)
class Reach:
    """How far a small cell is known to go."""

    up: int = 0  # with nothing known but that counts are not negative
    down: int = 0
    is_high: bool = False  # to the most and the least that its mark leaves open, with marks known
    is_low: bool = False

    def take(self, count: int, by: int, k: int, *, is_believable: bool) -> None:
        """Note that it may change by so much."""
        self.up, self.down = max(self.up, by), max(self.down, -by)
        if is_believable:
            self.is_high |= count + by == k - 1
            self.is_low |= count + by == 1


@dataclass(frozen=True, slots=True)
class _Taken:
    """A change that keeps what is printed."""

    change: Change
    of_small: tuple[tuple[Place, int], ...]
    is_believable: bool  # nobody who knows the marks can tell


@dataclass(slots=True)
class Proof:
    """The changes that keep a table's small cells open."""

    grid: Grid
    small: Sequence[Place]
    reach: dict[Place, Reach] = field(init=False)
    _taken: dict[int, _Taken] = field(default_factory=dict)
    _of: dict[Place, set[int]] = field(init=False)  # those that change a small cell
    _last: int = 0

    def __post_init__(self) -> None:
        self.reach = {place: self._unproven(place) for place in self.small}
        self._of = {place: set() for place in self.small}

    def _unproven(self, place: Place) -> Reach:
        count = self.grid.count(place)
        return Reach(is_high=count == self.grid.k - 1, is_low=count == 1)

    def is_open(self, place: Place) -> bool:
        """Tell whether a small cell spans k values, and all that its mark says."""
        reach = self.reach[place]
        is_believable = place in self.grid.unmarked or (reach.is_high and reach.is_low)
        return is_believable and reach.up + reach.down >= self.grid.k

    def beyond(self, change: Change) -> set[Place]:
        """Return the cells that a change takes further than their marks leave open."""
        grid = self.grid
        return {
            cell
            for cell, by in change.items()
            if not grid.bounds(cell)[0] <= grid.count(cell) + by <= grid.bounds(cell)[1]
        }

    def note(self, change: Change) -> int:
        """Note which small cells a change keeps open; return its number."""
        of_small = tuple((cell, by) for cell, by in change.items() if cell in self.reach)
        self._last += 1
        self.restore([(self._last, _Taken(change, of_small, not self.beyond(change)))])
        return self._last

    def through(self, cell: Place) -> list[int]:
        """Return the numbers of the changes that change a cell."""
        return [number for number, each in self._taken.items() if cell in each.change]

    def drop(self, numbers: Iterable[int]) -> list[tuple[int, _Taken]]:
        """Forget changes; return them, to be restored."""
        dropped = [(number, self._taken.pop(number)) for number in numbers]
        touched = set[Place]()
        for number, taken in dropped:
            for place, _ in taken.of_small:
                self._of[place].discard(number)
                touched.add(place)
        for place in touched:
            self.reach[place] = self._unproven(place)
            for number in self._of[place]:
                self._reached(place, self._taken[number])
        return dropped

    def restore(self, taken: Iterable[tuple[int, _Taken]]) -> None:
        """Take changes again that were dropped."""
        for number, each in taken:
            self._taken[number] = each
            for place, _ in each.of_small:
                self._of[place].add(number)
                self._reached(place, each)

    def _reached(self, place: Place, taken: _Taken) -> None:
        is_believable = taken.is_believable and place not in self.grid.unmarked
        by = taken.change[place]
        count, k = self.grid.count(place), self.grid.k
        self.reach[place].take(count, by, k, is_believable=is_believable)
