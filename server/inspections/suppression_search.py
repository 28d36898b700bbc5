"""The search for cells to hide: see `suppression`, which says what they must achieve.

A change of the whole table that keeps what is printed shows that the cells in it are open as far as
it takes them. First come the dearest totals: those that can be printed at all are not touched. Then
changes that hide nothing more are taken for as many small cells as they go; for the next cell that
is not open yet the cheapest change is taken, which hides something; and so on. The totals of all
are dearer than any number of groups, groups than communes. What was hidden for one cell need not be
any more once others are hidden for the next: at last each is tried, the dearest first, whether all
small cells are open without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from server.inspections.suppression_grid import GROUP, PRICES, Grid, Place
from server.inspections.suppression_proof import Proof
from server.inspections.suppression_solver import OTHER_MARK, Change, Changes, changed
from server.inspections.suppression_totals import printable

# What one step of a small cell is worth: less than hiding anything; and, in a table so large that
# looking for the best would take seconds, a little more than that.
_THRIFTY, _HASTY = 0.5, 1.2
# Variables times linear programs that may be spent on a table before haste, and in all.
_THRIFT, _WORK = 600_000, 6_000_000
_SPARING = 350_000  # the same, to find out afterwards what need not be hidden


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


def protect(grid: Grid) -> None:
    """Hide small cells, and others until none of them can be worked out."""
    small = [place for place in grid.known() if 0 < grid.count(place) < grid.k]
    if not small:
        return
    grid.hidden.update(small)
    # Items first: what hides them often hides the totals too. The smallest need the most.
    small.sort(key=lambda place: (grid.is_total(place), grid.count(place), place))
    _Search(grid, small).run()


class _Search:
    """The changes that keep a table's small cells open."""

    def __init__(self, grid: Grid, small: Sequence[Place]) -> None:
        self._grid = grid
        self._small = small
        self._proof = Proof(grid, small)
        self._freely = Changes(grid, small, is_believed=False)
        self._believed = Changes(grid, small, is_believed=True)
        self._kept = printable(grid, small)
        self._in_vain = dict[tuple[bool, int], int]()  # how much was hidden when a way was no use
        self._resorts = dict[Place, set[Place]]()  # small cells without such: what hides them

    def run(self) -> None:
        """Hide what it takes."""
        self._keep(self._kept)
        self._cover()
        for place in self._small:
            if not self._proof.is_open(place):
                self._open(place)
                self._cover()
        self._spare()

    @property
    def _work(self) -> int:
        return self._freely.work + self._believed.work

    def _keep(self, places: Iterable[Place]) -> None:
        for among in (self._freely, self._believed):
            among.keep(frozenset(places) - self._grid.hidden)

    def _cover(self) -> None:
        """Take changes that many small cells share, until they bring nothing more."""
        ways = [(among, sign) for among in (self._believed, self._freely) for sign in (1, -1)]
        while any(self._take(among, sign) for among, sign in ways):
            pass

    def _take(self, among: Changes, sign: int) -> bool:
        """Take a change for all cells that are not open yet; tell whether it opened any."""
        way, hidden = (among.is_believed, sign), len(self._grid.hidden) + len(self._grid.unmarked)
        if self._work > _WORK or self._in_vain.get(way) == hidden:
            return False
        asked = self._asked(among, sign)
        if asked and self._follow(among, asked):
            return True
        self._in_vain[way] = hidden
        return False

    def _follow(self, among: Changes, asked: Mapping[Place, int]) -> bool:
        """Take the change that does most of what is asked, if it opens any cell further."""
        reward = _THRIFTY if self._work < _THRIFT else _HASTY
        cells = changed(self._grid, among.together(asked, reward) or {})
        unmarked = self._unmarked_by(among, cells)
        if unmarked is None or not self._is_useful(among, asked, cells):
            return False
        self._hide(cells, unmarked)
        self._proof.note(cells)
        return True

    def _asked(self, among: Changes, sign: int) -> dict[Place, int]:
        """Return by how much each cell that is not open yet should change."""
        k, asked = self._grid.k, dict[Place, int]()
        for place in self._small:
            reach, count = self._proof.reach[place], self._grid.count(place)
            if not among.is_believed:
                if reach.up + reach.down < k:
                    asked[place] = k - reach.down if sign > 0 else reach.up - k
            elif place not in self._grid.unmarked:
                if sign > 0 and not reach.is_high:
                    asked[place] = k - 1 - count
                elif sign < 0 and not reach.is_low:
                    asked[place] = 1 - count
        return asked

    def _is_useful(self, among: Changes, asked: Mapping[Place, int], cells: Change) -> bool:
        """Tell whether a change opens a cell further."""
        if among.is_believed:
            return any(cells.get(place) == by for place, by in asked.items())
        return any(
            cells.get(place, 0) > self._proof.reach[place].up
            or -cells.get(place, 0) > self._proof.reach[place].down
            for place in asked
        )

    def _unmarked_by(self, among: Changes, cells: Change) -> set[Place] | None:
        """Return the cells that a change lets print no «<k»; None where it may not be made."""
        if not all(self._grid.count(cell) + by >= 0 for cell, by in cells.items()):
            return None
        beyond = self._proof.beyond(cells) if among.is_believed else set[Place]()
        return beyond if all(self._grid.may_be_unmarked(cell) for cell in beyond) else None

    def _open(self, place: Place) -> None:
        """Hide what it takes to keep one small cell open: the dearest totals only if it must be."""
        draft = self._cheapest(place)
        if draft is None:
            self._keep(())
            draft = self._cheapest(place)
        if draft is None:
            self._last_resort(place)
        else:
            self._hide(draft.places, draft.unmarked)
            for change in draft.changes:
                self._proof.note(change)
        self._keep(self._kept)

    def _cheapest(self, place: Place) -> _Draft | None:
        """Return changes that keep a small cell open, or None where none was found.

        A total that says «ẩn» in place of «<k» is open sooner, and cheaper than a group.
        """
        grid = self._grid
        draft = self._drafted(place, is_marked=place not in grid.unmarked)
        is_dear = draft is None or draft.cost >= PRICES[GROUP]
        if is_dear and grid.may_be_unmarked(place):
            other = self._drafted(place, is_marked=False)
            if other is not None:
                other.take(grid, {}, {place})
                if draft is None or other.cost < draft.cost:
                    return other
        return draft

    def _drafted(self, place: Place, *, is_marked: bool) -> _Draft | None:
        draft: _Draft | None = _Draft()
        reach = self._proof.reach[place]
        count, k = self._grid.count(place), self._grid.k
        up, down = reach.up, reach.down
        if is_marked:
            for by, is_reached in ((k - 1 - count, reach.is_high), (1 - count, reach.is_low)):
                if draft is not None and not is_reached:
                    draft = self._added(draft, self._believed, place, by)
            up, down = max(up, k - 1 - count), max(down, count - 1)
        if draft is not None and up + down < k:
            draft = self._widened(draft, place, up, down)
        return draft

    def _widened(self, draft: _Draft, place: Place, up: int, down: int) -> _Draft | None:
        """Return a draft with what makes a cell span k values for who believes no mark."""
        k, count = self._grid.k, self._grid.count(place)
        best: _Draft | None = None
        for steps in ((k - down,), (k - count, -count), (-count, k - count)):
            tried: _Draft | None = draft
            for by in steps:
                if tried is not None and not -down <= by <= up:
                    tried = self._added(tried, self._freely, place, by)
            if tried is not None and (best is None or tried.cost < best.cost):
                best = tried
            if best is not None and best.cost == draft.cost:
                break
        return best

    def _added(self, draft: _Draft, among: Changes, place: Place, by: int) -> _Draft | None:
        """Return a draft with the cheapest change that takes a cell so far, if there is one."""
        if self._work > _WORK:
            return None
        among.give_away(draft.places)
        found = among.cheapest(place, by)
        among.renew(sorted(draft.places))
        cells = changed(self._grid, found or {})
        unmarked = self._unmarked_by(among, cells)
        if unmarked is None or cells.get(place, 0) * by < by * by:
            return None
        more = draft.copy()
        more.take(self._grid, cells, unmarked)
        return more

    def _last_resort(self, place: Place) -> None:
        """Hide every total that a small cell is in; small ones among them do not say so."""
        grid = self._grid
        row, column = max(grid.items_of(place), key=lambda item: (grid.count(item), item))
        places = set(product(grid.rows.through[row], grid.columns.through[column]))
        known = {cell for cell in places if not grid.is_missing(cell)}
        self._hide(known, {cell for cell in known if grid.may_be_unmarked(cell)})
        self._resorts[place] = known

    def _spare(self) -> None:
        """Print again what need not be hidden, the dearest first, as long as work is left."""
        grid = self._grid
        small = {*self._small, *(place for of in self._resorts.values() for place in of)}
        shown = {place for place in grid.known() if place not in grid.hidden}
        spent = self._work
        for among in (self._freely, self._believed):
            among.seeks_whole = False
        for cell in sorted(
            grid.hidden - grid.unprinted - small,
            key=lambda cell: (-grid.price(cell), -grid.count(cell), cell),
        ):
            if self._work - spent > _SPARING:
                return
            for among in (self._freely, self._believed):
                among.keep(frozenset({*shown, cell}))
            if self._holds_without(cell):
                shown.add(cell)
                grid.hidden.discard(cell)

    def _holds_without(self, cell: Place) -> bool:
        """Tell whether all small cells are open if a cell is printed; take what shows it."""
        proof = self._proof
        dropped, noted = proof.drop(proof.through(cell)), list[int]()
        lost = {place for _, taken in dropped for place, _ in taken.of_small} - self._resorts.keys()
        for place in sorted(lost):
            if proof.is_open(place):
                continue
            draft = self._drafted(place, is_marked=place not in self._grid.unmarked)
            if draft is None or draft.cost or any(cell in change for change in draft.changes):
                proof.drop(noted)
                proof.restore(dropped)
                return False
            noted += [proof.note(change) for change in draft.changes]
        return True

    def _hide(self, places: Iterable[Place], unmarked: Iterable[Place] = ()) -> None:
        """Hide cells; small ones among the unmarked do not say that they are."""
        fresh = set(places) - self._grid.hidden
        without = set(unmarked) - self._grid.unmarked
        self._grid.hidden |= fresh
        self._grid.unmarked |= without
        for among in (self._freely, self._believed):
            among.renew(sorted(fresh | without))
