"""The search for cells to hide: see `suppression`, which says what they must achieve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

Line = frozenset[int]  # positions of the items that a row or column adds up; an item has its own
Place = tuple[int, int]  # a line of the rows, a line of the columns
Lines = frozenset[int]  # positions of lines

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
        self.hidden: set[Place] = set()
        self.unmarked: set[Place] = set()  # small, but must not say so

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
    small = [place for place in known if grid.is_small(place)]
    grid.hidden.update(small)
    # Items first: what hides them often hides the totals too. The smallest need the most.
    small.sort(key=lambda place: (_is_total(grid, place), grid.count(place)))
    for place in small:
        grid.hidden.update(_cheapest(grid, place))


def _is_total(grid: Grid, place: Place) -> bool:
    return place[0] >= grid.rows.item_count or place[1] >= grid.columns.item_count


def _cheapest(grid: Grid, place: Place) -> tuple[Place, ...]:
    """Return the cells to hide so that a small one is safe; they may all be hidden by now."""
    found: tuple[Place, ...] | None = None
    least = math.inf
    for places in _ways(grid, place):
        cost = grid.cost(places)
        if cost < least:
            found, least = places, cost
        if not cost:
            break
    return found if found is not None else _last_resort(grid, place)


def _ways(grid: Grid, place: Place) -> Iterator[tuple[Place, ...]]:
    yield from _pools(grid, place)
    for move in _moves(grid, place):
        if _reaches(grid, place, move):
            yield move.places


def _pools(grid: Grid, place: Place) -> Iterator[tuple[Place, ...]]:
    """Yield cells that together can take up what one small item gains or loses.

    Possible along an axis where the other one has no totals: then an item of a commune, say, may
    go to any commune that the same totals include, or be spread over several.
    """
    row, column = place
    if grid.columns.is_free(column) and row < grid.rows.item_count:
        yield from _pool(grid, place, [(twin, column) for twin in grid.rows.twins(row)])
        yield from _wide_pool(grid, grid.rows, row, lambda line: (line, column))
    if grid.rows.is_free(row) and column < grid.columns.item_count:
        yield from _pool(grid, place, [(row, twin) for twin in grid.columns.twins(column)])
        yield from _wide_pool(grid, grid.columns, column, lambda line: (row, line))


def _pool(grid: Grid, place: Place, twins: list[Place]) -> Iterator[tuple[Place, ...]]:
    twins = [twin for twin in twins if grid.counts[twin[0]][twin[1]] is not None]
    members = [twin for twin in twins if twin in grid.hidden]
    # The largest first: the fewer need to be hidden. Those of less than k are hidden already.
    fresh = sorted(
        (twin for twin in twins if twin not in grid.hidden and grid.count(twin) > grid.k),
        key=grid.count,
        reverse=True,
    )
    while not _absorbs(grid, place, members):
        if not fresh:
            return
        enough = [twin for twin in fresh if _absorbs(grid, place, [*members, twin])]
        chosen = enough[-1] if enough else fresh[0]
        fresh.remove(chosen)
        members.append(chosen)
    yield tuple(members)


def _absorbs(grid: Grid, place: Place, members: list[Place]) -> bool:
    low, high = grid.bounds(place)
    own = grid.count(place)
    give = sum(grid.count(member) - grid.bounds(member)[0] for member in members)
    take = sum(grid.bounds(member)[1] - grid.count(member) for member in members)
    span = own + sum(grid.count(member) for member in members)
    return give >= high - own and take >= own - low and span >= grid.k


def _wide_pool(
    grid: Grid, axis: Side, item: int, at: Callable[[int], Place]
) -> Iterator[tuple[Place, ...]]:
    """Yield totals that, once hidden, let hidden items of elsewhere take up what one item does.

    Where all counts are small no single one can, and the total over all need not be hidden.
    """
    place, apart = at(item), dict[Lines, list[int]]()
    for other in range(axis.item_count):
        if other != item and at(other) in grid.hidden:
            apart.setdefault(axis.apart(item, other), []).append(other)
    members: list[int] = []
    totals: set[int] = set()
    for lines in sorted(apart, key=lambda lines: (grid.cost(map(at, lines)), sorted(lines))):
        if not all(_bends(grid, place, at(line)) for line in lines):
            continue
        members += apart[lines]
        totals |= lines
        if _absorbs(grid, place, [at(member) for member in members]) and all(
            grid.count(place) + sum(grid.count(at(m)) for m in members if t in axis.apart(item, m))
            >= grid.k
            for t in totals
        ):
            yield tuple(at(total) for total in totals)
            return


def _bends(grid: Grid, place: Place, total: Place) -> bool:
    """Tell whether a hidden total may change by all that a small cell may."""
    (low, high), (its_low, its_high) = grid.bounds(place), grid.bounds(total)
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
    (low, high), (its_low, its_high) = grid.bounds(place), grid.bounds(other)
    own, its = grid.count(place), grid.count(other)
    return its - its_low >= high - own and its_high - its >= own - low


def _reaches(grid: Grid, place: Place, move: Move) -> bool:
    """Tell whether a move takes a small cell to all that its mark allows, and spans k."""
    low, high = grid.bounds(place)
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
    return up >= high - own and down >= own - low and span >= grid.k


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
