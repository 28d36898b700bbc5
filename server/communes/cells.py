"""Cells around points: each place belongs to the nearest one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes.plane import Array, flatten, plane_units, unflatten

# Of the hulls tried, the tightest that loses less than half a point of the 77.5 % that nearest
# points can give at all: 1 is the convex hull, 0 the tightest; then rounded and widened.
_HULL_RATIO = 0.3
_HULL_MARGIN_M = 8_000.0
_MIDDLE_LAT = 22.0  # where the margin is measured
_DECIMALS = 7  # of a degree, 1 cm: the same bytes on any machine


def draw_cells(points: Sequence[tuple[float, float]]) -> list[bytes]:
    """Return the cell of each point as WKB in degrees: what is nearer to it than to the others.

    points: distinct (lon, lat), degrees. Cells end at a rounded hull of all points.
    """
    lons, lats = np.array(points).T
    seeds = shapely.MultiPoint(np.column_stack(flatten(lons, lats)))
    margin = plane_units(_HULL_MARGIN_M, _MIDDLE_LAT)
    hull = shapely.concave_hull(seeds, ratio=_HULL_RATIO).buffer(margin)
    if len(points) == 1:
        return [_wkb(hull)]
    cells = shapely.voronoi_polygons(seeds, extend_to=hull, ordered=True)
    return [_wkb(cell.intersection(hull)) for cell in cells.geoms]


def _wkb(cell: BaseGeometry) -> bytes:
    in_degrees = shapely.transform(cell, _rounded_degrees)
    return bytes(shapely.to_wkb(shapely.normalize(in_degrees)))


def _rounded_degrees(xy: Array) -> Array:
    lonlat: Array = np.column_stack(unflatten(xy[:, 0], xy[:, 1]))
    return lonlat.round(_DECIMALS)
