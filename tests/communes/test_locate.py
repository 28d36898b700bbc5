from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shapely.geometry.base import BaseGeometry

from server.communes import locate
from server.communes.coverages import Coverages
from server.communes.models import Boundary, Coverage
from server.communes.plane import WGS84
from tests.communes.builders import REFORM, brute_force, commune, coverage

BEFORE = dt.date(2025, 6, 30)
TRUNG_VUONG = (105.843, 21.597)  # the seed's point of 05443@start


def box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A rectangle, in hundredths of a degree from 105° E 21° N."""
    return shapely.box(105 + west / 100, 21 + south / 100, 105 + east / 100, 21 + north / 100)


def at(x: float, y: float) -> tuple[float, float]:
    return 105 + x / 100, 21 + y / 100


@pytest.fixture
def two(db: None) -> Coverages:
    """Two communes side by side, 10 by 10 hundredths each, the higher code in the west."""
    coverage({commune("90002"): box(0, 0, 10, 10), commune("90001"): box(10, 0, 20, 10)})
    return locate.current()


@pytest.fixture
def enclave(db: None) -> Coverages:
    """A ring with a commune in its hole, and an empty hole beside that."""
    ring = box(0, 0, 30, 30).difference(box(5, 5, 15, 15)).difference(box(20, 20, 25, 25))
    coverage({commune("90001"): ring, commune("90002"): box(5, 5, 15, 15)})
    return locate.current()


def test_a_point_gets_the_commune_it_lies_in(two: Coverages) -> None:
    west, east = two.locate_one(*at(5, 5), REFORM), two.locate_one(*at(15, 5), REFORM)

    assert (west.uid, west.status, west.candidates) == ("90002@2025-07-01", "inside", ("90002",))
    assert (east.code, east.valid_from, east.is_schematic) == ("90001", REFORM, False)


def test_a_point_on_a_shared_line_gets_the_lowest_code(two: Coverages) -> None:
    found = two.locate_one(*at(10, 5), REFORM)

    assert (found.code, found.status) == ("90001", "near_border")
    assert found.distance_m == pytest.approx(0.0, abs=1e-4)
    assert found.candidates == ("90001", "90002")


def test_a_point_on_a_corner_gets_the_lowest_code(two: Coverages) -> None:
    assert two.locate_one(*at(10, 0), REFORM).code == "90001"


def test_a_point_in_an_enclave_is_in_the_enclave(enclave: Coverages) -> None:
    assert enclave.locate_one(*at(10, 10), REFORM).code == "90002"
    assert enclave.locate_one(*at(2, 2), REFORM).code == "90001"


def test_a_point_in_a_hole_is_in_no_commune(enclave: Coverages) -> None:
    found = enclave.locate_one(*at(22, 22), REFORM)

    assert (found.uid, found.code, found.status, found.candidates) == (None, None, "outside", ())


def test_the_distance_outside_is_to_the_nearest_line(enclave: Coverages) -> None:
    # Three hundredths of a degree of latitude below the southern edge.
    _, _, metres = WGS84.inv(*at(10, -3), *at(10, 0))

    assert enclave.locate_one(*at(10, -3), REFORM).distance_m == pytest.approx(metres, abs=0.5)


def test_the_distance_inside_is_to_the_nearest_line_on_the_ground(db: None) -> None:
    # 0.100° east, but 0.096° north: nearer in degrees is north, nearer in metres is east.
    coverage({commune("90001"): box(-50, -50, 10, 9.6)})
    _, _, east_m = WGS84.inv(*at(0, 0), *at(10, 0))
    _, _, north_m = WGS84.inv(*at(0, 0), *at(0, 9.6))

    found = locate.current().locate_one(*at(0, 0), REFORM)

    assert east_m < north_m
    assert found.distance_m == pytest.approx(east_m, abs=0.5)


@pytest.mark.parametrize(
    ("metres", "accuracy_m", "status"),
    [
        (49.0, None, "near_border"),
        (51.0, None, "inside"),
        (51.0, 20.0, "inside"),
        (51.0, 52.0, "near_border"),
        (300.0, 301.0, "near_border"),
        (300.0, 299.0, "inside"),
    ],
)
def test_nearer_than_the_accuracy_or_50_m_is_near_the_border(
    two: Coverages, metres: float, accuracy_m: float | None, status: str
) -> None:
    lon, lat, _ = WGS84.fwd(*at(10, 5), 90, metres)

    found = two.locate_one(lon, lat, REFORM, accuracy_m)

    assert (found.code, found.status) == ("90001", status)


def test_near_the_border_both_communes_are_candidates(two: Coverages) -> None:
    lon, lat, _ = WGS84.fwd(*at(10, 5), 270, 30)

    found = two.locate_one(lon, lat, REFORM)

    assert (found.code, found.candidates) == ("90002", ("90001", "90002"))


def test_near_the_outer_line_of_one_commune_it_is_the_only_candidate(
    two: Coverages,
) -> None:
    lon, lat, _ = WGS84.fwd(*at(5, 10), 180, 30)

    assert two.locate_one(lon, lat, REFORM).candidates == ("90002",)


def test_just_outside_is_near_the_border_of_no_commune(two: Coverages) -> None:
    lon, lat, _ = WGS84.fwd(*at(5, 10), 0, 30)

    found = two.locate_one(lon, lat, REFORM)

    assert (found.uid, found.status, found.candidates) == (None, "near_border", ("90002",))


@pytest.mark.parametrize("day", [dt.date(2025, 6, 30), dt.date(2026, 1, 1)])
def test_a_day_without_coverage_has_no_answer(db: None, day: dt.date) -> None:
    coverage({commune("90001"): box(0, 0, 10, 10)}, end=dt.date(2026, 1, 1))

    found = locate.current().locate_one(*at(5, 5), day)

    assert (found.uid, found.status, found.distance_m) == (None, "no_coverage", None)


def test_a_real_coverage_goes_before_a_newer_schematic_one(db: None) -> None:
    unit = commune("90001")
    coverage({unit: box(0, 0, 10, 10)})
    coverage({unit: box(0, 0, 1, 1)}, start=dt.date(2026, 1, 1), is_schematic=True)

    found = locate.current().locate_one(*at(5, 5), dt.date(2026, 2, 1))

    assert (found.code, found.is_schematic) == ("90001", False)


def test_of_two_real_coverages_the_newer_one_answers(db: None) -> None:
    unit = commune("90001")
    coverage({unit: box(0, 0, 10, 10)})
    coverage({unit: box(0, 0, 1, 1)}, start=dt.date(2026, 1, 1))

    assert locate.current().locate_one(*at(5, 5), dt.date(2026, 2, 1)).status == "outside"
    assert locate.current().locate_one(*at(5, 5), dt.date(2025, 12, 31)).status == "inside"


def test_a_reform_ends_the_coverage_of_what_it_ended(db: None) -> None:
    coverage({commune("90001", end=dt.date(2027, 1, 1)): box(0, 0, 10, 10)})

    assert locate.current().locate_one(*at(5, 5), dt.date(2027, 1, 1)).status == "no_coverage"


def test_another_process_that_replaces_a_coverage_is_noticed(two: Coverages) -> None:
    Boundary.objects.all().delete()
    Coverage.objects.all().delete()
    coverage({commune("90003"): box(0, 0, 20, 10)})

    assert locate.current().locate_one(*at(5, 5), REFORM).code == "90003"


def test_asking_again_costs_one_small_query(two: Coverages) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        again = locate.current()

    assert again is two
    assert len(queries) == 1


def test_the_way_to_a_unit_is_measured_from_its_line(two: Coverages) -> None:
    _, _, metres = WGS84.inv(*at(15, 5), *at(10, 5))

    assert two.distance_outside(*at(15, 5), "90002@2025-07-01", REFORM) == pytest.approx(
        metres, abs=0.5
    )
    assert two.distance_outside(*at(5, 5), "90002@2025-07-01", REFORM) == 0.0


def test_the_way_to_a_unit_without_a_polygon_is_unknown(two: Coverages) -> None:
    assert two.distance_outside(*at(5, 5), "90009@2025-07-01", REFORM) is None
    assert two.distance_outside(*at(5, 5), "90002@2025-07-01", BEFORE) is None


def test_many_points_get_the_answers_that_each_would_get(enclave: Coverages) -> None:
    random = np.random.default_rng(18)
    lons, lats = random.uniform(104.95, 105.35, 500), random.uniform(20.95, 21.35, 500)
    accuracies = random.choice([np.nan, 5.0, 400.0], 500)

    many = enclave.locate(lons, lats, REFORM, accuracies)
    ones = [
        enclave.locate_one(lon, lat, REFORM, None if np.isnan(accuracy) else accuracy)
        for lon, lat, accuracy in zip(lons, lats, accuracies, strict=True)
    ]

    assert many.uids.tolist() == [one.uid for one in ones]
    assert many.codes.tolist() == [one.code for one in ones]
    assert many.valid_from.tolist() == [one.valid_from for one in ones]
    assert many.statuses.tolist() == [one.status for one in ones]
    assert many.candidates.tolist() == [one.candidates for one in ones]
    assert set(many.statuses) == {"inside", "near_border", "outside"}
    metres = np.array([one.distance_m for one in ones], dtype=float)
    np.testing.assert_allclose(many.distances_m, metres, rtol=0, atol=1e-6)


def test_each_of_many_points_is_located_on_its_own_day(db: None) -> None:
    coverage({commune("90001", start=None, end=REFORM): box(0, 0, 10, 10)},
             start=dt.date(2020, 1, 1), end=REFORM)  # fmt: skip
    coverage({commune("90001"): box(0, 0, 10, 10)})
    days = np.array(["2019-12-31", "2025-06-30", "2025-07-01"], dtype="datetime64[D]")

    many = locate.current().locate([105.05] * 3, [21.05] * 3, days)

    assert many.uids.tolist() == [None, "90001@start", "90001@2025-07-01"]
    assert many.statuses.tolist() == ["no_coverage", "inside", "inside"]
    assert np.isnan(many.distances_m[0])


def test_no_points_get_no_answers(two: Coverages) -> None:
    assert len(two.locate([], [], REFORM).uids) == 0


def test_coordinates_that_are_no_numbers_are_refused(two: Coverages) -> None:
    with pytest.raises(ValueError, match="finite"):
        two.locate([np.nan], [21.0], REFORM)


@pytest.mark.usefixtures("schematic")
def test_on_the_reforms_day_a_place_changes_from_the_old_commune_to_the_new() -> None:
    before = locate.current().locate_one(*TRUNG_VUONG, BEFORE)
    after = locate.current().locate_one(*TRUNG_VUONG, REFORM)

    assert (before.code, before.uid) == ("05443", "05443@start")
    assert (after.code, after.uid) == ("05443", "05443@2025-07-01")
    assert before.is_schematic and after.is_schematic


def test_threads_may_ask_at_once_from_the_first_question_on(db: None) -> None:
    circle = shapely.Point(*at(0, 0)).buffer(0.5, quad_segs=2000)
    coverage({commune("90001"): circle})
    random = np.random.default_rng(1)
    lons, lats = random.uniform(104.4, 105.6, 4000), random.uniform(20.4, 21.6, 4000)
    coverages = locate.current()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: coverages.locate(lons, lats, REFORM), range(8)))

    expected = shapely.intersects_xy(circle, lons, lats)
    assert all(((a.codes == "90001") == expected).all() for a in answers)


def stored(day: dt.date) -> tuple[list[str], list[BaseGeometry]]:
    boundaries = Boundary.objects.filter(coverage__valid_from=day).order_by("unit__code")
    return (
        [boundary.unit_id for boundary in boundaries],
        [shapely.from_wkb(bytes(boundary.wkb)) for boundary in boundaries],
    )


@pytest.mark.usefixtures("schematic")
@pytest.mark.parametrize("day", [dt.date(2023, 4, 10), REFORM])
def test_20_000_points_on_the_schema_agree_with_unprepared_shapely(day: dt.date) -> None:
    random = np.random.default_rng(2026)
    lons, lats = random.uniform(105.3, 106.4, 20_000), random.uniform(21.2, 22.9, 20_000)

    uids, polygons = stored(day)
    many = locate.current().locate(lons, lats, day)

    assert many.uids.tolist() == [[*uids, None][i] for i in brute_force(polygons, lons, lats)]


def test_20_000_points_on_shapes_with_holes_and_shared_edges_agree(
    enclave: Coverages,
) -> None:
    # Every other point on a grid that runs along the edges and through the corners.
    random = np.random.default_rng(2026)
    lons, lats = random.uniform(104.9, 105.4, 20_000), random.uniform(20.9, 21.4, 20_000)
    lons[::2], lats[::2] = np.round(lons[::2], 2), np.round(lats[::2], 2)

    uids, polygons = stored(REFORM)
    many = enclave.locate(lons, lats, REFORM)

    assert many.uids.tolist() == [[*uids, None][i] for i in brute_force(polygons, lons, lats)]
