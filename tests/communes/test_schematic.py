from __future__ import annotations

import datetime as dt

import pytest
import shapely

from server.communes import locate
from server.communes.cells import draw_cells
from server.communes.models import AdminUnit, Boundary, Coverage
from server.communes.schematic import SOURCE, make_schematic
from tests.communes.builders import commune


@pytest.mark.usefixtures("schematic")
def test_every_day_since_the_first_snapshot_has_one_schema() -> None:
    spans = list(Coverage.objects.filter(is_schematic=True).values_list("valid_from", "valid_to"))

    # The days on which communes changed, from units.csv.
    days = [
        dt.date(2019, 9, 11), dt.date(2020, 1, 1), dt.date(2020, 2, 1), dt.date(2022, 4, 10),
        dt.date(2023, 4, 10), dt.date(2024, 12, 1), dt.date(2025, 7, 1),
    ]  # fmt: skip
    assert spans == list(zip(days, [*days[1:], None], strict=True))


@pytest.mark.usefixtures("schematic")
def test_a_schema_says_that_it_is_no_boundary() -> None:
    sources = set(Coverage.objects.values_list("source", flat=True))

    assert sources == {"Sơ đồ từ điểm đại diện của xã, không phải ranh giới"} == {SOURCE}


@pytest.mark.usefixtures("schematic")
@pytest.mark.parametrize("day", [dt.date(2023, 4, 10), dt.date(2024, 12, 1), dt.date(2025, 7, 1)])
def test_every_commune_has_its_own_point_in_its_cell(day: dt.date) -> None:
    units = AdminUnit.objects.communes().in_force(day).values_list("uid", "lon", "lat")
    uids, lons, lats = zip(*units, strict=True)

    found = locate.current().locate(lons, lats, day)

    assert tuple(found.uids) == uids
    assert found.is_schematic.all()


@pytest.mark.usefixtures("schematic")
def test_before_april_2023_one_town_without_a_point_has_no_cell() -> None:
    drawn = Boundary.objects.filter(coverage__valid_from=dt.date(2022, 4, 10))
    there = AdminUnit.objects.communes().in_force(dt.date(2023, 4, 9))

    missing = set(there.values_list("uid", flat=True)) - set(drawn.values_list("unit", flat=True))

    assert missing == {"05764@start"}


@pytest.mark.usefixtures("schematic")
def test_drawing_again_changes_nothing() -> None:
    before = list(Coverage.objects.values_list("pk", "loaded_at"))

    assert make_schematic() == 0
    assert list(Coverage.objects.values_list("pk", "loaded_at")) == before


@pytest.mark.usefixtures("schematic")
def test_a_moved_point_redraws_only_the_days_it_was_in_force() -> None:
    AdminUnit.objects.filter(uid="05443@2025-07-01").update(lon=105.84)

    assert make_schematic() == 1


@pytest.mark.django_db
def test_a_new_reform_starts_a_new_schema_and_ends_the_old_one() -> None:
    reform = dt.date(2027, 1, 1)
    one, other = commune("90001"), commune("90002")
    AdminUnit.objects.filter(pk=one.pk).update(lon=105.8, lat=21.5)
    AdminUnit.objects.filter(pk=other.pk).update(lon=105.9, lat=21.5)
    make_schematic()

    AdminUnit.objects.filter(pk=one.pk).update(valid_to=reform)
    make_schematic()

    spans = list(Coverage.objects.values_list("valid_from", "valid_to"))
    assert spans == [(dt.date(2025, 7, 1), reform), (reform, None)]


@pytest.mark.django_db
def test_without_units_nothing_is_drawn() -> None:
    assert make_schematic() == 0


def test_cells_meet_without_gap_or_overlap() -> None:
    cells = [
        shapely.from_wkb(cell)
        for cell in draw_cells([(105.8, 21.5), (105.9, 21.5), (105.85, 21.6), (105.84, 21.54)])
    ]

    assert all(cell.is_valid for cell in cells)
    assert shapely.coverage_is_valid(cells)


def test_a_place_belongs_to_the_point_that_is_nearest_on_the_ground() -> None:
    # Both points are 0.1° from the origin, but a degree of longitude is shorter here.
    east, north = (shapely.from_wkb(cell) for cell in draw_cells([(105.9, 21.5), (105.8, 21.6)]))

    assert shapely.intersects_xy(east, 105.8, 21.5)
    assert not shapely.intersects_xy(north, 105.8, 21.5)


def test_a_single_point_gets_a_round_cell() -> None:
    [cell] = draw_cells([(105.8, 21.5)])

    assert shapely.intersects_xy(shapely.from_wkb(cell), 105.85, 21.5)
