from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import shapely

from server.communes import boundary_file, locate, vector_file
from server.communes.load import Wish, examine_file
from server.communes.models import Boundary, Coverage
from tests.communes import vn2000
from tests.communes.builders import REFORM, commune, geojson
from tests.communes.loading import (
    IN_WEST,
    THREE,
    WEST,
    layer,
    load,
    refused,
    vn2000_corners,
    zipped_shapefile,
)

pytestmark = pytest.mark.filterwarnings("ignore:'crs' was not provided")


@pytest.fixture(autouse=True)
def communes(db: None) -> None:
    for code in THREE:
        commune(code)


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
