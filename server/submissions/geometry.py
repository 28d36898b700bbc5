"""Read ODK's points, lines and areas as GeoJSON: (lon, lat), although ODK writes "lat lon alt acc".

No Django here. RFC 7946; openrosa.md §6.4, §6.7.
"""

from __future__ import annotations

import math
from typing import Any  # GeoJSON

GEO_TYPES = ("geopoint", "geotrace", "geoshape")


def geojson(text: str, kind: str) -> dict[str, Any] | None:
    """Return the geometry of an answer, None for one that is none.

    kind: of GEO_TYPES. A point's accuracy, in metres, stands in its `properties`, as Central's.
    """
    points = [_point(part) for part in text.split(";") if part.strip()]
    found = [point for point in points if point is not None]
    if not found or len(found) != len(points):
        return None
    places = [place for place, _ in found]
    if kind == "geopoint":
        return {
            "type": "Point",
            "coordinates": places[0],
            "properties": {"accuracy": found[0][1]},
        }
    if kind == "geotrace":
        return {"type": "LineString", "coordinates": places} if len(places) > 1 else None
    is_ring = len(places) > 3 and places[0] == places[-1]
    return {"type": "Polygon", "coordinates": [places]} if is_ring else None


def _point(text: str) -> tuple[list[float], float | None] | None:
    """Return [lon, lat] or [lon, lat, altitude], and the accuracy."""
    try:
        numbers = [float(part) for part in text.split()]
    except ValueError:
        return None
    if not 2 <= len(numbers) <= 4 or not all(math.isfinite(number) for number in numbers):
        return None
    lat, lon, *more = numbers
    if abs(lat) > 90 or abs(lon) > 180:
        return None
    return [lon, lat, *more[:1]], more[1] if len(more) > 1 else None
