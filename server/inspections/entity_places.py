"""Where entities are: their property `geometry`, as Central reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any  # GeoJSON

from django.db.models import QuerySet

from server.entities.models import Entity
from server.submissions.geometry import geojson

_PROPERTY = "geometry"


def features(found: QuerySet[Entity]) -> Iterator[dict[str, Any]]:
    """Give a GeoJSON feature, (lon, lat) WGS 84, for each entity that names a place, in order."""
    for uuid, data in found.values_list("uuid", "data").iterator(chunk_size=500):
        text = str(data.get(_PROPERTY, ""))
        geometry = geojson(text, _kind(text)) if text else None
        if geometry is not None:
            yield {
                "type": "Feature",
                "id": str(uuid),
                "geometry": geometry,
                "properties": {"fieldpath": f"/{_PROPERTY}"},
            }


def _kind(text: str) -> str:
    """Return what a text of points is: one, a line, or a shape that ends where it began."""
    points = [point.strip() for point in text.split(";") if point.strip()]
    if len(points) < 2:
        return "geopoint"
    return "geoshape" if points[0] == points[-1] and len(points) > 3 else "geotrace"
