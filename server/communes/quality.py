"""How good a set of polygons is: reported before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes.boundary_file import Feature
from server.communes.models import AdminUnit
from server.communes.plane import WGS84
from server.communes.vietnamese import search_key


@dataclass(frozen=True, slots=True)
class Renamed:
    """A code whose name in the file is another than in the list of units."""

    code: str
    in_file: str
    in_list: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """A polygon that is no area, and why (GEOS's words, with the place)."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Defects:
    """Gaps inside the coverage, or overlaps of two polygons."""

    count: int
    area_m2: float  # all together, geodesic
    largest_m2: float
    largest_at: tuple[float, float] | None  # lon, lat inside the largest
    largest_of: tuple[str, ...]  # the codes that overlap there; empty for a gap


@dataclass(frozen=True, slots=True)
class AreaDifference:
    """The area of a polygon beside the published one."""

    code: str
    computed_km2: float
    published_km2: float

    @property
    def share(self) -> float:
        """Difference as a share of the published area: 0.05 is 5 % too large."""
        return self.computed_km2 / self.published_km2 - 1


@dataclass(frozen=True, slots=True)
class Report:
    """Everything found out about a file's polygons against the units of a day."""

    features: int
    units: int  # communes there should be
    repeated: tuple[str, ...]  # codes of several features, which are joined
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    renamed: tuple[Renamed, ...]
    invalid: tuple[Invalid, ...]
    gaps: Defects | None  # None when invalid polygons keep it from being measured
    overlaps: Defects | None
    areas: tuple[AreaDifference, ...]  # units with a published area, largest difference first
    total_km2: float


def examine(
    features: Sequence[Feature],
    polygons: Mapping[str, BaseGeometry],
    units: Sequence[AdminUnit],
) -> Report:
    """Report on polygons in degrees WGS 84.

    features: as read, for counts and names. polygons: one a code. units: the communes of the day.
    """
    expected = {unit.code: unit for unit in units}
    codes = Counter(feature.code for feature in features)
    invalid = _invalid(polygons)
    known = [(expected[code], polygon) for code, polygon in polygons.items() if code in expected]
    return Report(
        features=len(features),
        units=len(units),
        repeated=tuple(sorted(code for code, count in codes.items() if count > 1)),
        unknown=tuple(sorted(codes.keys() - expected.keys())),
        missing=tuple(sorted(expected.keys() - codes.keys())),
        renamed=_renamed(features, expected),
        invalid=invalid,
        gaps=None if invalid else _gaps(list(polygons.values())),
        overlaps=None if invalid else _overlaps(polygons),
        areas=_areas(known),
        total_km2=sum(area_m2(polygon) for polygon in polygons.values()) / 1e6,
    )


def area_m2(polygon: BaseGeometry) -> float:
    """Return the geodesic area of polygons in degrees WGS 84."""
    if polygon.is_empty:
        return 0.0
    signed, _ = WGS84.geometry_area_perimeter(shapely.orient_polygons(polygon))
    return abs(float(signed))


def _invalid(polygons: Mapping[str, BaseGeometry]) -> tuple[Invalid, ...]:
    return tuple(
        Invalid(code, str(shapely.is_valid_reason(polygon)))
        for code, polygon in sorted(polygons.items())
        if not polygon.is_valid
    )


def _renamed(features: Sequence[Feature], expected: Mapping[str, AdminUnit]) -> tuple[Renamed, ...]:
    # Compared without marks and type: files spell Hòa and Hoà, and many were typed without
    # accents. What is left is a sign of old polygons under codes that were used again.
    return tuple(
        Renamed(feature.code, feature.name, expected[feature.code].name)
        for feature in features
        if feature.name
        and feature.code in expected
        and search_key(feature.name) != expected[feature.code].search_key
    )


def _gaps(polygons: Sequence[BaseGeometry]) -> Defects:
    union = shapely.union_all(polygons)
    rings = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    return _defects([((), shapely.Polygon(ring)) for ring in rings])


def _overlaps(polygons: Mapping[str, BaseGeometry]) -> Defects:
    codes, shapes = list(polygons), np.array(list(polygons.values()), dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    found = []
    for a, b in zip(one, other, strict=True):
        if a < b:
            shared = _areal(shapes[a].intersection(shapes[b]))
            if not shared.is_empty:
                found.append((tuple(sorted((codes[a], codes[b]))), shared))
    return _defects(found)


def _areal(geometry: BaseGeometry) -> BaseGeometry:
    """Return the polygons of what two polygons share; lines and corners are no overlap."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _defects(found: Sequence[tuple[tuple[str, ...], BaseGeometry]]) -> Defects:
    if not found:
        return Defects(0, 0.0, 0.0, None, ())
    areas = [area_m2(shape) for _, shape in found]
    largest = areas.index(max(areas))
    codes, shape = found[largest]
    place = shape.representative_point()
    return Defects(len(found), sum(areas), areas[largest], (place.x, place.y), codes)


def _areas(known: Sequence[tuple[AdminUnit, BaseGeometry]]) -> tuple[AreaDifference, ...]:
    differences = [
        AreaDifference(unit.code, area_m2(polygon) / 1e6, unit.area_km2)
        for unit, polygon in known
        if unit.area_km2
    ]
    return tuple(sorted(differences, key=lambda one: -abs(one.share)))
