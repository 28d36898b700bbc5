"""Read a boundary file: its features with their codes, and what it says of its coordinates.

GeoJSON is read here; Shapefile and GeoPackage in `vector_file`, through the extra `geo`.
Nothing is written, and nothing of a file is trusted: it is read up to a size, once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes import problems

MAX_FILE_BYTES = 100_000_000  # ten times the full map of the province; also the cap once unpacked

# Columns as they are called in the files met so far, in this order; case does not count.
_CODE_FIELDS = ("code", "ma_xa", "maxa", "ma_dvhc", "madvhc", "ma_don_vi", "commune_code", "ma")
_NAME_FIELDS = ("name", "ten_xa", "tenxa", "ten_dvhc", "tendvhc", "name_vi", "ten")
_CODE_DIGITS = 5


@dataclass(frozen=True, slots=True)
class RawFeature:
    """One feature as read: its columns and its geometry, in the file's coordinates."""

    properties: Mapping[str, object]
    geometry: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class RawFile:
    """What a reader found."""

    features: tuple[RawFeature, ...]
    crs: str | None  # as the file declares it; None when it does not
    standard_crs: str | None = None  # what its format means when it says nothing


@dataclass(frozen=True, slots=True)
class Feature:
    """The polygon of one code, in the file's coordinates, without heights."""

    code: str  # five digits
    name: str  # "" when the file has none
    geometry: BaseGeometry


def read_bytes(path: Path) -> bytes:
    """Return the content of a file. Raises FileUnreadable, FileTooLarge."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise problems.FileUnreadable(path=path.name, reason=error.strerror) from error
    if len(content) > MAX_FILE_BYTES:
        raise problems.FileTooLarge(limit_mb=MAX_FILE_BYTES // 1_000_000)
    return content


def read_geojson(content: bytes, name: str) -> RawFile:
    """Read a FeatureCollection (RFC 7946).

    crs is that of the old member `crs` (GeoJSON 2008), which programs still write; the standard
    of today knows WGS 84 only. Raises FileBroken.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise problems.FileBroken(name=name, reason=_short(error)) from error
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise problems.FileBroken(name=name, reason="không phải FeatureCollection")
    features = tuple(
        _raw_feature(feature, position, name)
        for position, feature in enumerate(document["features"], start=1)
    )
    return RawFile(features, _old_crs(document.get("crs")), standard_crs="OGC:CRS84")


def coded_features(raw: RawFile, code_field: str | None) -> tuple[Feature, ...]:
    """Return the features with their codes. Raises CodeMissing, NotPolygon.

    Codes that lost their leading zero as numbers get it back.
    """
    fields = dict.fromkeys(field for f in raw.features for field in f.properties)
    listed = ", ".join(map(str, fields)) or "–"
    code_column = _column(fields, (code_field.lower(),) if code_field else _CODE_FIELDS)
    if code_column is None:
        raise problems.CodeMissing(where="", fields=listed)
    name_column = _column(fields, _NAME_FIELDS)
    found = []
    for position, feature in enumerate(raw.features, start=1):
        code = _code(feature.properties.get(code_column))
        if not code:
            raise problems.CodeMissing(where=f" (#{position})", fields=listed)
        label = feature.properties.get(name_column) if name_column else None
        found.append(Feature(code, str(label or ""), _polygon(feature.geometry, position)))
    return tuple(found)


def _raw_feature(feature: Any, position: int, name: str) -> RawFeature:  # any JSON
    if not isinstance(feature, dict):
        raise problems.FileBroken(name=name, reason=f"#{position}")
    properties = feature.get("properties")
    geometry = feature.get("geometry")
    try:
        shape = shapely.from_geojson(json.dumps(geometry)) if isinstance(geometry, dict) else None
    except (shapely.errors.GEOSException, ValueError) as error:
        raise problems.FileBroken(name=name, reason=f"#{position}: {_short(error)}") from error
    return RawFeature(properties if isinstance(properties, dict) else {}, shape)


def _old_crs(member: Any) -> str | None:  # any JSON
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def _column(fields: Iterable[str], wanted: tuple[str, ...]) -> str | None:
    by_lower = {str(field).lower(): field for field in fields}
    return next((by_lower[name] for name in wanted if name in by_lower), None)


def _code(value: object) -> str:
    """Return a code as text: "01840" for "01840", 1840 and 1840.0; "" for nothing."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or isinstance(value, bool | float):
        return ""
    text = str(value).strip()
    return text.zfill(_CODE_DIGITS) if text.isdecimal() else text


def _polygon(geometry: BaseGeometry | None, position: int) -> BaseGeometry:
    if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon"):
        found = geometry.geom_type if geometry is not None else "null"
        raise problems.NotPolygon(position=position, found=found)
    flat: BaseGeometry = shapely.force_2d(geometry)
    if flat.is_empty or not np.isfinite(shapely.get_coordinates(flat)).all():
        raise problems.NotPolygon(position=position, found="EMPTY")
    return flat


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _short(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
