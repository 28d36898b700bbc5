"""A flat picture of the country in which the nearest line is the nearest on the ground.

Degrees will not do: at 22° north one of longitude is 7 % shorter than one of latitude, so the
nearest line in degrees is often another one. The Mercator projection of the ellipsoid is
conformal: all directions are stretched alike, and what is nearest in it is nearest in metres.
Lines are only compared here; whether a point lies inside a polygon is decided in degrees, on the
coordinates as they were loaded.

Functions take and return numbers, or arrays of one shape.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from pyproj import Geod

Array: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.intp]
Geometries: TypeAlias = npt.NDArray[Any]  # numpy knows geometries only as objects
Floats = TypeVar("Floats", float, Array)

WGS84 = Geod(ellps="WGS84")
_E2 = float(WGS84.es)
_E = _E2**0.5
# Snyder, Map Projections – A Working Manual (USGS 1395, 1987), equation 3-5: from conformal
# latitude to latitude. The terms left out come to less than 0.02 mm.
_SERIES = (
    _E2 / 2 + 5 * _E2**2 / 24 + _E2**3 / 12 + 13 * _E2**4 / 360,
    7 * _E2**2 / 48 + 29 * _E2**3 / 240 + 811 * _E2**4 / 11520,
    7 * _E2**3 / 120 + 81 * _E2**4 / 1120,
    4279 * _E2**4 / 161280,
)


def flatten(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return plane x, y, in radians at the equator, of degrees."""
    sine = np.sin(np.radians(lat))
    return np.radians(lon), np.arctanh(sine) - _E * np.arctanh(_E * sine)


def flatten_pairs(lonlat: Array) -> Array:
    """Do as `flatten`, for rows of (lon, lat); this is how shapely hands over coordinates."""
    return np.column_stack(flatten(lonlat[:, 0], lonlat[:, 1]))


def unflatten(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the degrees lon, lat of plane coordinates."""
    conformal = np.arctan(np.sinh(y))
    lat = conformal
    for order, factor in enumerate(_SERIES, start=1):
        lat = lat + factor * np.sin(2 * order * conformal)
    return np.degrees(x), np.degrees(lat)


def flatten_one(lon: float, lat: float) -> tuple[float, float]:
    """Do as `flatten`, for one point: numpy takes ten times as long for a single number."""
    sine = math.sin(math.radians(lat))
    return math.radians(lon), math.atanh(sine) - _E * math.atanh(_E * sine)


def unflatten_one(x: float, y: float) -> tuple[float, float]:
    """Do as `unflatten`, for one point."""
    conformal = lat = math.atan(math.sinh(y))
    for order, factor in enumerate(_SERIES, start=1):
        lat += factor * math.sin(2 * order * conformal)
    return math.degrees(x), math.degrees(lat)


def plane_units(metres: Floats, lat: Floats) -> Floats:
    """Return how far some metres on the ground reach in the plane, near a latitude in degrees."""
    phi = np.radians(lat)
    radius = WGS84.a * np.cos(phi) / np.sqrt(1 - _E2 * np.sin(phi) ** 2)
    scaled: Floats = metres / radius
    return scaled
