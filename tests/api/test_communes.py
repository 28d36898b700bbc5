"""Communes as GeoJSON, where points lie, and what records came to, over HTTP."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from pytest_django import DjangoAssertNumQueries

from server.plans.models import Period, PeriodCode
from server.projects.models import Project, Role
from tests import builders
from tests.api.conftest import Program
from tests.api.test_recommendations import signed_in
from tests.builders import GOOD, instance


def at(project: Project, below: str) -> str:
    return f"/v1/projects/{project.pk}/{below}"


@pytest.fixture
def _map(db: None) -> None:
    here, bare = builders.commune("05443", "Xã Đồng Hỷ"), builders.commune("05500", "Xã An Khánh")
    builders.commune("05111", "Xã Cũ", since=None, until=dt.date(2025, 7, 1))
    builders.coverage({here: (105.0, 21.0)})
    assert bare.uid


def test_the_communes_of_a_day_come_with_their_source(
    program: Program, project: Project, _map: None
) -> None:
    answer = program.get(at(project, "communes"))

    told = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert (told["type"], told["source"]) == ("FeatureCollection", "Hình vuông thử nghiệm")
    assert told["note"] == "theo địa giới từ 01/7/2025"
    names = [feature["properties"]["name"] for feature in told["features"]]
    assert names == ["Xã An Khánh", "Xã Đồng Hỷ"]
    bare, drawn = (feature["geometry"] for feature in told["features"])
    assert (bare, drawn["type"]) == (None, "Polygon")
    assert min(drawn["coordinates"][0]) == [105.0, 21.0]
    before = json.loads(program.get(at(project, "communes?on_date=2025-06-30")).content)
    assert (before["source"], len(before["features"])) == (None, 1)


def test_points_are_located_on_their_day(program: Program, project: Project, _map: None) -> None:
    inside = {"lon": 105.01, "lat": 21.01}
    points = [inside, {**inside, "onDate": "2025-06-30"}, {"lon": 1, "lat": 1}]

    answer = program.ask(
        "POST",
        at(project, "locate"),
        data=json.dumps({"points": points}),
        content_type="application/json",
    )

    assert [one["uid"] for one in answer.json] == ["05443@2025-07-01", None, None]
    assert [one["status"] for one in answer.json][1:] == ["no_coverage", "outside"]


@pytest.mark.parametrize("points", [[], [{"lon": 200, "lat": 1}], [{"lon": 1}], "x"])
def test_what_is_no_point_is_refused(program: Program, project: Project, points: object) -> None:
    answer = program.ask(
        "POST",
        at(project, "locate"),
        data=json.dumps({"points": points}),
        content_type="application/json",
    )

    assert answer.nature == "parameter.invalid"


def test_findings_and_flags_are_listed_for_who_reviews(
    program: Program, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    builders.form(project)
    builders.send(project, instance(GOOD))
    builders.send(project, instance({**GOOD, "a/a3_key_f": "0"}, instance_id="uuid:2"))
    hoa = signed_in(project, Role.SUPERVISOR)

    # Session, membership, known conditions, forms, rows; an entry of the log.
    with django_assert_num_queries(5 + 1):
        failed = hoa.get(at(project, "findings?status=khong_dat&condition=A3")).json
    flags = hoa.get(at(project, "flags?form=kt_thu")).json

    assert [(row["instanceId"], row["condition"]) for row in failed] == [("uuid:2", "A3")]
    assert [row["note"] for row in failed] == ["tạm tính – chưa đối chiếu"]
    assert len(hoa.get(at(project, "findings?year=2026")).json) == 6
    assert flags
    assert all(row["severity"] in ("nang", "vua", "nhe") for row in flags)
    assert hoa.get(at(project, "flags?code=lạ")).nature == "parameter.invalid"
    misspelt = hoa.get(at(project, "findings?condition=a3"))
    assert (misspelt.status, misspelt.nature) == (400, "filter.unknown")
    assert "A3" in misspelt.json["message"]
    assert hoa.get(at(project, "flags?form=kt-thu")).nature == "filter.unknown"
    assert program.get(at(project, "findings")).status == 404


def test_periods_that_somebody_touched_are_listed(program: Program, project: Project) -> None:
    assert program.get(at(project, "periods")).json == []
    Period.objects.create(project=project, year=2026, code=PeriodCode.H1)

    (told,) = program.get(at(project, "periods")).json

    assert (told["period"], told["lockedAt"], told["snapshot"]) == ("2026-h1", None, None)
