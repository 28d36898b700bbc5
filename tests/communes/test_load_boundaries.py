from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command
from shapely.geometry.base import BaseGeometry

from server.communes import boundary_file, locate, problems, vector_file
from server.communes.load import Wish, examine_file
from server.communes.models import AdminUnit, Boundary, Coverage
from server.errors import Problem
from tests.communes import vn2000
from tests.communes.builders import REFORM, commune, coverage, geojson

WEST = shapely.box(105.80, 21.50, 105.90, 21.60)
EAST = shapely.box(105.90, 21.50, 106.00, 21.60)
NORTH = shapely.box(105.80, 21.60, 106.00, 21.70)
THREE = {"90001": WEST, "90002": EAST, "01840": NORTH}
IN_WEST = (105.85, 21.55)


pytestmark = pytest.mark.filterwarnings("ignore:'crs' was not provided")


@pytest.fixture(autouse=True)
def communes(db: None) -> None:
    for code in THREE:
        commune(code)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    return capsys


def vn2000_corners(polygon: BaseGeometry) -> BaseGeometry:
    """The same place in metres of EPSG:9213."""
    return shapely.Polygon([vn2000.tm3(*corner) for corner in shapely.get_coordinates(polygon)])


def layer(
    path: Path, *, crs: str | None, polygons: Mapping[str, BaseGeometry], **kwargs: object
) -> None:
    """Write a Shapefile or GeoPackage layer with GDAL."""
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(list(polygons.values())),
        field_data=[np.array(list(polygons), dtype=object)],
        fields=["ma_xa"],
        geometry_type="Polygon",
        crs=crs,
        **kwargs,
    )


def zipped_shapefile(
    folder: Path, *, crs: str | None, polygons: Mapping[str, BaseGeometry]
) -> Path:
    layer(folder / "xa.shp", crs=crs, polygons=polygons)
    archive = folder / "xa.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for part in folder.glob("xa.*"):
            if part != archive:
                packed.write(part, f"ranh gioi/{part.name}")
    return archive


def load(path: Path, **options: object) -> None:
    call_command("load_boundaries", str(path), **options)


def refused(path: Path, **options: object) -> str:
    """Load in vain; return the code that says why. Nothing may have been written."""
    with pytest.raises(CommandError) as caught:
        load(path, **options)
    assert Coverage.objects.filter(is_schematic=False).count() == 0
    assert Boundary.objects.filter(coverage__is_schematic=False).count() == 0
    assert isinstance(caught.value.__cause__, Problem)
    return caught.value.__cause__.code


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


@pytest.mark.parametrize("member", ["EPSG:4756", "urn:ogc:def:crs:EPSG::4756"])
def test_geojson_that_says_vn2000_is_moved(tmp_path: Path, member: str) -> None:
    own = {
        code: shapely.Polygon([vn2000.degrees(*c) for c in polygon.exterior.coords])
        for code, polygon in THREE.items()
    }
    crs = {"type": "name", "properties": {"name": member}}

    examined = examine_file(geojson(tmp_path / "xa.geojson", own, crs=crs), Wish())

    assert examined.step.crs == "EPSG:4756"
    assert examined.polygons["90001"].hausdorff_distance(WEST) < 1e-7


def test_geojson_is_wgs84_unless_it_says_otherwise(tmp_path: Path) -> None:
    examined = examine_file(geojson(tmp_path / "xa.geojson", THREE), Wish())

    assert examined.polygons["90001"].equals_exact(WEST)


def test_geojson_in_metres_is_refused(tmp_path: Path) -> None:
    metres = {code: vn2000_corners(polygon) for code, polygon in THREE.items()}

    assert refused(geojson(tmp_path / "xa.geojson", metres)) == "boundaries.outside_vietnam"


def test_a_shapefile_in_vn2000_arrives_at_its_place(tmp_path: Path) -> None:
    metres = {code: vn2000_corners(polygon) for code, polygon in THREE.items()}

    load(zipped_shapefile(tmp_path, crs="EPSG:9213", polygons=metres))

    [west] = Boundary.objects.filter(unit__code="90001")
    # 1e-7 degrees are a centimetre.
    assert shapely.from_wkb(bytes(west.wkb)).hausdorff_distance(WEST) < 1e-7
    assert Coverage.objects.get().crs == "EPSG:9213"


def test_a_shapefile_without_a_crs_is_refused_unless_one_is_named(tmp_path: Path) -> None:
    metres = {code: vn2000_corners(polygon) for code, polygon in THREE.items()}
    archive = zipped_shapefile(tmp_path, crs=None, polygons=metres)

    assert refused(archive) == "boundaries.crs_missing"
    load(archive, crs="EPSG:9213")
    assert locate.current().locate_one(*IN_WEST, REFORM).code == "90001"


def test_degrees_without_a_crs_are_refused_however_much_they_look_like_wgs84(
    tmp_path: Path,
) -> None:
    assert refused(zipped_shapefile(tmp_path, crs=None, polygons=THREE)) == "boundaries.crs_missing"


def test_a_geopackage_is_read(tmp_path: Path) -> None:
    layer(tmp_path / "xa.gpkg", crs="EPSG:4326", polygons=THREE)

    load(tmp_path / "xa.gpkg")

    assert locate.current().locate_one(*IN_WEST, REFORM).code == "90001"


def test_a_geopackage_of_two_layers_is_refused(tmp_path: Path) -> None:
    layer(tmp_path / "xa.gpkg", crs="EPSG:4326", polygons=THREE, layer="xa")
    layer(tmp_path / "xa.gpkg", crs="EPSG:4326", polygons=THREE, layer="huyen", append=True)

    assert refused(tmp_path / "xa.gpkg") == "boundaries.layers_unclear"


def test_without_the_extra_the_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipped_shapefile(tmp_path, crs="EPSG:4326", polygons=THREE)
    monkeypatch.setattr(vector_file, "pyogrio", None)

    assert refused(archive) == "boundaries.extra_missing"


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_file, "MAX_FILE_BYTES", 1_000_000)
    bomb = tmp_path / "xa.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xa.shp", bytes(20_000_000))

    assert bomb.stat().st_size < 100_000
    assert refused(bomb) == "boundaries.too_large"


def test_a_zip_with_too_many_entries_is_refused(tmp_path: Path) -> None:
    crowded = tmp_path / "xa.zip"
    with zipfile.ZipFile(crowded, "w") as packed:
        for number in range(300):
            packed.writestr(f"{number}.txt", "")

    assert refused(crowded) == "boundaries.file_broken"


def test_a_zip_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    archive = zipped_shapefile(tmp_path, crs="EPSG:4326", polygons=THREE)
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("../../escaped.prj", "")

    load(archive)

    assert not list(tmp_path.parent.rglob("escaped.prj"))


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boundary_file, "MAX_FILE_BYTES", 500)

    assert refused(geojson(tmp_path / "xa.geojson", THREE)) == "boundaries.too_large"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.geojson", b"", "boundaries.file_broken"),
        ("a.geojson", b"\xff\xfe\x00", "boundaries.file_broken"),
        ("a.geojson", b"[]", "boundaries.file_broken"),
        ("a.geojson", b'{"type": "Feature", "features": 3}', "boundaries.file_broken"),
        ("a.geojson", b'{"features": [3]}', "boundaries.file_broken"),
        ("a.geojson", b"[" * 100_000, "boundaries.file_broken"),
        ("a.geojson", b'{"features": [NaN]}', "boundaries.file_broken"),
        ("a.geojson", b'{"features": []}', "boundaries.code_missing"),
        (
            "a.geojson",
            b'{"features": [{"properties": {"code": "90001"}, "geometry": {"type": "Polygon"}}]}',
            "boundaries.file_broken",
        ),
        (
            "a.geojson",
            b'{"features": [{"properties": {"code": "90001"}, "geometry": null}]}',
            "boundaries.not_polygon",
        ),
        (
            "a.geojson",
            b'{"features": [{"properties": {"code": "90001"},'
            b' "geometry": {"type": "Point", "coordinates": [105.8, 21.5]}}]}',
            "boundaries.not_polygon",
        ),
        ("a.geojson", b'{"features": [{"properties": {"code": null}}]}', "boundaries.code_missing"),
        ("a.zip", b"PK\x03\x04 not really", "boundaries.file_broken"),
        ("a.gpkg", b"SQLite format 3\x00", "boundaries.file_broken"),
        ("a.kml", b"<kml/>", "boundaries.format_unknown"),
    ],
)
def test_a_broken_file_is_refused_with_a_code(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)

    assert refused(tmp_path / name) == code


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.geojson") == "boundaries.file_unreadable"


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
    }  # fmt: skip
    kinds = [kind for kind in Problem.__subclasses__() if kind.__module__ == problems.__name__]

    sentences = [kind(**details).sentence(language) for kind in kinds for language in ("vi", "en")]

    assert len(sentences) == 2 * len({kind.code for kind in kinds})
    assert all(sentence.endswith(".") for sentence in sentences)
