"""On the real lines, which may not come with the project: for those who have them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.core.management import call_command
from shapely.geometry.base import BaseGeometry

from server.communes import locate
from server.communes.cells import draw_cells
from server.communes.models import AdminUnit
from server.communes.quality import area_m2
from tests.communes.builders import REFORM, SHARED, brute_force

FULL_2025 = SHARED / "communes-thai-nguyen-2025-full.geojson"
LAST_OLD = SHARED / "communes-thai-nguyen-2025-06.geojson"
BEFORE = dt.date(2025, 6, 30)
TRUNG_VUONG = (105.843, 21.597)  # the seed's point of 05443@start

pytestmark = pytest.mark.skipif(
    not (FULL_2025.exists() and LAST_OLD.exists()),
    reason="the maps may not be part of the project; other tests use made-up shapes",
)


def polygons_of(path: Path) -> dict[str, BaseGeometry]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = {
        f["properties"]["code"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in features
    }
    return dict(sorted(shapes.items()))


@pytest.mark.usefixtures("schematic")
def test_20_000_points_on_the_full_map_agree_with_unprepared_shapely() -> None:
    polygons = polygons_of(FULL_2025)
    random = np.random.default_rng(2026)
    lons, lats = random.uniform(105.4, 106.3, 20_000), random.uniform(21.3, 22.8, 20_000)

    call_command("load_boundaries", str(FULL_2025))
    many = locate.current().locate(lons, lats, REFORM)

    expected = brute_force(list(polygons.values()), lons, lats)
    assert many.codes.tolist() == [[*polygons, None][index] for index in expected]
    assert not many.is_schematic.any()


@pytest.mark.usefixtures("schematic")
def test_the_reform_changes_a_place_from_one_loaded_coverage_to_the_other() -> None:
    call_command("load_boundaries", str(LAST_OLD), valid_from=dt.date(2024, 12, 1))
    call_command("load_boundaries", str(FULL_2025))

    before = locate.current().locate_one(*TRUNG_VUONG, BEFORE)
    after = locate.current().locate_one(*TRUNG_VUONG, REFORM)

    assert (before.uid, before.is_schematic) == ("05443@start", False)
    assert (after.uid, after.is_schematic) == ("05443@2025-07-01", False)


@pytest.mark.usefixtures("units")
def test_the_schema_puts_77_percent_of_the_province_in_the_right_commune() -> None:
    polygons = polygons_of(FULL_2025)
    units = AdminUnit.objects.communes().in_force(REFORM).order_by("code")
    points = [(unit.lon or 0.0, unit.lat or 0.0) for unit in units]

    cells = [shapely.from_wkb(cell) for cell in draw_cells(points)]

    simple = [polygon.simplify(0.0005) for polygon in polygons.values()]
    right = [a.intersection(b) for a, b in zip(cells, simple, strict=True)]
    assert sum(map(area_m2, right)) / sum(map(area_m2, simple)) == pytest.approx(0.77, abs=0.005)
