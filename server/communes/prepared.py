"""The polygons of one coverage, made ready for many questions about points.

Prepared geometries of GEOS are not safe to share between threads: they build and change their
indexes while they answer, and shapely lets other threads run meanwhile (libgeos/geos#825; here it
ended in "double free or corruption"). So a lock guards each coverage, and where one question is
answered by several threads, no two of them touch the same polygon.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes.plane import WGS84, Array, flatten, flatten_pairs, plane_units, unflatten

Indices = npt.NDArray[np.intp]
Geometries = npt.NDArray[Any]  # numpy knows geometries only as objects

_THREADS = min(4, os.cpu_count() or 1)
_WORTH_A_THREAD = 5_000  # points

OUTSIDE = -1  # index of no polygon; as an index it also picks the last line, the outline


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
        turned = shapely.orient_polygons(self._polygons)
        lines = shapely.transform(shapely.boundary(turned), flatten_pairs)
        self._lines: Geometries = np.array([*lines, _outline(lines)], dtype=object)
        self._line_tree = shapely.STRtree(lines)
        shapely.prepare(self._polygons)
        shapely.prepare(self._lines)
        self._lock = Lock()

    def polygon_at(self, lon: float, lat: float) -> int:
        """Return the index of the polygon that a point lies in or on, or OUTSIDE."""
        # For one point, comparing all boxes costs half of what asking the tree does.
        is_near = (self._west <= lon) & (lon <= self._east)
        is_near &= (self._south <= lat) & (lat <= self._north)
        near = np.flatnonzero(is_near)
        with self._lock:
            hits = near[shapely.intersects_xy(self._polygons[near], lon, lat)]
        return int(hits.min()) if hits.size else OUTSIDE

    def polygons_at(self, lons: Array, lats: Array) -> Indices:
        """Return for each point the index of its polygon, or OUTSIDE."""
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
        x, y = flatten(lon, lat)
        point = shapely.points([float(x), float(y)])  # the quickest way to make one
        with self._lock:
            way = shapely.shortest_line(self._lines[polygon], point)
        nearest_x, nearest_y = shapely.get_coordinates(way)[0]  # a way starts on the line
        line_lon, line_lat = unflatten(float(nearest_x), float(nearest_y))
        return float(WGS84.inv(lon, lat, float(line_lon), float(line_lat))[2])

    def metres_to_lines(self, lons: Array, lats: Array, polygons: Indices) -> Array:
        """Do as `metres_to_line`, for many points with one polygon each."""
        # Neighbours after each other, so that the index stays in the processor's cache.
        order = np.lexsort((lats, polygons))
        parts = _without_common_polygon(order, polygons)
        metres = np.empty(len(lons))
        with self._lock, ThreadPoolExecutor(len(parts)) as threads:
            measured = threads.map(
                lambda part: self._measure(lons[part], lats[part], polygons[part]), parts
            )
            for part, found in zip(parts, measured, strict=True):
                metres[part] = found
        return metres

    def _measure(self, lons: Array, lats: Array, polygons: Indices) -> Array:
        x, y = flatten(lons, lats)
        ways = shapely.shortest_line(self._lines[polygons], shapely.points(x, y))
        nearest = shapely.get_coordinates(ways)[::2]
        line_lons, line_lats = unflatten(nearest[:, 0], nearest[:, 1])
        return np.asarray(WGS84.inv(lons, lats, line_lons, line_lats)[2])

    def near(self, lon: float, lat: float, within_m: float) -> Indices:
        """Return the polygons that have a line within some metres of a point."""
        x, y = flatten(lon, lat)
        reach = plane_units(within_m, lat)
        around = shapely.box(x - reach, y - reach, x + reach, y + reach)
        point = shapely.points([float(x), float(y)])
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


def _without_common_polygon(order: Indices, polygons: Indices) -> list[Indices]:
    """Split points sorted by polygon into parts for threads; no polygon is in two of them."""
    count = min(_THREADS, len(order) // _WORTH_A_THREAD + 1)
    changes = np.flatnonzero(np.diff(polygons[order])) + 1
    wanted = np.arange(1, count) * len(order) // count
    cuts = [changes[changes >= cut][:1] for cut in wanted]
    return np.split(order, np.unique(np.concatenate([*cuts, np.empty(0, dtype=np.intp)])))


def _outline(lines: Geometries) -> BaseGeometry:
    """Return the lines with a polygon on one side only: what a point outside is measured to.

    lines: of polygons that are all turned the same way, so that neighbours run along a shared
    line in opposite directions. Where they do not share their corners both lines stay, and the
    nearest is right all the same.
    """
    corners, ring = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    is_step = ring[1:] == ring[:-1]
    steps = np.hstack((corners[:-1][is_step], corners[1:][is_step]))
    is_backwards = (steps[:, 0] > steps[:, 2]) | (
        (steps[:, 0] == steps[:, 2]) & (steps[:, 1] > steps[:, 3])
    )
    steps[is_backwards] = steps[is_backwards][:, [2, 3, 0, 1]]
    distinct, which = np.unique(steps, axis=0, return_inverse=True)
    sides = np.bincount(which.ravel(), weights=np.where(is_backwards, -1.0, 1.0))
    alone = shapely.linestrings(distinct[sides != 0].reshape(-1, 2, 2))
    merged: BaseGeometry = shapely.line_merge(shapely.multilinestrings(alone))
    return merged
