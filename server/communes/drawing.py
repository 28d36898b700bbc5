"""A few communes with a point, as shapes of a small picture: no tiles, no outside host.

North is up. Degrees are drawn as on a plane that touches the ground in the middle, which is true
to a pixel over a commune or two.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import shapely
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from server.communes.models import Boundary

WIDTH, HEIGHT = 480.0, 320.0  # of the picture; what is drawn keeps away from its edge
_MARGIN = 18.0
_DEGREE_M = 111_320.0  # of latitude
_LEAST_M = 600.0  # what a picture shows at least, so that a point alone is not one dot on nothing
_STEPS_M = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a phone said it was: degrees WGS 84, metres."""

    lon: float
    lat: float
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class Shape:
    """One commune."""

    uid: str
    path: str  # of an SVG path: "M12.0 3.4L…Z"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw; x to the right, y down, in units of the picture."""

    shapes: tuple[Shape, ...]  # in the order asked for
    x: float | None  # of the point
    y: float | None
    radius: float  # of the accuracy
    bar: float  # length of the scale bar
    bar_m: int  # what it stands for, metres
    source: str  # "" when no commune is drawn
    is_schematic: bool


def around(uids: Sequence[str], on_date: dt.date, spot: Spot | None) -> Drawing | None:
    """Draw communes as they were on a day, and a point. One question.

    None when there is neither a polygon of them nor a point.
    """
    found = _boundaries(uids, on_date)
    outlines = {uid: shapely.from_wkb(bytes(row.wkb)) for uid, row in found.items()}
    if not outlines and spot is None:
        return None
    view = _View.of(outlines.values(), spot)
    x, y = view.place(spot.lon, spot.lat) if spot else (None, None)
    bar_m = max(step for step in _STEPS_M if step * view.scale <= WIDTH / 3 or step == _STEPS_M[0])
    first = next(iter(found.values()), None)
    return Drawing(
        shapes=tuple(Shape(uid, view.path(outlines[uid])) for uid in uids if uid in outlines),
        x=x,
        y=y,
        radius=round((spot.accuracy_m or 0.0) * view.scale, 1) if spot else 0.0,
        bar=round(bar_m * view.scale, 1),
        bar_m=bar_m,
        source=first.coverage.source if first else "",
        is_schematic=any(row.coverage.is_schematic for row in found.values()),
    )


def _boundaries(uids: Sequence[str], on_date: dt.date) -> dict[str, Boundary]:
    rows = Boundary.objects.filter(
        Q(coverage__valid_to=None) | Q(coverage__valid_to__gt=on_date),
        unit__in=uids,
        coverage__valid_from__lte=on_date,
    ).select_related("coverage")
    # Real ones last, and of them the newest: the last of a unit is kept.
    ordered = rows.order_by("-coverage__is_schematic", "coverage__valid_from")
    by_uid = {row.unit_id: row for row in ordered}
    return {uid: by_uid[uid] for uid in uids if uid in by_uid}


@dataclass(frozen=True, slots=True)
class _View:
    """How degrees become units of the picture."""

    lon: float  # of the middle
    lat: float
    scale: float  # units a metre

    @classmethod
    def of(cls, outlines: Iterable[BaseGeometry], spot: Spot | None) -> _View:
        boxes = [outline.bounds for outline in outlines]
        if spot is not None:
            reach = (spot.accuracy_m or 0.0) / _DEGREE_M
            wide = reach / math.cos(math.radians(spot.lat))
            boxes.append((spot.lon - wide, spot.lat - reach, spot.lon + wide, spot.lat + reach))
        west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
        east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
        lon, lat = (west + east) / 2, (south + north) / 2
        wide_m = max((east - west) * _DEGREE_M * math.cos(math.radians(lat)), _LEAST_M)
        high_m = max((north - south) * _DEGREE_M, _LEAST_M)
        scale = min((WIDTH - 2 * _MARGIN) / wide_m, (HEIGHT - 2 * _MARGIN) / high_m)
        return cls(lon, lat, scale)

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        east_m = (lon - self.lon) * _DEGREE_M * math.cos(math.radians(self.lat))
        north_m = (lat - self.lat) * _DEGREE_M
        return (
            round(WIDTH / 2 + east_m * self.scale, 1),
            round(HEIGHT / 2 - north_m * self.scale, 1),
        )

    def path(self, outline: BaseGeometry) -> str:
        # Half a unit of the picture, in degrees: nobody sees less.
        plain = outline.simplify(0.5 / self.scale / _DEGREE_M, preserve_topology=True)
        return "".join(self._ring(ring) for ring in _rings(plain))

    def _ring(self, ring: Sequence[tuple[float, float]]) -> str:
        places = (self.place(lon, lat) for lon, lat in ring[:-1])
        return "M" + "L".join(f"{x} {y}" for x, y in places) + "Z"


def _rings(outline: BaseGeometry) -> Iterator[list[tuple[float, float]]]:
    for polygon in shapely.get_parts(outline):
        for ring in (polygon.exterior, *polygon.interiors):
            yield [(float(x), float(y)) for x, y, *_ in ring.coords]
