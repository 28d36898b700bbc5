"""Bring coordinates to WGS 84, never by a silent guess.

Vietnamese files are mostly in VN-2000. Its degrees look like those of WGS 84 and lie 224 m
beside them, so the step between the two is always named and measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup
from shapely.geometry.base import BaseGeometry

from server.communes import problems
from server.communes.plane import WGS84, Array

# Degrees that hold the mainland, Hoàng Sa and Trường Sa.
_WEST, _SOUTH, _EAST, _NORTH = 102.0, 6.0, 118.0, 24.0
_VIETNAM = AreaOfInterest(_WEST, _SOUTH, _EAST, _NORTH)
_VN2000_SCALE = 0.9999  # of its three-degree zones; no system on WGS 84 has it


@dataclass(frozen=True, slots=True)
class Step:
    """How coordinates got to WGS 84."""

    crs: str  # "EPSG:9213", or the name of a system without a code
    description: str  # PROJ's words for the operation
    accuracy_m: float | None  # of the operation, as its authority says
    shift_m: float  # how far the datum step moved the middle of the map on the ground
    is_doubtful: bool  # says WGS 84 but has the parameters of VN-2000


def chosen_crs(declared: str | None, named: str | None, *, default: str | None) -> CRS:
    """Return the coordinate system to read a file in.

    declared: by the file. named: by the caller. default: of the format, None when it has none.
    A statement of the file that PROJ does not understand counts as none.
    Raises CrsMissing, CrsUnknown, CrsConflict.
    """
    stated = _understood(declared) if declared else None
    if named is not None:
        wanted = _understood(named)
        if wanted is None:
            raise problems.CrsUnknown(crs=named)
        if stated is not None and not _is_same(stated, wanted):
            raise problems.CrsConflict(declared=label(stated), named=named)
        return wanted
    if stated is not None:
        return stated
    if declared is not None:
        raise problems.CrsUnknown(crs=declared[:80])
    if default is None:
        raise problems.CrsMissing
    return CRS(default)


def to_wgs84(geometries: Sequence[BaseGeometry], crs: CRS) -> tuple[list[BaseGeometry], Step]:
    """Return geometries in degrees WGS 84 (lon, lat), and the step that brought them there.

    One operation for all points, so that shared corners stay shared. Raises CrsUnknown when
    PROJ knows none that accounts for the datum, OutsideVietnam.
    """
    transformer = _transformer(crs)
    moved = [shapely.transform(geometry, _mover(transformer)) for geometry in geometries]
    for geometry, source in zip(moved, geometries, strict=True):
        _require_vietnam(geometry, source)
    middle = shapely.get_coordinates(geometries[0])[:1]
    step = Step(
        crs=label(crs),
        description=transformer.description,
        accuracy_m=transformer.accuracy if transformer.accuracy >= 0 else None,
        shift_m=_shift_m(middle, crs, transformer),
        is_doubtful=_is_doubtful(crs),
    )
    return moved, step


def label(crs: CRS) -> str:
    """Return a short name: its code, or what it calls itself."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def _understood(text: str) -> CRS | None:
    try:
        return CRS.from_user_input(text)
    except CRSError:
        return None


def _is_same(a: CRS, b: CRS) -> bool:
    # Axis order is how an authority writes pairs down; files have x before y whatever it says.
    return a.equals(b, ignore_axis_order=True) or label(a) == label(b)


def _transformer(crs: CRS) -> Transformer:
    """Return the best operation to WGS 84 for Vietnam that is not a "ballpark" one.

    For VN-2000 that is the one of decision 05/2007/QĐ-BTNMT (EPSG:6960); PROJ also knows one for
    blocks in the Mekong delta. When it knows none it leaves the datum out, which is the 224 m
    error.
    """
    try:
        group = TransformerGroup(
            crs,
            "EPSG:4326",
            always_xy=True,
            allow_ballpark=False,
            area_of_interest=_VIETNAM,  # type: ignore[arg-type]  # pyproj's stubs name it twice
        )
        return group.transformers[0]
    except (ProjError, IndexError) as error:
        raise problems.CrsUnknown(crs=label(crs)) from error


def _mover(transformer: Transformer) -> Callable[[Array], Array]:
    def move(pairs: Array) -> Array:
        lon, lat = transformer.transform(pairs[:, 0], pairs[:, 1])
        return np.column_stack((lon, lat))

    return move


def _require_vietnam(geometry: BaseGeometry, source: BaseGeometry) -> None:
    west, south, east, north = geometry.bounds
    # PROJ gives infinity for what it cannot move; that fails here too.
    if west < _WEST or east > _EAST or south < _SOUTH or north > _NORTH:
        x, y = shapely.get_coordinates(source)[0]
        raise problems.OutsideVietnam(x=x, y=y)


def _shift_m(point: Array, crs: CRS, transformer: Transformer) -> float:
    """Return the metres between a point's own degrees and its degrees WGS 84."""
    geodetic = crs.geodetic_crs
    if geodetic is None:
        return 0.0
    own = Transformer.from_crs(crs, geodetic, always_xy=True).transform(*point[0])
    there = transformer.transform(*point[0])
    return float(WGS84.inv(*own, *there)[2])


def _is_doubtful(crs: CRS) -> bool:
    operation = crs.coordinate_operation
    if operation is None or crs.datum is None or "1984" not in crs.datum.name:
        return False
    scales = [p.value for p in operation.params if p.name == "Scale factor at natural origin"]
    return any(float(scale) == _VN2000_SCALE for scale in scales)
