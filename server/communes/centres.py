"""One point for each commune, for files that must not say where exactly somebody was."""

from __future__ import annotations

from collections.abc import Mapping

import shapely

from server.communes.models import Boundary

_DIGITS = 5  # decimals of a degree, about a metre: more would pretend to know more


def centres() -> Mapping[str, tuple[float, float]]:
    """Return (lon, lat) by uid of every unit that has a boundary.

    The centroid, or a point within where the centroid is outside. Of a unit that several coverages
    draw, the real lines count before a schematic map, and the newest of them.
    """
    rows = Boundary.objects.order_by("-coverage__is_schematic", "coverage__valid_from")
    drawn = {uid: bytes(wkb) for uid, wkb in rows.values_list("unit_id", "wkb").iterator()}
    shapes = shapely.from_wkb(list(drawn.values()))
    inside = shapely.point_on_surface(shapes)
    middle = shapely.centroid(shapes)
    points = [
        centroid if shape.covers(centroid) else within
        for shape, centroid, within in zip(shapes, middle, inside, strict=True)
    ]
    return {
        uid: (round(point.x, _DIGITS), round(point.y, _DIGITS))
        for uid, point in zip(drawn, points, strict=True)
    }
