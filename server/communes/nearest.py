"""Find the spot on any line that is nearest to a point, among tens of thousands of lines.

Never changes once made, and asks neither GEOS nor a lock, so that threads may share it. Points and
spots in the plane (`plane.py`).
"""

from __future__ import annotations

from math import inf

import numpy as np
import numpy.typing as npt

from server.communes.plane import Array
from server.communes.runs import LENGTH, improve, make_runs, spots
from server.communes.squares import divide

Numbers = npt.NDArray[np.int32]

BEYOND = -1  # number of no square


class NearestLine:
    """Lines, and the squares of the plane that know which of them may be nearest.

    ends: rows of x, y of both ends of straight steps; none of no length.
    """

    def __init__(self, ends: Array) -> None:
        self._runs = make_runs(ends)
        self._squares = divide(self._runs)
        # A single number from a view costs a third of what one from an array does.
        self._quarter = self._squares.quarter.data
        self._start = self._squares.start.data
        self._near = self._squares.near.data
        self._steps = tuple(row.data for row in self._runs.steps)
        self._boxes = tuple(row.data for row in self._runs.boxes)

    def clear_squares(self, margin: float) -> tuple[Numbers, Array, Array]:
        """Return the squares no line comes near to, with x and y of the middle of each."""
        squares = self._squares
        ends = np.flatnonzero(squares.quarter == 0).astype(np.int32)
        x, y = squares.x[ends], squares.y[ends]
        spot_x, spot_y = self.spots(x, y, ends)
        is_clear = np.hypot(spot_x - x, spot_y - y) > squares.half[ends] * 2**0.5 + margin
        return ends[is_clear], x[is_clear], y[is_clear]

    @property
    def count(self) -> int:
        """The number of squares."""
        return len(self._squares.quarter)

    def squares(self, x: Array, y: Array) -> Numbers:
        """Return for each point the undivided square it lies in, or BEYOND."""
        grid = self._squares.grid
        east, north = (x - grid.west) / grid.side, (y - grid.south) / grid.side
        is_in = (east >= 0) & (east < grid.columns) & (north >= 0) & (north < grid.rows)
        east, north = np.where(is_in, east, 0.0), np.where(is_in, north, 0.0)
        column, row = east.astype(np.int32), north.astype(np.int32)
        square = row * np.int32(grid.columns) + column
        self._descend(square, east - column, north - row)
        square[~is_in] = BEYOND
        return square

    def _descend(self, square: Numbers, east: Array, north: Array) -> None:
        """Replace squares of the grid; east, north: where in them, 0 to 1."""
        point = np.arange(len(square))
        for stride in self._squares.strides:
            quarter = self._squares.quarter.take(square[point])
            is_divided = quarter > 0
            point, quarter = point[is_divided], quarter[is_divided]
            if not len(point):
                return
            east, north = 2 * east[is_divided], 2 * north[is_divided]
            is_east, is_north = east >= 1, north >= 1
            east, north = east - is_east, north - is_north
            square[point] = quarter + (is_east + 2 * is_north.astype(np.int32)) * np.int32(stride)

    def spots(self, x: Array, y: Array, square: Numbers) -> tuple[Array, Array]:
        """Return x, y of the nearest spot to each point; square: as `squares` found them."""
        start = self._squares.start.take(square)
        number = self._squares.start.take(square + 1) - start
        # Those with many runs first, so that the k-th run is one of the first points.
        order = np.argsort(-number.astype(np.int16), kind="stable")
        x, y, start = x[order], y[order], start[order]
        step, least = np.zeros(len(x), dtype=np.int32), np.full(len(x), np.inf)
        at_least = np.cumsum(np.bincount(number)[::-1])[::-1]  # points with so many runs
        for k, count in enumerate(at_least[1:]):
            run = self._squares.near.take(start[:count] + k)
            improve(self._runs, x[:count], y[:count], run, step[:count], least[:count])
        spot_x, spot_y = np.empty(len(x)), np.empty(len(x))
        spot_x[order], spot_y[order] = spots(self._runs, x, y, step)
        return spot_x, spot_y

    def square(self, x: float, y: float) -> int:
        """Do as `squares`, for one point: numpy takes ten times as long for a single number."""
        grid = self._squares.grid
        east, north = (x - grid.west) / grid.side, (y - grid.south) / grid.side
        if not (0 <= east < grid.columns and 0 <= north < grid.rows):
            return BEYOND
        column, row = int(east), int(north)
        east, north, square = east - column, north - row, row * grid.columns + column
        for stride in self._squares.strides:
            quarter = self._quarter[square]
            if not quarter:
                break
            is_east, is_north = 2 * east >= 1, 2 * north >= 1
            east, north = 2 * east - is_east, 2 * north - is_north
            square = quarter + (is_east + 2 * is_north) * stride
        return square

    def spot(self, x: float, y: float, square: int) -> tuple[float, float]:
        """Do as `spots`, for one point."""
        middles_x, middles_y, half_widths, half_heights = self._boxes
        least, best_x, best_y = inf, x, y
        for run in self._near[self._start[square] : self._start[square + 1]]:
            away_x = max(abs(x - middles_x[run]) - half_widths[run], 0.0)
            away_y = max(abs(y - middles_y[run]) - half_heights[run], 0.0)
            if away_x * away_x + away_y * away_y >= least:
                continue
            for step in range(run * LENGTH, run * LENGTH + LENGTH):
                off_x, off_y = self._off(x, y, step)
                distance2 = off_x * off_x + off_y * off_y
                if distance2 < least:
                    least, best_x, best_y = distance2, x - off_x, y - off_y
        return best_x, best_y

    def _off(self, x: float, y: float, step: int) -> tuple[float, float]:
        """Return the way from the nearest spot on a step to a point."""
        starts_x, starts_y, ways_x, ways_y, per_length2 = self._steps
        off_x, off_y = x - starts_x[step], y - starts_y[step]
        way_x, way_y = ways_x[step], ways_y[step]
        share = (off_x * way_x + off_y * way_y) * per_length2[step]
        share = 0.0 if share < 0.0 else 1.0 if share > 1.0 else share
        return off_x - share * way_x, off_y - share * way_y
