from __future__ import annotations

import pytest
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from server.communes import problems
from server.communes.plane import WGS84
from server.communes.reprojection import chosen_crs, to_wgs84
from tests.communes import vn2000

# Thái Nguyên city, and the corners of the province.
PLACES = [(105.84, 21.59), (105.43, 22.74), (106.24, 21.33)]


def metres(point: BaseGeometry, place: tuple[float, float]) -> float:
    lon, lat = shapely.get_coordinates(point)[0]
    return float(WGS84.inv(lon, lat, *place)[2])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("crs", "meridian"), [("EPSG:9213", 106.5), ("EPSG:5897", 105.0)])
def test_vn2000_zones_arrive_where_the_ministrys_parameters_put_them(
    place: tuple[float, float], crs: str, meridian: float
) -> None:
    [moved], _ = to_wgs84([shapely.Point(vn2000.tm3(*place, meridian=meridian))], CRS(crs))

    assert metres(moved, place) < 0.01


@pytest.mark.parametrize("place", PLACES)
def test_vn2000_degrees_arrive_where_the_ministrys_parameters_put_them(
    place: tuple[float, float],
) -> None:
    [moved], step = to_wgs84([shapely.Point(vn2000.degrees(*place))], CRS("EPSG:4756"))

    assert metres(moved, place) < 0.01
    assert step.shift_m == pytest.approx(224, abs=1)


@pytest.mark.parametrize("crs", ["EPSG:9213", "EPSG:3405", "EPSG:5897"])
def test_of_several_operations_the_official_one_is_used(crs: str) -> None:
    _, step = to_wgs84([shapely.Point(431_000, 2_388_000)], CRS(crs))

    assert "VN-2000 to WGS 84 (2)" in step.description
    assert step.accuracy_m == 1.0
    assert step.shift_m == pytest.approx(224, abs=1)


def test_wgs84_stays_where_it_is() -> None:
    [moved], step = to_wgs84([shapely.Point(105.84, 21.59)], CRS("OGC:CRS84"))

    assert (moved.wkt, step.shift_m) == ("POINT (105.84 21.59)", 0.0)


def test_a_system_whose_datum_is_unknown_is_refused_not_guessed() -> None:
    unknown = CRS("+proj=tmerc +lon_0=106.5 +k=0.9999 +x_0=500000 +ellps=WGS84 +units=m")

    with pytest.raises(problems.CrsUnknown):
        to_wgs84([shapely.Point(431_000, 2_388_000)], unknown)


@pytest.mark.parametrize(
    ("x", "y"), [(21.59, 105.84), (0.0, 0.0), (431_000.0, 2_388_000.0), (105.84, 31.59)]
)
def test_coordinates_outside_vietnam_are_refused(x: float, y: float) -> None:
    with pytest.raises(problems.OutsideVietnam):
        to_wgs84([shapely.Point(x, y)], CRS("OGC:CRS84"))


def test_wgs84_with_the_parameters_of_vn2000_is_doubted() -> None:
    lying = CRS("+proj=tmerc +lon_0=106.5 +k=0.9999 +x_0=500000 +datum=WGS84 +units=m")

    _, step = to_wgs84([shapely.Point(431_000, 2_388_000)], lying)

    assert step.is_doubtful
    assert step.shift_m == 0.0


def test_a_file_that_says_nothing_is_refused_unless_the_caller_names_a_system() -> None:
    with pytest.raises(problems.CrsMissing):
        chosen_crs(None, None, default=None)

    assert chosen_crs(None, "EPSG:9213", default=None) == CRS("EPSG:9213")


def test_a_caller_who_contradicts_the_file_is_refused() -> None:
    with pytest.raises(problems.CrsConflict):
        chosen_crs("EPSG:4326", "EPSG:9213", default=None)


def test_a_caller_may_repeat_what_the_file_says() -> None:
    assert chosen_crs("EPSG:9213", "EPSG:9213", default=None) == CRS("EPSG:9213")


@pytest.mark.parametrize(("declared", "named"), [("EPSG:0", None), (None, "VN 1999"), ("?", None)])
def test_a_system_nobody_knows_is_refused(declared: str | None, named: str | None) -> None:
    with pytest.raises(problems.CrsUnknown):
        chosen_crs(declared, named, default="OGC:CRS84")
