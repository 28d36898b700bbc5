"""The search for cells to hide: see `suppression`, which says what they must achieve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from server.inspections.suppression_exchange import Exchange
from server.inspections.suppression_grid import (
    GROUP,
    PRICES,
    Grid,
    Line,
    Lines,
    Move,
    Part,
    Place,
    Side,
)

_Cells = Callable[[int, int], Place]  # of a line of one axis and one of the other
_TRIED = 8  # partners a cell tries on each axis, the cheapest ones: hundreds are no better

Swing = Move  # of one line only: what it does when an item of the other axis gains
_At = Callable[[int], Swing]


@dataclass(frozen=True, slots=True)
class Way:
    """What makes a small cell safe."""

    places: tuple[Place, ...]  # to hide; they may all be hidden by now
    unmarked: tuple[Place, ...] = ()  # small totals that must not say so
    carried: tuple[Place, ...] = ()  # small totals that this makes safe too


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
    small.sort(key=lambda place: (grid.is_total(place), grid.count(place)))
    exchange = Exchange(grid, small)
    for place in small:
        if place in grid.safe or exchange.is_safe(place):
            continue
        way = _cheapest(grid, place)
        cost = grid.cost(way.places)
        plan = exchange.plan(place) if cost >= PRICES[GROUP] else None
        if plan is not None and plan.cost < cost:
            exchange.follow(plan)
        else:
            exchange.hide(way.places, way.unmarked)
            grid.safe.update(way.carried)


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
    return found if found is not None else _last_resort(grid, place)


def _ways(grid: Grid, place: Place) -> Iterator[Way]:
    yield from _pools(grid, place)
    for move in _moves(grid, place):
        if _reaches(grid, place, move):
            yield Way(move.places)


def _pools(grid: Grid, place: Place) -> Iterator[Way]:
    """Yield cells that together can take up what one small item gains or loses.

    An item of a commune, say, may go to any commune that the same totals include, or be spread
    over several. On the other axis the totals that it is in move along, here and there, or another
    item gives it up, and nothing of what includes both moves.
    """
    row, column = place
    if row >= grid.rows.item_count or column >= grid.columns.item_count:
        return
    for axis, line, other, item, cells in (
        (grid.rows, row, grid.columns, column, lambda r, c: (r, c)),
        (grid.columns, column, grid.rows, row, lambda c, r: (r, c)),
    ):
        partners = range(other.item_count) if other.item_count <= _TRIED else ()
        for partner in (None, *(n for n in partners if n != item)):
            yield from _pooled(grid, place, axis, line, _swing(other.part(item, partner), cells))


def _swing(part: Part, cells: _Cells) -> _At:
    """Return the cells of a line that gain and that lose when an item of the other axis gains."""

    def at(line: int) -> Swing:
        return Swing(
            tuple(cells(line, lane) for lane in sorted(part.gains)),
            tuple(cells(line, lane) for lane in sorted(part.loses)),
        )

    return at


def _pooled(grid: Grid, place: Place, axis: Side, line: int, at: _At) -> Iterator[Way]:
    own = at(line)
    if any(grid.counts[r][c] is None for r, c in own.places):
        return
    carried = [cell for cell in own.places if cell != place]
    unmarked = tuple(
        cell for cell in carried if grid.is_small(cell) and not _follows(grid, place, cell, own)
    )
    if any(grid.is_small(c) and not grid.is_total(c) for c in unmarked):
        return  # an item that is marked small says so
    if not all(_follows(grid, place, cell, own) for cell in carried if cell not in unmarked):
        return
    # For who does not believe marks, an unmarked cell moves far enough; no other is safe by that.
    small = (
        ()
        if place in grid.unmarked
        else tuple(cell for cell in own.grows if cell != place and 0 < grid.count(cell) < grid.k)
    )
    for pool in (
        _pool(grid, place, own, [at(twin) for twin in axis.twins(line)]),
        _wide_pool(grid, axis, line, at),
    ):
        for places in pool:
            yield Way((*carried, *places), unmarked, small)


def _follows(grid: Grid, place: Place, cell: Place, own: Swing) -> bool:
    """Tell whether a cell, if hidden, may change along with all that a small item may."""
    if place in grid.unmarked:
        return True
    low, high = grid.reach
    up, down = high - grid.count(place), grid.count(place) - low
    if cell in own.shrinks:
        up, down = down, up
    its_low, its_high = grid.bounds(cell)
    return its_high - grid.count(cell) >= up and grid.count(cell) - its_low >= down


def _pool(grid: Grid, place: Place, own: Swing, twins: list[Swing]) -> Iterator[tuple[Place, ...]]:
    twins = [twin for twin in twins if all(grid.counts[r][c] is not None for r, c in twin.places)]
    members = [twin for twin in twins if grid.hidden.issuperset(twin.places)]
    # The largest first: the fewer need to be hidden.
    fresh = sorted(
        (t for t in twins if not grid.hidden.issuperset(t.places) and _give(grid, t) > 0),
        key=lambda twin: _give(grid, twin),
        reverse=True,
    )
    while not _absorbs(grid, place, own, members):
        if not fresh:
            return
        enough = [twin for twin in fresh if _absorbs(grid, place, own, [*members, twin])]
        chosen = min(enough, key=lambda twin: grid.cost(twin.places)) if enough else fresh[0]
        fresh.remove(chosen)
        members.append(chosen)
    yield tuple(cell for twin in members for cell in twin.places)


def _give(grid: Grid, swing: Swing) -> float:
    """Return how much a line can move against the small cell's when that gains."""
    down = (grid.count(cell) - grid.bounds(cell)[0] for cell in swing.grows)
    up = (grid.bounds(cell)[1] - grid.count(cell) for cell in swing.shrinks)
    return min(*down, *up, math.inf)


def _take(grid: Grid, swing: Swing) -> float:
    """Return how much it can move when the small cell loses."""
    return _give(grid, Swing(swing.shrinks, swing.grows))


def _least(grid: Grid, cells: tuple[Place, ...]) -> float:
    return min((grid.count(cell) for cell in cells), default=math.inf)


def _absorbs(grid: Grid, place: Place, own: Swing, members: list[Swing]) -> bool:
    low, high = grid.reach
    count = grid.count(place)
    give = sum(_give(grid, member) for member in members)
    take = sum(_take(grid, member) for member in members)
    # Without any mark: nothing but that no count is negative.
    falls = min(_least(grid, own.grows), sum(_least(grid, m.shrinks) for m in members))
    rises = min(_least(grid, own.shrinks), sum(_least(grid, m.grows) for m in members))
    is_enough = give >= high - count and take >= count - low
    return falls + rises >= grid.k and (is_enough or place in grid.unmarked)


def _wide_pool(grid: Grid, axis: Side, item: int, at: _At) -> Iterator[tuple[Place, ...]]:
    """Yield totals that, once hidden, let hidden items of elsewhere take up what one item does.

    Where all counts are small no single one can, and the total over all need not be hidden.
    """
    own = at(item)
    if own.shrinks:
        return
    place, apart = own.grows[0], dict[Lines, list[int]]()
    for other in range(axis.item_count):
        if other != item and grid.hidden.issuperset(at(other).places):
            apart.setdefault(axis.apart(item, other), []).append(other)
    members: list[int] = []
    totals: set[int] = set()
    for lines in sorted(apart, key=lambda lines: (_price(grid, at, lines), sorted(lines))):
        if not all(_bends(grid, place, cell) for line in lines for cell in at(line).places):
            continue
        members += apart[lines]
        totals |= lines
        if _absorbs(grid, place, own, [at(member) for member in members]) and all(
            sum(grid.count(at(m).grows[0]) for m in members if t in axis.apart(item, m))
            >= grid.k - grid.count(place)
            for t in totals
        ):
            yield tuple(cell for line in [*members, *totals] for cell in at(line).places)
            return


def _price(grid: Grid, at: _At, lines: Lines) -> float:
    return grid.cost(cell for line in lines for cell in at(line).places)


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


def _last_resort(grid: Grid, place: Place) -> Way:
    """Hide every total that a small cell is in; small ones among them do not say that they are."""
    row = _largest(grid, grid.rows.lines[place[0]], lambda item: (item, place[1]))[0]
    column = _largest(grid, grid.columns.lines[place[1]], lambda item: (row, item))[0]
    places = tuple(product(grid.rows.through[row], grid.columns.through[column]))
    return Way(places, tuple(cell for cell in places if grid.may_be_unmarked(cell)))
