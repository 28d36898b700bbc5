from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import shapely
from django.core.management import CommandError

from server.communes import locate, problems
from server.communes.load import Wish, examine_file
from server.communes.models import AdminUnit, Coverage
from server.errors import Problem
from tests.communes.builders import REFORM, commune, coverage, geojson
from tests.communes.loading import (
    EAST,
    IN_WEST,
    THREE,
    WEST,
    load,
    refused,
)


@pytest.fixture(autouse=True)
def communes(db: None) -> None:
    for code in THREE:
        commune(code)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    return capsys


def test_a_geojson_file_becomes_a_coverage(tmp_path: Path) -> None:
    load(geojson(tmp_path / "xa.geojson", THREE), source="Sở NN&MT 2026")

    stored = Coverage.objects.get()
    assert (stored.valid_from, stored.valid_to, stored.source) == (REFORM, None, "Sở NN&MT 2026")
    assert stored.boundaries.count() == 3
    assert locate.current().locate_one(*IN_WEST, REFORM).code == "90001"


def test_loading_again_replaces_and_never_adds(tmp_path: Path) -> None:
    moved = {**THREE, "90001": EAST, "90002": WEST}
    load(geojson(tmp_path / "one.geojson", THREE))

    load(geojson(tmp_path / "two.geojson", moved))

    assert Coverage.objects.count() == 1
    assert locate.current().locate_one(*IN_WEST, REFORM).code == "90002"


def test_a_refused_file_leaves_the_coverage_that_was_there(tmp_path: Path) -> None:
    load(geojson(tmp_path / "one.geojson", THREE))
    before = Coverage.objects.get()

    with pytest.raises(CommandError):
        load(geojson(tmp_path / "two.geojson", {"90001": WEST}))

    assert Coverage.objects.get() == before
    assert before.boundaries.count() == 3


def test_a_dry_run_reports_and_writes_nothing(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    load(geojson(tmp_path / "xa.geojson", THREE), dry_run=True)

    assert Coverage.objects.count() == 0
    assert "Đối tượng: 3; danh sách có 3 xã" in said.readouterr().out


def test_a_dry_run_of_an_unfit_file_fails(tmp_path: Path) -> None:
    path = geojson(tmp_path / "xa.geojson", {"90001": WEST})

    assert refused(path, dry_run=True) == "boundaries.units_differ"


def test_a_schematic_coverage_of_the_same_day_stays(tmp_path: Path) -> None:
    coverage({AdminUnit.objects.get(code="90001"): WEST}, is_schematic=True)

    load(geojson(tmp_path / "xa.geojson", THREE))

    assert Coverage.objects.count() == 2
    assert not locate.current().locate_one(*IN_WEST, REFORM).is_schematic


def test_unknown_and_missing_codes_are_named(tmp_path: Path) -> None:
    path = geojson(tmp_path / "xa.geojson", {"90001": WEST, "90009": EAST})

    with pytest.raises(CommandError, match=r"mã lạ 90009; thiếu 01840, 90002"):
        load(path)

    assert Coverage.objects.count() == 0


def test_several_features_of_one_commune_are_joined(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    path = geojson(tmp_path / "xa.geojson", THREE)
    document = json.loads(path.read_text())
    island = shapely.box(105.70, 21.50, 105.71, 21.51)
    document["features"].append(
        {
            "type": "Feature",
            "properties": {"code": "90001"},
            "geometry": shapely.geometry.mapping(island),
        }
    )
    path.write_text(json.dumps(document))

    load(path)

    assert "Mã có nhiều vùng, đã gộp (1): 90001" in said.readouterr().out
    assert locate.current().locate_one(105.705, 21.505, REFORM).code == "90001"
    assert locate.current().locate_one(*IN_WEST, REFORM).code == "90001"


def test_numbers_for_codes_get_their_zeros_back(tmp_path: Path) -> None:
    path = geojson(tmp_path / "xa.geojson", THREE)
    path.write_text(path.read_text().replace('"01840"', "1840"))

    load(path)

    assert locate.current().locate_one(105.9, 21.65, REFORM).code == "01840"


def test_another_column_of_codes_can_be_named(tmp_path: Path) -> None:
    path = geojson(tmp_path / "xa.geojson", THREE)
    path.write_text(path.read_text().replace('"code"', '"Mã riêng"'))

    assert refused(path) == "boundaries.code_missing"
    load(path, code_field="mã riêng")


def test_names_that_differ_from_the_list_are_reported(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    AdminUnit.objects.filter(code="90002").update(search_key="ten cu")

    load(geojson(tmp_path / "xa.geojson", THREE), dry_run=True)

    assert "Tên khác danh sách (1): 90002" in said.readouterr().out


def test_an_overlap_is_reported_in_square_metres(tmp_path: Path) -> None:
    # 0.01° by 0.1° at 21.55° N: 1036.2 m by 11072.9 m, from the geodesic lengths.
    wide = shapely.box(105.80, 21.50, 105.91, 21.60)

    report = examine_file(geojson(tmp_path / "x.json", {**THREE, "90001": wide}), Wish()).report

    assert report.overlaps is not None
    assert report.overlaps.count == 1
    assert report.overlaps.area_m2 == pytest.approx(1036.2 * 11072.9, rel=1e-3)
    assert report.overlaps.largest_of == ("90001", "90002")


def test_a_gap_is_reported_in_square_metres(tmp_path: Path) -> None:
    hole = shapely.box(105.85, 21.55, 105.851, 21.551)
    pierced = WEST.difference(hole)

    report = examine_file(geojson(tmp_path / "x.json", {**THREE, "90001": pierced}), Wish()).report

    assert report.gaps is not None
    assert (report.gaps.count, report.overlaps and report.overlaps.count) == (1, 0)
    assert report.gaps.area_m2 == pytest.approx(103.62 * 110.729, rel=1e-3)
    assert report.gaps.largest_at == pytest.approx((105.8505, 21.5505), abs=1e-3)


def test_areas_are_compared_with_the_published_ones(tmp_path: Path) -> None:
    AdminUnit.objects.filter(code="90001").update(area_km2=100.0)

    report = examine_file(geojson(tmp_path / "x.json", THREE), Wish()).report

    # 0.1° by 0.1°: 10.362 km by 11.073 km.
    [area] = report.areas
    assert area.computed_km2 == pytest.approx(114.7, abs=0.1)
    assert area.share == pytest.approx(0.147, abs=0.001)


def test_an_invalid_polygon_is_refused_with_the_place(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    bow_tie = shapely.Polygon([(105.8, 21.5), (105.9, 21.6), (105.9, 21.5), (105.8, 21.6)])

    code = refused(geojson(tmp_path / "xa.geojson", {**THREE, "90001": bow_tie}))

    assert code == "boundaries.geometry_invalid"
    assert "90001 Self-intersection[105.85 21.55]" in said.readouterr().out


def test_a_coverage_ends_by_itself_when_communes_change(tmp_path: Path) -> None:
    AdminUnit.objects.filter(code="90001").update(valid_to=dt.date(2027, 1, 1))

    load(geojson(tmp_path / "xa.geojson", THREE))

    assert Coverage.objects.get().valid_to == dt.date(2027, 1, 1)


def test_a_coverage_may_not_reach_over_a_reform(tmp_path: Path) -> None:
    AdminUnit.objects.filter(code="90001").update(valid_to=dt.date(2027, 1, 1))
    path = geojson(tmp_path / "xa.geojson", THREE)

    assert refused(path, valid_to=dt.date(2027, 1, 2)) == "boundaries.span_crosses_change"


def test_a_coverage_may_not_end_before_it_starts(tmp_path: Path) -> None:
    path = geojson(tmp_path / "xa.geojson", THREE)

    assert refused(path, valid_to=REFORM) == "boundaries.span_invalid"


def test_boundaries_before_the_list_of_communes_are_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "xa.geojson", THREE)

    assert refused(path, valid_from=dt.date(2024, 1, 1)) == "boundaries.units_not_loaded"


def test_every_problem_says_what_to_do_in_both_languages() -> None:
    details = {
        "path": "p", "name": "n", "reason": "r", "limit_mb": 1, "count": 2, "layers": "l",
        "crs": "c", "declared": "d", "named": "e", "x": 1.0, "y": 2.0, "position": 1,
        "found": "f", "where": "", "fields": "f", "valid_from": REFORM, "valid_to": REFORM,
        "change": REFORM, "unknown": "u", "missing": "m", "listed": "l", "columns": "c", "row": 1,
        "unit": "u", "nearest": "n",
    }  # fmt: skip
    kinds = [kind for kind in Problem.__subclasses__() if kind.__module__ == problems.__name__]

    sentences = [kind(**details).sentence(language) for kind in kinds for language in ("vi", "en")]

    assert len(sentences) == 2 * len({kind.code for kind in kinds})
    assert all(sentence.endswith(".") for sentence in sentences)
