"""The communes of one day as shapes of a small picture: no tiles, no outside host.

North is up, x to the right and y down. Degrees are drawn as on a plane that touches the ground in
the middle of the province; neighbours are simplified together, so that no gap opens between them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes.changes import last_change
from server.communes.models import Boundary, Coverage

WIDTH = 600.0  # of the picture
_MARGIN = 8.0
# Corners that lie nearer to the line without them than this are left out: half a pixel on a desk.
_TOLERANCE = 0.5


@dataclass(frozen=True, slots=True)
class Outline:
    """One commune."""

    uid: str
    path: str  # of an SVG path: "M12.1,3.4L…Z"


@dataclass(frozen=True, slots=True)
class View:
    """Where degrees come to stand."""

    west: float  # degrees WGS 84
    north: float
    across: float  # units of the picture a degree
    down: float
    height: float  # of the picture

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Return x and y of a point in degrees WGS 84."""
        return (
            round(_MARGIN + (lon - self.west) * self.across, 1),
            round(_MARGIN + (self.north - lat) * self.down, 1),
        )

    def shows(self, lon: float, lat: float) -> bool:
        """Tell whether a point lies within the picture."""
        x, y = self.place(lon, lat)
        return 0 <= x <= WIDTH and 0 <= y <= self.height


@dataclass(frozen=True, slots=True)
class Outlines:
    """All communes that have a polygon on a day."""

    view: View
    by_uid: Mapping[str, Outline]
    source: str  # the line to show with every use
    is_schematic: bool  # drawn by us from points, no boundary


def outlines(on_date: dt.date) -> Outlines | None:
    """Return the communes of a day, from the best coverage in force; None where there is none.

    Real lines before a schematic map, and of those the newest. Two questions; what is drawn is
    kept until the tables of communes change.
    """
    change = last_change()
    chosen = Coverage.objects.best_first(on_date).first()
    return None if chosen is None else _drawn(chosen.pk, change)


@lru_cache(maxsize=8)
def _drawn(coverage_id: int, _change: dt.datetime | None) -> Outlines | None:
    coverage = Coverage.objects.get(pk=coverage_id)
    rows = Boundary.objects.filter(coverage=coverage_id).order_by("unit")
    found = {str(uid): bytes(wkb) for uid, wkb in rows.values_list("unit", "wkb")}
    if not found:
        return None
    polygons = shapely.from_wkb(list(found.values()))
    view = _view(polygons)
    flat = shapely.transform(polygons, lambda degrees: _flat(view, degrees))
    simple = shapely.coverage_simplify(flat, _TOLERANCE)
    return Outlines(
        view=view,
        by_uid={uid: Outline(uid, _path(shape)) for uid, shape in zip(found, simple, strict=True)},
        source=coverage.source,
        is_schematic=coverage.is_schematic,
    )


def _view(polygons: npt.NDArray[np.object_]) -> View:
    west, south, east, north = shapely.total_bounds(polygons)
    across = (WIDTH - 2 * _MARGIN) / (east - west)
    down = across / math.cos(math.radians((south + north) / 2))
    height = math.ceil((north - south) * down + 2 * _MARGIN)
    return View(float(west), float(north), float(across), float(down), float(height))


def _flat(view: View, degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    scale = np.array([view.across, -view.down])
    corner = np.array([view.west, view.north])
    flat: npt.NDArray[np.float64] = (degrees - corner) * scale + _MARGIN
    return flat


def _path(shape: BaseGeometry) -> str:
    """Return a polygon, or several, with their holes (fill-rule evenodd)."""
    rings = [
        ring
        for polygon in shapely.get_parts(shape)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return "".join(_ring(shapely.get_coordinates(ring)) for ring in rings)


def _ring(corners: npt.NDArray[np.float64]) -> str:
    points = [f"{x:.1f},{y:.1f}" for x, y in corners[:-1]]  # the last is the first
    return f"M{'L'.join(points)}Z"
