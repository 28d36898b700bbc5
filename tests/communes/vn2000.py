"""VN-2000 coordinates of a place, worked out without PROJ.

Seven parameters of the Ministry of Natural Resources and Environment (decision
05/2007/QĐ-BTNMT), as EPSG:6960 has them, and Krüger's series for the projection.
"""

from __future__ import annotations

import math

import numpy as np

_A, _F = 6378137.0, 1 / 298.257223563
_E2 = _F * (2 - _F)
_SHIFT = np.array([-191.90441429, -39.30318279, -111.45032835])  # m
_RX, _RY, _RZ = (math.radians(s / 3600) for s in (-0.00928836, 0.01975479, -0.00427372))
_SCALE = 1 + 0.252906278e-6
# Coordinate frame rotation, from VN-2000 to WGS 84.
_TURN = np.array([[1, _RZ, -_RY], [-_RZ, 1, _RX], [_RY, -_RX, 1]])


def degrees(lon: float, lat: float) -> tuple[float, float]:
    """Return the VN-2000 degrees (EPSG:4756) of a place given in WGS 84."""
    there = np.linalg.solve(_SCALE * _TURN, _geocentric(lon, lat) - _SHIFT)
    return _geographic(*there)


def tm3(lon: float, lat: float, *, meridian: float = 106.5) -> tuple[float, float]:
    """Return easting and northing in a 3° zone of VN-2000 (106.5: EPSG:9213), metres."""
    vn_lon, vn_lat = degrees(lon, lat)
    n = _F / (2 - _F)
    radius = _A / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    sine = math.sin(math.radians(vn_lat))
    e = math.sqrt(_E2)
    t = math.sinh(math.atanh(sine) - e * math.atanh(e * sine))
    turn = math.radians(vn_lon - meridian)
    xi = math.atan2(t, math.cos(turn))
    eta = math.atanh(math.sin(turn) / math.sqrt(1 + t * t))
    series = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16,
        13 * n**2 / 48 - 3 * n**3 / 5,
        61 * n**3 / 240,
    )
    east, north = eta, xi
    for order, factor in enumerate(series, start=1):
        east += factor * math.cos(2 * order * xi) * math.sinh(2 * order * eta)
        north += factor * math.sin(2 * order * xi) * math.cosh(2 * order * eta)
    return 500_000 + 0.9999 * radius * east, 0.9999 * radius * north


def _geocentric(lon: float, lat: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    lam, phi = math.radians(lon), math.radians(lat)
    normal = _A / math.sqrt(1 - _E2 * math.sin(phi) ** 2)
    return np.array(
        [
            normal * math.cos(phi) * math.cos(lam),
            normal * math.cos(phi) * math.sin(lam),
            normal * (1 - _E2) * math.sin(phi),
        ]
    )


def _geographic(x: float, y: float, z: float) -> tuple[float, float]:
    across = math.hypot(x, y)
    phi = math.atan2(z, across * (1 - _E2))
    for _ in range(10):
        normal = _A / math.sqrt(1 - _E2 * math.sin(phi) ** 2)
        phi = math.atan2(z + _E2 * normal * math.sin(phi), across)
    return math.degrees(math.atan2(y, x)), math.degrees(phi)
