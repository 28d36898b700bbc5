"""Communes, their summary and recommendations as tables of a form's feed, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import etree

from server.communes.models import AdminUnit
from server.entities.models import EntityVersion
from server.inspections.models import Flag, Inspection
from server.projects.models import Membership, Project, Role
from tests import builders
from tests.api.feeds import Feed
from tests.api.test_recommendations import DONG, PHAN, signed_in
from tests.builders import GOOD

SETS = ["Communes", "Summary", "Recommendations"]


@pytest.fixture
def viewer(project: Project) -> Feed:
    """Return the feed as a viewer reads it: two communes, one of them inspected."""
    builders.form(project)
    builders.commune("05665", "Xã Đồng Hỷ")
    builders.commune("05443", "Phường Phan Đình Phùng")
    answers = {**GOOD, "h/h_commune": "05665", "a/a5_child": "7919"}
    builders.send(project, builders.instance(answers))
    return feed_of(project, Role.VIEWER)


def feed_of(project: Project, role: Role, *communes: str) -> Feed:
    feed = Feed(signed_in(project, role, *communes), project)
    feed.root = feed.root.replace("thu.svc", "kt_thu.svc")
    return feed


def json_of(feed: Feed, below: str) -> Any:
    return json.loads(feed.program.get(feed.root.partition("/forms/")[0] + below).content)


def test_who_reads_no_records_is_told_of_these_tables_only(viewer: Feed, project: Project) -> None:
    described = etree.fromstring(viewer.ask("/$metadata").content)
    types = {node.get("Name"): node for node in described.iter("{*}EntityType")}

    assert [table["name"] for table in viewer.ask("").json["value"]] == SETS
    assert list(types) == [node.get("Name") for node in described.iter("{*}EntitySet")] == SETS
    for name in SETS[:2]:
        columns = [node.get("Name") for node in types[name].iter("{*}Property")]
        assert columns == list(viewer.rows(f"/{name}")[0])
    assert viewer.ask("/Submissions").status == viewer.ask("/Findings").status == 404
    assert 'Name="Recommendations"' in feed_of(project, Role.SUPERVISOR).ask("/$metadata").text
    Membership.objects.filter(role=Role.VIEWER).delete()
    assert [viewer.ask(f"/{name}").status for name in SETS] == [404] * 3


def test_communes_are_those_of_a_day_with_their_polygons(viewer: Feed) -> None:
    builders.coverage({AdminUnit.objects.get(pk=DONG): (105.8, 21.6)})
    shown = json_of(viewer, "/communes")
    geometries = {one["id"]: one["geometry"] for one in shown["features"]}

    phan, dong = viewer.rows("/Communes")

    assert [phan["code"], dong["code"]] == ["05443", "05665"]
    assert {one["__id"]: one["geometry"] for one in (phan, dong)} == geometries
    assert dong["geometry"]["type"].endswith("Polygon")
    assert (dong["source"], dong["validFrom"]) == (shown["source"], "2025-07-01")
    assert viewer.rows("/Communes", "on_date=2019-01-01") == []
    since = "$filter=validFrom gt 2025-07-01&$select=code"
    assert viewer.rows("/Communes", since) == []
    assert len(viewer.rows("/Communes", since.replace("gt", "ge"))) == 2


def test_the_summary_is_that_of_json_by_year_and_period(viewer: Feed) -> None:
    told = json_of(viewer, "/summary?form=kt_thu&year=2026&period=h1")["communes"]

    rows = viewer.rows("/Summary", "$filter=year eq 2026 and period eq 'h1'")
    dong = rows[1]

    said = {one["uid"]: (one["status"], one["label"], one["coverage"]) for one in told}
    assert said == {r["communeUid"]: (r["status"], r["label"], r["coverage"]) for r in rows}
    assert (dong["__id"], dong["year"], dong["period"]) == (f"2026/h1/{DONG}", 2026, "h1")
    assert (dong["visitDate"], dong["condition_A5"]) == ("2026-05-20", "khong_dat")
    assert "7919" not in viewer.ask("/Summary").text
    periods = [row["period"] for row in viewer.rows("/Summary")]
    assert periods == [None, None, "fy", "fy", "h1", "h1"]
    approved = viewer.rows("/Summary", "data=approved&$select=status&$filter=period eq null")
    assert approved == [{"status": "chua_kiem_tra"}] * 2
    assert viewer.rows("/Summary", "$filter=year eq 2025") == []


def test_pages_of_the_summary_tell_every_row_once(viewer: Feed) -> None:
    page = viewer.ask("/Summary", "$top=4&$count=true&$select=__id&on_date=2026-06-12")
    rest = viewer.next(page)

    found = [row["__id"] for answer in (page, rest) for row in answer.json["value"]]
    assert (page.json["@odata.count"], len(found), len(set(found))) == (6, 6, 6)
    assert "@odata.nextLink" not in rest.json
    assert len(viewer.rows("/Summary", "$skip=5")) == 1


def test_recommendations_are_those_of_the_form_that_a_reader_may_see(
    viewer: Feed, project: Project
) -> None:
    builders.recommendation(project, DONG, "một", bieu="kt_thu", noi_dung="Tập huấn")
    builders.recommendation(project, PHAN, "hai", bieu="kt_thu", han="2020-01-31")
    builders.recommendation(project, DONG, "khác", bieu="kt_khac")

    late, other = viewer.rows("/Recommendations")
    mine = feed_of(project, Role.SUPERVISOR, DONG).rows("/Recommendations", "$select=label")

    assert (late["label"], late["due"], late["overdue"]) == ("hai", "2020-01-31", True)
    assert (other["communeCode"], other["text"], other["state"]) == ("05665", "Tập huấn", "moi")
    assert mine == [{"label": "một"}]
    due = viewer.rows("/Recommendations", "$filter=due lt 2026-01-01&$select=label")
    assert due == [{"label": "hai"}]


def test_words_that_may_name_somebody_are_kept_from_viewers(viewer: Feed, project: Project) -> None:
    inspection = Inspection.objects.get()
    Flag.objects.create(
        inspection=inspection, code="personal_data", details={"questions": ["zr_text"]}
    )
    builders.recommendation(project, DONG, "Gặp chị Lan", bieu="kt_thu", noi_dung="Gặp chị Lan")
    EntityVersion.objects.update(submission_id=inspection.submission_id)

    (seen,) = viewer.rows("/Recommendations")
    (whole,) = feed_of(project, Role.SUPERVISOR).rows("/Recommendations")

    assert (seen["withheld"], seen["text"], seen["label"]) == (True, None, "")
    assert (whole["withheld"], whole["text"]) == (False, "Gặp chị Lan")
    guessed = viewer.rows("/Recommendations", "$filter=label eq 'Gặp chị Lan'")
    assert guessed == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("$filter=overdue eq 1", 501.5),
        ("$filter=due gt 'x'", 400.18),
        ("$filter=year(0001-01-01T00:00:00+07:00) eq year(createdAt)", 400.18),
        ("$select=mau", 400.23),
        ("$orderby=due", 501.1),
        ("on_date=x", 400.8),
    ],
)
def test_what_they_cannot_do_is_refused(viewer: Feed, query: str, code: float) -> None:
    assert viewer.ask("/Recommendations", query).json["code"] == code


def test_more_years_are_not_read_than_are_asked_for(viewer: Feed, project: Project) -> None:
    def asked(query: str) -> tuple[int, set[int]]:
        with CaptureQueriesContext(connection) as queries:
            years = {row["year"] for row in viewer.rows("/Summary", query)}
        return len(queries), years

    query = "$count=true&$filter=period eq 'h1' and year eq 2026"
    before = asked(query)
    answers = {**GOOD, "h/h_commune": "05443", "h/h_date": "2025-09-20", "h/h_year": "2025"}
    builders.send(project, builders.instance(answers, instance_id="uuid:2"))

    assert asked("$select=year")[1] == {2026, 2025}
    assert asked(query) == before
