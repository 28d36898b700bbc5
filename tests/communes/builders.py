"""Made-up communes and their polygons."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes.models import AdminUnit, Boundary, Coverage, Level
from server.communes.plane import Array
from server.communes.vietnamese import search_key, sort_key

REFORM = dt.date(2025, 7, 1)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def commune(
    code: str, name: str = "", *, start: dt.date | None = REFORM, end: dt.date | None = None
) -> AdminUnit:
    """Make one version of a commune."""
    name = name or f"Xã {code}"
    return AdminUnit.objects.create(
        uid=f"{code}@{start.isoformat() if start else 'start'}",
        code=code,
        name=name,
        level=Level.COMMUNE,
        type="xa",
        valid_from=start,
        valid_to=end,
        province_code="19",
        sort_key=sort_key(name),
        search_key=search_key(name),
    )


def coverage(
    polygons: Mapping[AdminUnit, BaseGeometry],
    *,
    start: dt.date = REFORM,
    end: dt.date | None = None,
    is_schematic: bool = False,
) -> Coverage:
    """Store polygons as one coverage, without the loading command."""
    made = Coverage.objects.create(
        valid_from=start,
        valid_to=end,
        is_schematic=is_schematic,
        source="made up",
        crs="EPSG:4326",
    )
    Boundary.objects.bulk_create(
        Boundary(coverage=made, unit=unit, wkb=shapely.to_wkb(polygon))
        for unit, polygon in polygons.items()
    )
    return made


def geojson(path: Path, polygons: Mapping[str, BaseGeometry], **members: object) -> Path:
    """Write polygons by code as a FeatureCollection; return its path."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"Xã {code}"},
            "geometry": json.loads(shapely.to_geojson(polygon)),
        }
        for code, polygon in polygons.items()
    ]
    document = {"type": "FeatureCollection", **members, "features": features}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def brute_force(polygons: Sequence[BaseGeometry], lons: Array, lats: Array) -> list[int]:
    """Return the first polygon that each point touches, by unprepared shapely; -1 for none."""
    found = np.full(len(lons), -1)
    points = shapely.points(lons, lats)
    for index in reversed(range(len(polygons))):
        fresh = shapely.from_wkb(shapely.to_wkb(polygons[index]))
        found[shapely.intersects(fresh, points)] = index
    return found.tolist()
