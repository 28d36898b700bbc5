"""Load real boundaries: read, bring to WGS 84, examine, and replace a coverage whole.

Reading and examining write nothing, so a dry run is `examine_file` alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import shapely
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from server.communes import boundary_file, problems, reprojection, vector_file
from server.communes.boundary_file import Feature, RawFile
from server.communes.models import AdminUnit, Boundary, Coverage
from server.communes.quality import Report, examine
from server.communes.reprojection import Step
from server.communes.schematic import FIRST_SNAPSHOT

UNNAMED_SOURCE = "Ranh giới do đơn vị quản lý nạp, không ghi nguồn"
_LISTED = 12  # codes named in a sentence; the report has them all


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller says about a file. None: find out."""

    valid_from: dt.date | None = None  # first day; None: of the communes of today
    valid_to: dt.date | None = None  # first day no more; None: until communes change
    source: str = UNNAMED_SOURCE  # the line shown with every use
    crs: str | None = None
    code_field: str | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """A file ready to be loaded, or known to be unfit."""

    report: Report
    step: Step
    valid_from: dt.date
    valid_to: dt.date | None
    source: str
    sha256: str
    polygons: Mapping[str, BaseGeometry]  # {code: degrees WGS 84}


def examine_file(path: Path, wish: Wish) -> Examined:
    """Read a boundary file and report on it against the communes of its first day.

    GeoJSON (.geojson, .json), zipped Shapefile (.zip) or GeoPackage (.gpkg). Features of one
    code are joined. Raises the Problems of `boundaries.…` for what cannot even be examined.
    """
    valid_from, valid_to = _span(wish)
    sha256 = hashlib.sha256(boundary_file.read_bytes(path)).hexdigest()
    raw = _read(path)
    features = boundary_file.coded_features(raw, wish.code_field)
    if not features:
        raise problems.FileBroken(name=path.name, reason="không có đối tượng nào")
    crs = reprojection.chosen_crs(raw.crs, wish.crs, default=raw.standard_crs)
    polygons, step = _polygons(features, crs)
    return Examined(
        report=examine(features, polygons, _communes(valid_from)),
        step=step,
        valid_from=valid_from,
        valid_to=valid_to,
        source=wish.source,
        sha256=sha256,
        polygons=polygons,
    )


def require_fit(examined: Examined) -> None:
    """Refuse polygons that would give wrong answers. Raises UnitsDiffer, GeometryInvalid.

    Gaps and overlaps are reported and do not refuse: two official sources of the same lines
    always leave some, and a point in one is near a line anyway.
    """
    report = examined.report
    if report.unknown or report.missing:
        raise problems.UnitsDiffer(
            valid_from=examined.valid_from,
            unknown=_listed(report.unknown),
            missing=_listed(report.missing),
        )
    if report.invalid:
        raise problems.GeometryInvalid(
            count=len(report.invalid), listed=_listed([one.code for one in report.invalid])
        )


@transaction.atomic(durable=True)
def replace_coverage(examined: Examined) -> Coverage:
    """Write a coverage in place of the real one that starts on the same day, or nothing.

    Repeating it ends in the same state. Raises as `require_fit`.
    """
    require_fit(examined)
    with connection.cursor() as cursor:
        # One writer at a time; readers go on with what was there.
        cursor.execute("LOCK TABLE communes_coverage IN SHARE ROW EXCLUSIVE MODE")
    Coverage.objects.filter(valid_from=examined.valid_from, is_schematic=False).delete()
    coverage = Coverage.objects.create(
        valid_from=examined.valid_from,
        valid_to=examined.valid_to,
        is_schematic=False,
        source=examined.source,
        crs=examined.step.crs,
        file_sha256=examined.sha256,
    )
    Boundary.objects.bulk_create(
        Boundary(coverage=coverage, unit=unit, wkb=shapely.to_wkb(examined.polygons[unit.code]))
        for unit in _communes(examined.valid_from)
    )
    return coverage


def _read(path: Path) -> RawFile:
    """Read a file by the ending of its name."""
    kind = path.suffix.lower()
    if kind in (".geojson", ".json"):
        return boundary_file.read_geojson(boundary_file.read_bytes(path), path.name)
    if kind == ".zip":
        return vector_file.read_shapefile(path)
    if kind == ".gpkg":
        return vector_file.read_geopackage(path)
    raise problems.FormatUnknown(name=path.name)


def _polygons(features: Sequence[Feature], crs: CRS) -> tuple[dict[str, BaseGeometry], Step]:
    """Return one polygon a code, in degrees WGS 84."""
    moved, step = reprojection.to_wgs84([feature.geometry for feature in features], crs)
    by_code: dict[str, list[BaseGeometry]] = {}
    for feature, geometry in zip(features, moved, strict=True):
        by_code.setdefault(feature.code, []).append(geometry)
    return {code: _joined(parts) for code, parts in by_code.items()}, step


def _joined(parts: Sequence[BaseGeometry]) -> BaseGeometry:
    if len(parts) == 1:
        return parts[0]
    if all(part.is_valid for part in parts):
        return shapely.union_all(parts)
    # Left as they are, so that the report can say what is wrong with them.
    return shapely.MultiPolygon([one for part in parts for one in shapely.get_parts(part)])


def _span(wish: Wish) -> tuple[dt.date, dt.date | None]:
    """Return the days of the coverage, in which no commune may change."""
    changes = sorted(_changes())
    valid_from = wish.valid_from or max(
        (day for day in changes if day <= _today()), default=FIRST_SNAPSHOT
    )
    if wish.valid_to is not None and wish.valid_to <= valid_from:
        raise problems.SpanInvalid(valid_from=valid_from, valid_to=wish.valid_to)
    change = next((day for day in changes if day > valid_from), None)
    if change is not None and wish.valid_to is not None and wish.valid_to > change:
        raise problems.SpanCrossesChange(valid_from=valid_from, change=change)
    if not _communes(valid_from):
        raise problems.UnitsNotLoaded(valid_from=valid_from)
    return valid_from, wish.valid_to or change


def _today() -> dt.date:
    return timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))


def _changes() -> set[dt.date]:
    days = AdminUnit.objects.communes().values_list("valid_from", "valid_to").distinct()
    return {day for pair in days for day in pair if day is not None}


def _communes(on_date: dt.date) -> list[AdminUnit]:
    return list(AdminUnit.objects.communes().in_force(on_date).order_by("code"))


def _listed(codes: Sequence[str]) -> str:
    shown = ", ".join(codes[:_LISTED]) or "0"
    return f"{shown}, … ({len(codes)})" if len(codes) > _LISTED else shown
