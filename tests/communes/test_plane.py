from __future__ import annotations

import numpy as np
from pyproj import Transformer

from server.communes.plane import WGS84, flatten, plane_units, unflatten

LONS = np.array([105.4, 105.84, 106.24, 109.4])
LATS = np.array([21.3, 22.74, 21.6, 8.6])


def test_the_plane_is_the_mercator_projection_of_the_ellipsoid() -> None:
    # EPSG:3395 of PROJ, in metres at the equator.
    x, y = Transformer.from_crs(4326, 3395, always_xy=True).transform(LONS, LATS)

    flat_x, flat_y = flatten(LONS, LATS)

    np.testing.assert_allclose(flat_x * WGS84.a, x, atol=1e-6)
    np.testing.assert_allclose(flat_y * WGS84.a, y, atol=1e-6)


def test_points_come_back_from_the_plane_within_a_tenth_of_a_millimetre() -> None:
    lons, lats = unflatten(*flatten(LONS, LATS))

    np.testing.assert_allclose(lons, LONS, rtol=0, atol=1e-9)
    np.testing.assert_allclose(lats, LATS, rtol=0, atol=1e-9)


def test_metres_reach_as_far_north_as_east() -> None:
    lon, lat, reach_m = 105.84, 21.59, 1000.0
    x, y = flatten(lon, lat)
    reach = plane_units(reach_m, lat)

    _, _, east_m = WGS84.inv(lon, lat, *unflatten(x + reach, y))
    _, _, north_m = WGS84.inv(lon, lat, *unflatten(x, y + reach))

    assert abs(east_m - reach_m) < 0.1
    assert abs(north_m - reach_m) < 0.1
