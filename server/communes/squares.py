"""Divide the plane into squares that know which lines can be nearest to a point in them.

The squares of a coarse grid are quartered until few runs of lines are left to each. A run is left
out of a square when some other line is nearer at every point of it. That can be told from the four
corners: let w be a spot on another line and B the box around the run. |p-w|² - distance(p, B)² is
the greatest of |p-w|² - |p-b|² over the spots b of B, each of them linear in p. The greatest of
linear functions is convex, so over a square it is greatest at a corner: if w is nearer than B at
the four corners, it is so everywhere between them. The spots tried are near the corners and the
middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from server.communes.plane import Array, Indices
from server.communes.runs import LENGTH, Runs, box_distance2, improve, spots

# Tried on the simplified map of 92 communes: squares one level deeper answer no quicker and take a
# quarter longer to make.
_ALONG = 4  # squares of the grid along the longer side of what the lines cover
_MARGIN = 0.1  # of the longer side, added on each side of it
_FEW = 8  # runs in a square that need no thinning out
_CROSSED_DEPTH = 6  # as deep go squares that lines run through, so that few points are in them
_DEEPEST = 7  # where many lines meet, or run beside each other
_MOST = 1_000_000  # pairs in a level that is divided: no map, however odd, may take all memory
_BLOCK = 16_384  # pairs at a time, so that they fit the processor's cache

# Squared. Nearer by rounding alone must not count: a run of which a square sees one corner would
# be beaten by that corner, a spot of its own.
_CLEARLY = 1 + 1e-9

_CORNERS = ((-1, -1), (1, -1), (-1, 1), (1, 1))  # south-west, south-east, north-west, north-east

Mask = npt.NDArray[np.bool_]
Small = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Grid:
    """The largest squares, counted from the south-west, eastwards first."""

    west: float  # plane units, as all here
    south: float
    side: float
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Squares:
    """The squares of all sizes, largest first; those of one size are a level.

    x, y, half: middle and half a side of each. Its runs are `near[start[n] : start[n + 1]]`.
    quarter: the south-west quarter of each, 0 for those not divided. The other quarters follow at
    the stride of the level, in the order of _CORNERS.
    """

    grid: Grid
    x: Array
    y: Array
    half: Array
    quarter: Small
    start: Small
    near: Small
    strides: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Level:
    """Squares of one size, and pairs of a square and a run that may be nearest, by square."""

    x: Array
    y: Array
    half: float
    square: Indices
    run: Indices


def divide(runs: Runs) -> Squares:
    """Return the squares for some runs."""
    grid = _grid(runs)
    level = _largest(grid, len(runs.boxes[0]))
    parts: list[tuple[npt.NDArray[np.generic], ...]] = []
    strides, count = [], 0
    for depth in range(_DEEPEST + 1):
        level, is_crossed = _thinned_out(level, runs)
        number = np.bincount(level.square, minlength=len(level.x))
        is_divided = (number > _FEW) | (is_crossed & (depth < _CROSSED_DEPTH))
        is_divided &= (depth < _DEEPEST) & (len(level.run) < _MOST)
        count += len(level.x)
        strides.append(int(is_divided.sum()))
        quarter = np.where(is_divided, count + np.cumsum(is_divided) - 1, 0)
        kept = _nearest_first(level, runs, ~is_divided)
        half = np.full(len(level.x), level.half)
        parts.append((level.x, level.y, half, quarter, np.where(is_divided, 0, number), kept))
        if not is_divided.any():
            break
        level = _quarters(level, is_divided)
    x, y, half, quarter, number, near = (np.concatenate(part) for part in zip(*parts, strict=True))
    start = np.concatenate(([0], np.cumsum(number)))
    quarter, start, near = (part.astype(np.int32) for part in (quarter, start, near))
    return Squares(grid, x, y, half, quarter, start, near, tuple(strides))


def _grid(runs: Runs) -> Grid:
    x, y, half_width, half_height = runs.boxes
    west, south = float((x - half_width).min()), float((y - half_height).min())
    width, height = float((x + half_width).max()) - west, float((y + half_height).max()) - south
    margin = _MARGIN * max(width, height)
    side = (max(width, height) + 2 * margin) / _ALONG
    columns, rows = (int(np.ceil((size + 2 * margin) / side)) for size in (width, height))
    return Grid(west - margin, south - margin, side, columns, rows)


def _largest(grid: Grid, runs: int) -> _Level:
    row, column = np.divmod(np.arange(grid.columns * grid.rows), grid.columns)
    return _Level(
        grid.west + (column + 0.5) * grid.side,
        grid.south + (row + 0.5) * grid.side,
        grid.side / 2,
        np.repeat(np.arange(len(row)), runs),
        np.tile(np.arange(runs), len(row)),
    )


def _thinned_out(level: _Level, runs: Runs) -> tuple[_Level, Mask]:
    """Return a level without the runs that are nowhere nearest; which squares lines may cross."""
    squares, kept, crossed = [], [], []
    for block, first in _blocks(level):
        left, is_crossed = _thin_out(block, runs)
        squares.append(left.square + first)
        kept.append(left.run)
        crossed.append(is_crossed)
    pairs = np.concatenate(squares), np.concatenate(kept)
    return _Level(level.x, level.y, level.half, *pairs), np.concatenate(crossed)


def _blocks(level: _Level) -> Iterator[tuple[_Level, int]]:
    """Yield some squares at a time, with the number of the first; each square whole."""
    pair_of = np.searchsorted(level.square, np.arange(len(level.x) + 1))
    first = 0
    while first < len(level.x):
        last = int(np.searchsorted(pair_of, pair_of[first] + _BLOCK, side="right")) - 1
        last = max(last, first + 1)
        pairs = slice(pair_of[first], pair_of[last])
        square, run = level.square[pairs] - first, level.run[pairs]
        yield _Level(level.x[first:last], level.y[first:last], level.half, square, run), first
        first = last


def _thin_out(level: _Level, runs: Runs) -> tuple[_Level, Mask]:
    square, run = level.square, level.run
    away2 = box_distance2(runs, level.x[square], level.y[square], run)
    nearest = _first_least(away2, square)
    spot_x, spot_y = _spots(level.x, level.y, run[nearest], runs)
    radius = level.half * 2**0.5
    is_crossed = away2[nearest] <= (radius * 1.001) ** 2
    # Cheaper than the corners, and most are out already: from anywhere in the square the spot is
    # at most its distance plus the radius away, the run at least its distance minus the radius.
    reach = np.hypot(spot_x - level.x, spot_y - level.y) + 2 * radius
    stays = away2 <= (reach**2)[square]
    left = _Level(level.x, level.y, level.half, square[stays], run[stays])
    return _beaten_out(left, runs, (spot_x, spot_y)), is_crossed


def _beaten_out(level: _Level, runs: Runs, spot: tuple[Array, Array]) -> _Level:
    """Leave out runs that are farther from all four corners than a spot is."""
    square, run = level.square, level.run
    corners = [(level.x + level.half * east, level.y + level.half * north)
               for east, north in _CORNERS]  # fmt: skip
    away2 = np.column_stack([box_distance2(runs, x[square], y[square], run) for x, y in corners])
    stays = ~_is_beaten(spot, corners, square, away2)
    for number, (x, y) in enumerate(corners):
        nearest = _first_least(np.ascontiguousarray(away2[:, number]), square)
        stays &= ~_is_beaten(_spots(x, y, run[nearest], runs), corners, square, away2)
    return _Level(level.x, level.y, level.half, square[stays], run[stays])


def _is_beaten(
    spot: tuple[Array, Array], corners: list[tuple[Array, Array]], square: Indices, away2: Array
) -> Mask:
    spot2 = np.column_stack([(x - spot[0]) ** 2 + (y - spot[1]) ** 2 for x, y in corners])
    spot2 *= _CLEARLY
    is_nearer = spot2.take(square, axis=0) < away2
    return np.asarray(is_nearer.view(np.uint32)[:, 0] == 0x01010101)  # True four times


def _nearest_first(level: _Level, runs: Runs, is_kept: Mask) -> Indices:
    """Return the runs of some squares, for each the one first that rules most others out."""
    is_asked = is_kept[level.square]
    square, run = level.square[is_asked], level.run[is_asked]
    if not len(run):
        return run
    nearest = _first_least(box_distance2(runs, level.x[square], level.y[square], run), square)
    first = np.flatnonzero(np.diff(square, prepend=-1))
    run[first], run[nearest] = run[nearest], run[first]
    return run


def _first_least(values: Array, square: Indices) -> Indices:
    """Return for each square the first of its pairs with the least value."""
    first = np.flatnonzero(np.diff(square, prepend=-1))
    least = np.repeat(np.minimum.reduceat(values, first), np.diff(first, append=len(values)))
    least_at = np.flatnonzero(values == least)
    return least_at[np.diff(square[least_at], prepend=-1) > 0]


def _spots(x: Array, y: Array, run: Indices, runs: Runs) -> tuple[Array, Array]:
    step, least = run * LENGTH, np.full(len(run), np.inf)
    improve(runs, x, y, run, step, least)
    return spots(runs, x, y, step)


def _quarters(level: _Level, is_divided: Mask) -> _Level:
    """Return the squares of the next size; all south-west ones first, and so on."""
    number = np.cumsum(is_divided) - 1
    stride = int(number[-1]) + 1
    is_asked = is_divided[level.square]
    square, half = number[level.square[is_asked]], level.half / 2
    x, y = level.x[is_divided], level.y[is_divided]
    return _Level(
        np.concatenate([x + half * east for east, _ in _CORNERS]),
        np.concatenate([y + half * north for _, north in _CORNERS]),
        half,
        np.concatenate([square + quarter * stride for quarter in range(4)]),
        np.tile(level.run[is_asked], 4),
    )
