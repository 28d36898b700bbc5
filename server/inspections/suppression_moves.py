"""The search for cells to hide: see `suppression`, which says what they must achieve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

Line = frozenset[int]  # positions of the items that a row or column adds up; an item has its own
Place = tuple[int, int]  # a line of the rows, a line of the columns
Lines = frozenset[int]  # positions of lines
_Cells = Callable[[int, int], Place]  # of a line of one axis and one of the other

_COST_OF_TOTAL = 20.0  # a hidden total costs its readers more than a hidden item
_TRIED = 8  # partners a cell tries on each axis, the cheapest ones: hundreds are no better


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
class Way:
    """What makes a small cell safe."""

    places: tuple[Place, ...]  # to hide; they may all be hidden by now
    unmarked: tuple[Place, ...] = ()  # small totals that must not say so
    carried: tuple[Place, ...] = ()  # small totals that this makes safe too


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
        # Small, but must not say so: it need not keep apart from what a mark says.
        self.unmarked: set[Place] = set()
        self.safe: set[Place] = set()  # small totals that change by as much as a small item

    def keep_unprinted(self, places: Iterable[Place]) -> None:
        """Note cells that are printed nowhere: nobody knows anything of them, hiding is free."""
        self.hidden.update(places)
        self.unmarked.update(self.hidden)

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
        return sum(self._cost(place) for place in places if place not in self.hidden)

    def _cost(self, place: Place) -> float:
        totals = (place[0] >= self.rows.item_count) + (place[1] >= self.columns.item_count)
        return float(_COST_OF_TOTAL**totals + math.log2(1 + self.count(place)))


def protect(grid: Grid) -> None:
    """Hide small cells, and others until none of them can be worked out."""
    known = [
        (r, c)
        for r, row in enumerate(grid.counts)
        for c, count in enumerate(row)
        if count is not None
    ]
    small = [place for place in known if 0 < grid.count(place) < grid.k]
    grid.hidden.update(small)
    # Items first: what hides them often hides the totals too. The smallest need the most.
    small.sort(key=lambda place: (_is_total(grid, place), grid.count(place)))
    for place in small:
        if place in grid.safe:
            continue
        way = _cheapest(grid, place)
        grid.hidden.update(way.places)
        grid.unmarked.update(way.unmarked)
        grid.safe.update(way.carried)


def _is_total(grid: Grid, place: Place) -> bool:
    return place[0] >= grid.rows.item_count or place[1] >= grid.columns.item_count


def _cheapest(grid: Grid, place: Place) -> Way:
    """Return the way to make a small cell safe that takes least from the readers."""
    found: Way | None = None
    least = math.inf
    for way in _ways(grid, place):
        cost = grid.cost(way.places)
        if cost < least:
            found, least = way, cost
        if not cost:
            break
    return found if found is not None else Way(_last_resort(grid, place))


def _ways(grid: Grid, place: Place) -> Iterator[Way]:
    yield from _pools(grid, place)
    for move in _moves(grid, place):
        if _reaches(grid, place, move):
            yield Way(move.places)


def _pools(grid: Grid, place: Place) -> Iterator[Way]:
    """Yield cells that together can take up what one small item gains or loses.

    An item of a commune, say, may go to any commune that the same totals include, or be spread
    over several; the totals of the other axis that it is in move along, here and there.
    """
    row, column = place
    if row >= grid.rows.item_count or column >= grid.columns.item_count:
        return
    for axis, line, across, cells in (
        (grid.rows, row, grid.columns.through[column], lambda r, c: (r, c)),
        (grid.columns, column, grid.rows.through[row], lambda c, r: (r, c)),
    ):
        lanes = sorted(across)
        carried = [cells(line, lane) for lane in lanes if cells(line, lane) != place]
        unmarked = [cell for cell in carried if grid.is_small(cell) and _holds(grid, place, cell)]
        if not all(_follows(grid, place, cell) for cell in carried if cell not in unmarked):
            continue
        small = tuple(cell for cell in carried if 0 < grid.count(cell) < grid.k)
        if place in grid.unmarked:  # it moves so far only for who does not believe marks
            small = ()

        def at(item: int, lanes: list[int] = lanes, cells: _Cells = cells) -> list[Place]:
            return [cells(item, lane) for lane in lanes]

        pools = [_pool(grid, place, [at(twin) for twin in axis.twins(line)])]
        pools.append(_wide_pool(grid, axis, line, at))
        for pool in pools:
            for places in pool:
                yield Way((*carried, *places), tuple(unmarked), small)


def _holds(grid: Grid, place: Place, total: Place) -> bool:
    """Tell whether the mark of a small total says too much about an item in it."""
    return not _follows(grid, place, total)


def _follows(grid: Grid, place: Place, total: Place) -> bool:
    """Tell whether a total, if hidden, may change by all that a small item in it may."""
    (low, high), (its_low, its_high) = grid.reach, grid.bounds(total)
    own, its = grid.count(place), grid.count(total)
    if place in grid.unmarked:
        return True
    return its_high - its >= high - own and its - its_low >= own - low


def _pool(grid: Grid, place: Place, twins: list[list[Place]]) -> Iterator[tuple[Place, ...]]:
    twins = [cells for cells in twins if all(grid.counts[r][c] is not None for r, c in cells)]
    members = [cells for cells in twins if grid.hidden.issuperset(cells)]
    # The largest first: the fewer need to be hidden.
    fresh = sorted(
        (cells for cells in twins if not grid.hidden.issuperset(cells) and _room(grid, cells)),
        key=lambda cells: _room(grid, cells),
        reverse=True,
    )
    while not _absorbs(grid, place, members):
        if not fresh:
            return
        enough = [cells for cells in fresh if _absorbs(grid, place, [*members, cells])]
        chosen = min(enough, key=grid.cost) if enough else fresh[0]
        fresh.remove(chosen)
        members.append(chosen)
    yield tuple(cell for cells in members for cell in cells)


def _room(grid: Grid, cells: list[Place]) -> float:
    """Return how much all of some cells can lose together."""
    return min(grid.count(cell) - grid.bounds(cell)[0] for cell in cells)


def _absorbs(grid: Grid, place: Place, members: list[list[Place]]) -> bool:
    low, high = grid.reach
    own = grid.count(place)
    give = sum(_room(grid, cells) for cells in members)
    take = sum(min(grid.bounds(c)[1] - grid.count(c) for c in cells) for cells in members)
    span = own + sum(min(grid.count(cell) for cell in cells) for cells in members)
    is_enough = give >= high - own and take >= own - low
    return span >= grid.k and (is_enough or place in grid.unmarked)


def _wide_pool(
    grid: Grid, axis: Side, item: int, at: Callable[[int], list[Place]]
) -> Iterator[tuple[Place, ...]]:
    """Yield totals that, once hidden, let hidden items of elsewhere take up what one item does.

    Where all counts are small no single one can, and the total over all need not be hidden.
    """
    place, apart = at(item)[0], dict[Lines, list[int]]()
    for other in range(axis.item_count):
        if other != item and grid.hidden.issuperset(at(other)):
            apart.setdefault(axis.apart(item, other), []).append(other)
    members: list[int] = []
    totals: set[int] = set()
    for lines in sorted(apart, key=lambda lines: (_price(grid, at, lines), sorted(lines))):
        if not all(_bends(grid, place, cell) for line in lines for cell in at(line)):
            continue
        members += apart[lines]
        totals |= lines
        if _absorbs(grid, place, [at(member) for member in members]) and all(
            sum(grid.count(at(m)[0]) for m in members if t in axis.apart(item, m))
            >= grid.k - grid.count(place)
            for t in totals
        ):
            yield tuple(cell for line in [*members, *totals] for cell in at(line))
            return


def _price(grid: Grid, at: Callable[[int], list[Place]], lines: Lines) -> float:
    return grid.cost(cell for line in lines for cell in at(line))


def _bends(grid: Grid, place: Place, total: Place) -> bool:
    """Tell whether a hidden total may change by all that a small cell may."""
    (low, high), (its_low, its_high) = grid.reach, grid.bounds(total)
    reach = max(high - grid.count(place), grid.count(place) - low, grid.k)
    return grid.count(total) - its_low >= reach and its_high - grid.count(total) >= reach


def _moves(grid: Grid, place: Place) -> Iterator[Move]:
    """Yield moves that make a cell grow."""
    rows = _parts(grid, grid.rows, place[0], lambda row: (row, place[1]))
    columns = _parts(grid, grid.columns, place[1], lambda column: (place[0], column))
    for row, column in product(rows, columns):
        move = Move(
            grows=(*product(row.gains, column.gains), *product(row.loses, column.loses)),
            shrinks=(*product(row.gains, column.loses), *product(row.loses, column.gains)),
        )
        if all(grid.counts[r][c] is not None for r, c in move.places):
            yield move


def _parts(grid: Grid, axis: Side, line: int, at: Callable[[int], Place]) -> list[Part]:
    """Return what a move may do on one axis so that a line of it gains.

    at: the cell of the other axis' line, by line of this one.
    """
    place = at(line)
    parts: list[Part] = []
    for item in _largest(grid, axis.lines[line], at):
        partners = [
            other
            for other in range(axis.item_count)
            if other not in axis.lines[line] and _absorbs_alone(grid, place, at(other))
        ]
        partners.sort(key=lambda other: grid.cost([at(other)]))
        parts.extend(axis.part(item, other) for other in [*partners[:_TRIED], None])
    return parts


def _largest(grid: Grid, line: Line, at: Callable[[int], Place]) -> list[int]:
    """Return a few items of a line that have something to lose."""
    counted = [item for item in line if grid.count(at(item))]
    return sorted(counted, key=lambda item: (-grid.count(at(item)), item))[:3]


def _absorbs_alone(grid: Grid, place: Place, other: Place) -> bool:
    """Tell whether another cell can lose what a small one may gain, and gain what it may lose."""
    if grid.counts[other[0]][other[1]] is None:
        return False
    (low, high), (its_low, its_high) = grid.reach, grid.bounds(other)
    own, its = grid.count(place), grid.count(other)
    if place in grid.unmarked:
        return own + its >= grid.k
    return its - its_low >= high - own and its_high - its >= own - low


def _reaches(grid: Grid, place: Place, move: Move) -> bool:
    """Tell whether a move takes a small cell to all that its mark allows, and spans k."""
    low, high = grid.reach
    own = grid.count(place)
    up = min(
        (
            *(grid.bounds(cell)[1] - grid.count(cell) for cell in move.grows),
            *(grid.count(cell) - grid.bounds(cell)[0] for cell in move.shrinks),
        )
    )
    down = min(
        (
            *(grid.count(cell) - grid.bounds(cell)[0] for cell in move.grows),
            *(grid.bounds(cell)[1] - grid.count(cell) for cell in move.shrinks),
        )
    )
    most = min((grid.count(cell) for cell in move.shrinks), default=math.inf)
    span = most + min(grid.count(cell) for cell in move.grows)
    is_enough = up >= high - own and down >= own - low
    return span >= grid.k and (is_enough or place in grid.unmarked)


def _last_resort(grid: Grid, place: Place) -> tuple[Place, ...]:
    """Hide every total that a small cell is in; small ones among them do not say that they are."""
    row = _largest(grid, grid.rows.lines[place[0]], lambda item: (item, place[1]))[0]
    column = _largest(grid, grid.columns.lines[place[1]], lambda item: (row, item))[0]
    places = tuple(product(grid.rows.through[row], grid.columns.through[column]))
    grid.unmarked.update(cell for cell in places if _is_total(grid, cell) and grid.is_small(cell))
    return places


def _total(items: Sequence[Sequence[int | None]], row: Line, column: Line) -> int | None:
    known = [n for r in row for c in column if (n := items[r][c]) is not None]
    return sum(known) if known else None
