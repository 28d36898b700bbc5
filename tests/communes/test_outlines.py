"""The picture of the communes: where things stand in it."""

from __future__ import annotations

import datetime as dt

import pytest
import shapely

from server.communes.models import Boundary, Coverage
from server.communes.outlines import WIDTH, outlines
from tests import builders

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 5, 1)


def drawn(code: str, box: tuple[float, float, float, float], *, schematic: bool = True) -> str:
    """Return the uid of a commune that is a box of degrees."""
    unit = builders.commune(code, f"Xã {code}")
    coverage, _ = Coverage.objects.get_or_create(
        valid_from=dt.date(2025, 7, 1), is_schematic=schematic, source="nguồn", crs="EPSG:4326"
    )
    Boundary.objects.create(coverage=coverage, unit=unit, wkb=shapely.box(*box).wkb)
    return unit.uid


def test_north_is_up_and_a_point_stands_where_its_commune_does() -> None:
    south = drawn("00001", (105.0, 21.0, 106.0, 21.5))
    north = drawn("00002", (105.0, 21.5, 106.0, 22.0))
    found = outlines(DAY)

    assert found is not None
    x, y = found.view.place(105.5, 21.75)
    assert x == WIDTH / 2
    assert found.by_uid[north].path.startswith("M")
    assert y < found.view.place(105.5, 21.25)[1]
    assert found.view.shows(105.0, 22.0)
    assert not found.view.shows(107.0, 21.5)
    assert {south, north} == found.by_uid.keys()


def test_real_lines_are_drawn_before_a_schematic_map() -> None:
    uid = drawn("00001", (105.0, 21.0, 106.0, 22.0))
    before = outlines(DAY)
    real = Coverage.objects.create(
        valid_from=dt.date(2025, 7, 1), is_schematic=False, source="thật", crs="EPSG:9213"
    )
    Boundary.objects.create(
        coverage=real, unit_id=uid, wkb=shapely.box(105.0, 21.0, 105.5, 22.0).wkb
    )
    after = outlines(DAY)

    assert before is not None
    assert after is not None
    assert (before.is_schematic, after.is_schematic) == (True, False)
    assert after.source == "thật"


def test_a_day_without_lines_has_no_picture() -> None:
    drawn("00001", (105.0, 21.0, 106.0, 22.0))

    assert outlines(dt.date(2020, 1, 1)) is None
