"""Where submissions are, as GeoJSON, over HTTP."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from server.projects.models import Project
from tests import builders
from tests.api.conftest import Program
from tests.api.test_submissions import all_of, send
from tests.api.test_submissions import manager as manager
from tests.builders import GOOD, instance


@pytest.mark.row("RS41")
def test_places_are_told_with_the_longitude_first(manager: Program, project: Project) -> None:
    placed = {**GOOD, "h/h_gps": "21.5 105.8 40 5"}
    builders.arrive(project, instance(placed))
    send(project, 2)  # says no place

    told = manager.get(all_of(project, ".geojson"))

    assert told.headers["Content-Type"] == "application/geo+json"
    feature = {
        "type": "Feature",
        "id": "uuid:1",
        "geometry": {
            "type": "Point",
            "coordinates": [105.8, 21.5, 40.0],
            "properties": {"accuracy": 5.0},
        },
        "properties": {"fieldpath": "/h/h_gps"},
    }
    assert json.loads(told.text) == {"type": "FeatureCollection", "features": [feature]}
    one = manager.get(all_of(project, "/uuid:1.geojson?fieldpath=/h/h_gps"))
    assert json.loads(one.text)["features"] == [feature]


@pytest.mark.row("RS41")
def test_each_version_tells_its_own_place(manager: Program, project: Project) -> None:
    builders.arrive(project, instance({**GOOD, "h/h_gps": "21.5 105.8 40 5"}))
    moved = instance(
        {**GOOD, "h/h_gps": "21.6 105.9 40 5"}, instance_id="uuid:2", deprecated_id="uuid:1"
    )
    builders.arrive(project, moved)
    there = all_of(project, "/uuid:1/versions")

    told = [json.loads(manager.get(f"{there}/uuid:{n}.geojson").text)["features"] for n in "12"]

    assert [(one["id"], one["geometry"]["coordinates"][:2]) for (one,) in told] == [
        ("uuid:1", [105.8, 21.5]),
        ("uuid:2", [105.9, 21.6]),
    ]
    assert manager.get(f"{there}/uuid:9.geojson").nature == "submission.version_missing"
    wrong = manager.get(f"{there}/uuid:1.geojson?fieldpath=/h/h_date")
    assert wrong.nature == "submission.place_unknown"


@pytest.mark.row("RS41")
def test_one_question_about_a_place_is_told_at_a_time(manager: Program, project: Project) -> None:
    twice = manager.get(all_of(project, ".geojson?fieldpath=/h/h_gps&fieldpath=/h/h_gps"))
    other = manager.get(all_of(project, ".geojson?fieldpath=/h/h_date"))

    assert (twice.status, twice.json["code"]) == (400, 400.41)
    assert (other.status, other.nature) == (400, "submission.place_unknown")


@pytest.mark.row("RS41")
def test_places_are_narrowed_as_odata_s_rows_are(manager: Program, project: Project) -> None:
    for number in (1, 2):
        placed = instance({**GOOD, "h/h_gps": "21.5 105.8"}, instance_id=f"uuid:{number}")
        builders.arrive(project, placed)
    asked = quote("__id eq 'uuid:1' and __system/reviewState eq null")

    told = manager.get(all_of(project, f".geojson?$filter={asked}"))
    wrong = manager.get(all_of(project, ".geojson?$filter=__id%20eq"))

    assert [feature["id"] for feature in json.loads(told.text)["features"]] == ["uuid:1"]
    assert (wrong.status, wrong.json["code"]) == (400, 400.18)


def test_as_many_places_are_told_as_asked_for(manager: Program, project: Project) -> None:
    for number in (1, 2):
        placed = instance({**GOOD, "h/h_gps": "21.5 105.8"}, instance_id=f"uuid:{number}")
        builders.arrive(project, placed)

    told = json.loads(manager.get(all_of(project, ".geojson?limit=1")).text)

    assert [feature["id"] for feature in told["features"]] == ["uuid:2"]
