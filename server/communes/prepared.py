"""The polygons of one coverage, made ready for many questions about points.

Most points need only the squares of `nearest.py`. GEOS is asked about those in a square that lines
run through, about neighbours near a line, and about the way to one polygon. Its prepared
geometries are not safe to share between threads: they build and change their indexes while they
answer, and shapely lets other threads run meanwhile (libgeos/geos#825; here it ended in "double
free or corruption"). So a lock guards them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes.nearest import BEYOND, NearestLine
from server.communes.plane import (
    WGS84,
    Array,
    Geometries,
    Indices,
    flatten,
    flatten_one,
    flatten_pairs,
    plane_units,
    unflatten,
    unflatten_one,
)
from server.communes.steps import distinct_steps

OUTSIDE = -1  # index of no polygon; as an index it also picks the last line, the outline

_CROSSED = -2  # for a square that lines run through, or may: no single polygon
_MARGIN = 1 / WGS84.a  # 1 m; lines bend by a hundredth of that (steps.BEND_M)
_STRAIGHT = 0.01  # degrees of a step that bends by less than steps.BEND_M as far north as Vietnam
_THREADS = min(4, os.cpu_count() or 1)
_AT_A_TIME = 8_192  # points, so that what is made of them fits the processor's cache


@dataclass(frozen=True, slots=True)
class _Guide:
    """Where lines are, and the one polygon of each square that no line runs through."""

    nearest: NearestLine
    polygon: npt.NDArray[np.int32]  # of a square: index, OUTSIDE or _CROSSED


class PreparedCoverage:
    """Polygons in degrees, and their lines in the plane.

    polygons: Polygon or MultiPolygon, lon lat degrees WGS 84. Their order decides: a point on a
    line belongs to the first polygon that touches it.
    """

    def __init__(self, polygons: Sequence[BaseGeometry]) -> None:
        self._polygons: Geometries = np.array(polygons, dtype=object)
        self._tree = shapely.STRtree(self._polygons)
        boxes = np.ascontiguousarray(shapely.bounds(self._polygons).T)
        self._west, self._south, self._east, self._north = boxes
        self._steps = distinct_steps(self._polygons)
        straight = shapely.segmentize(shapely.boundary(self._polygons), _STRAIGHT)
        lines = shapely.transform(straight, flatten_pairs)
        self._lines: Geometries = np.array([*lines, self._outline()], dtype=object)
        self._line_tree = shapely.STRtree(lines)
        shapely.prepare(self._polygons)
        shapely.prepare(self._lines)
        self._lock = Lock()
        self._making = Lock()
        self._made: _Guide | None = None

    @property
    def _guide(self) -> _Guide:
        """The guide, made at the first question: days long past are hardly asked about."""
        if self._made is None:
            with self._making:
                if self._made is None:
                    self._made = self._make_guide()
        return self._made

    def _make_guide(self) -> _Guide:
        starts, stops = self._steps.ends[:, :2], self._steps.ends[:, 2:]
        nearest = NearestLine(np.hstack((flatten_pairs(starts), flatten_pairs(stops))))
        square, x, y = nearest.clear_squares(_MARGIN)
        polygon = np.full(nearest.count, _CROSSED, dtype=np.int32)
        # No line comes near, so what is true of the middle is true of the whole square.
        polygon[square] = self.polygons_at(*unflatten(x, y))
        return _Guide(nearest, polygon)

    def find(self, lon: float, lat: float) -> tuple[int, float]:
        """Return the index of the polygon that a point lies in or on, or OUTSIDE; metres to a line.

        The metres are geodesic and to the nearest line of all. In a coverage without gaps and
        overlaps that is the line of the point's own polygon. Where polygons overlap it may be the
        neighbour's, and rightly: on its other side the point would be in both.
        """
        guide = self._guide
        x, y = flatten_one(lon, lat)
        square = guide.nearest.square(x, y)
        if square == BEYOND:
            return OUTSIDE, self.metres_to_line(lon, lat, OUTSIDE)
        polygon = int(guide.polygon[square])
        if polygon == _CROSSED:
            polygon = self._polygon_at(lon, lat)
        line_lon, line_lat = unflatten_one(*guide.nearest.spot(x, y, square))
        return polygon, float(WGS84.inv(lon, lat, line_lon, line_lat)[2])

    def find_many(self, lons: Array, lats: Array) -> tuple[Indices, Array]:
        """Do as `find`, for many points."""
        guide = self._guide
        starts = range(0, len(lons), _AT_A_TIME)
        parts = [slice(start, start + _AT_A_TIME) for start in starts]
        polygons, metres = np.empty(len(lons), dtype=np.intp), np.empty(len(lons))

        def find_part(part: slice) -> None:
            polygons[part], metres[part] = _guided(guide, lons[part], lats[part])

        with ThreadPoolExecutor(max(1, min(_THREADS, len(parts)))) as threads:
            list(threads.map(find_part, parts))
        crossed = np.flatnonzero(polygons == _CROSSED)
        polygons[crossed] = self.polygons_at(lons[crossed], lats[crossed])
        beyond = np.flatnonzero(np.isnan(metres))
        metres[beyond] = self._metres_to_outline(lons[beyond], lats[beyond])
        return polygons, metres

    def _polygon_at(self, lon: float, lat: float) -> int:
        # For one point, comparing all boxes costs half of what asking the tree does.
        is_near = (self._west <= lon) & (lon <= self._east)
        is_near &= (self._south <= lat) & (lat <= self._north)
        near = np.flatnonzero(is_near)
        with self._lock:
            hits = near[shapely.intersects_xy(self._polygons[near], lon, lat)]
        return int(hits.min()) if hits.size else OUTSIDE

    def polygons_at(self, lons: Array, lats: Array) -> Indices:
        """Return for each point the index of the polygon it lies in or on, or OUTSIDE; by GEOS."""
        # By bounding box first, then on prepared polygons: `query(points, predicate=…)` would
        # prepare the points instead, and is forty times slower (issue 2, section 3).
        with self._lock:
            point, polygon = self._tree.query(shapely.points(lons, lats))
            is_hit = shapely.intersects_xy(self._polygons[polygon], lons[point], lats[point])
        found = np.full(len(lons), len(self._polygons), dtype=np.intp)
        np.minimum.at(found, point[is_hit], polygon[is_hit])
        found[found == len(self._polygons)] = OUTSIDE
        return found

    def contains(self, polygon: int, lon: float, lat: float) -> bool:
        """Tell whether a point lies in a polygon or on its line."""
        with self._lock:
            return bool(shapely.intersects_xy(self._polygons[polygon], lon, lat))

    def metres_to_line(self, lon: float, lat: float, polygon: int) -> float:
        """Return the geodesic distance from a point to a polygon's line, from either side.

        OUTSIDE measures to the nearest line of all.
        """
        x, y = flatten_one(lon, lat)
        point = shapely.points([x, y])  # the quickest way to make one
        with self._lock:
            way = shapely.shortest_line(self._lines[polygon], point)
        nearest_x, nearest_y = shapely.get_coordinates(way)[0]  # a way starts on the line
        line_lon, line_lat = unflatten_one(float(nearest_x), float(nearest_y))
        return float(WGS84.inv(lon, lat, line_lon, line_lat)[2])

    def _metres_to_outline(self, lons: Array, lats: Array) -> Array:
        with self._lock:
            points = shapely.points(*flatten(lons, lats))
            ways = shapely.shortest_line(self._lines[OUTSIDE], points)
        spots = shapely.get_coordinates(ways)[::2]
        return np.asarray(WGS84.inv(lons, lats, *unflatten(spots[:, 0], spots[:, 1]))[2])

    def near(self, lon: float, lat: float, within_m: float) -> Indices:
        """Return the polygons that have a line within some metres of a point."""
        x, y = flatten_one(lon, lat)
        reach = float(plane_units(within_m, lat))
        around = shapely.box(x - reach, y - reach, x + reach, y + reach)
        point = shapely.points([x, y])
        with self._lock:
            polygon = self._line_tree.query(around)
            return polygon[shapely.dwithin(self._lines[polygon], point, reach)]

    def near_many(self, lons: Array, lats: Array, within_m: Array) -> tuple[Indices, Indices]:
        """Do as `near`, for many points; return pairs (index of point, index of polygon)."""
        x, y = flatten(lons, lats)
        reach = plane_units(within_m, lats)
        points = np.asarray(shapely.points(x, y))
        boxes = shapely.box(x - reach, y - reach, x + reach, y + reach)
        with self._lock:
            point, polygon = self._line_tree.query(boxes)
            is_near = shapely.dwithin(self._lines[polygon], points[point], reach[point])
        return point[is_near], polygon[is_near]

    def _outline(self) -> BaseGeometry:
        """Return the lines with a polygon on one side only: what a point far out is measured to.

        Where neighbours do not share their corners both lines stay; the nearest is right all the
        same.
        """
        ends = self._steps.ends[self._steps.is_outer].reshape(-1, 2)
        steps = np.asarray(shapely.linestrings(flatten_pairs(ends).reshape(-1, 2, 2)))
        merged: BaseGeometry = shapely.line_merge(shapely.MultiLineString(list(steps)))
        return merged


def _guided(guide: _Guide, lons: Array, lats: Array) -> tuple[Indices, Array]:
    """Return polygon or _CROSSED, and metres to the nearest line; OUTSIDE and NaN far out."""
    x, y = flatten(lons, lats)
    square = guide.nearest.squares(x, y)
    is_far = square == BEYOND
    polygons = np.where(is_far, OUTSIDE, guide.polygon[square])
    metres = np.full(len(lons), np.nan)
    near = np.flatnonzero(~is_far) if is_far.any() else slice(None)
    spots = unflatten(*guide.nearest.spots(x[near], y[near], square[near]))
    metres[near] = WGS84.inv(lons[near], lats[near], *spots)[2]
    return polygons, metres
