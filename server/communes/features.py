"""The communes of one day as GeoJSON: whole polygons, in degrees WGS 84 (RFC 7946)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import shapely

from server.communes.crosswalk import atlas
from server.communes.models import AdminUnit, Boundary, Coverage

_DIGITS = 6  # decimals of a degree, some 10 cm: no source is finer


@dataclass(frozen=True, slots=True)
class Map:
    """The best polygons of a day."""

    coverage_id: int
    source: str  # the line to show with every use
    is_schematic: bool  # drawn by us from points, no boundary


@dataclass(frozen=True, slots=True)
class Feature:
    """One commune."""

    unit: AdminUnit
    geometry: str | None  # GeoJSON, (lon, lat); None where nothing is drawn


def map_of(on_date: dt.date) -> Map | None:
    """Return which polygons show a day: real lines before a schematic map, of those the newest."""
    chosen = Coverage.objects.best_first(on_date).first()
    return None if chosen is None else Map(chosen.pk, chosen.source, chosen.is_schematic)


def features(on_date: dt.date, shown: Map | None) -> Iterator[Feature]:
    """Yield the communes of a day in Vietnamese order, also those that nothing is drawn of."""
    rows = Boundary.objects.filter(coverage=shown.coverage_id) if shown else Boundary.objects.none()
    drawn = {uid: bytes(wkb) for uid, wkb in rows.values_list("unit_id", "wkb")}
    for unit in atlas().communes(on_date):
        wkb = drawn.get(unit.uid)
        yield Feature(unit, None if wkb is None else _geojson(wkb))


def _geojson(wkb: bytes) -> str:
    shape = shapely.transform(shapely.from_wkb(wkb), lambda degrees: degrees.round(_DIGITS))
    return str(shapely.to_geojson(shape))
