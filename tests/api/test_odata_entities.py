"""The OData feed of an entity list, over HTTP (openrosa.md §6.4)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from server.entities.models import Entity
from server.projects.models import Project, Role
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_entities import FORM, entities
from tests.api.test_recommendations import DONG, PHAN, signed_in


@pytest.fixture
def hoa(project: Project) -> Program:
    builders.form(project, FORM)
    for number in range(3):
        builders.recommendation(project, DONG, f"Việc {number}", noi_dung="Tập huấn")
    return signed_in(project, Role.SUPERVISOR)


def feed(program: Program, project: Project, below: str = "/Entities") -> Answer:
    return program.get(f"/v1/projects/{project.pk}/datasets/kien_nghi.svc{below}")


def labels(answer: Answer) -> list[Any]:
    return [row["label"] for row in answer.json["value"]]


def test_entities_come_newest_first_in_central_s_shape(hoa: Program, project: Project) -> None:
    answer = feed(hoa, project, "/Entities?$count=true")

    row = answer.json["value"][0]
    assert answer.headers["OData-Version"] == "4.0"
    assert (answer.json["@odata.count"], labels(answer)) == (3, ["Việc 2", "Việc 1", "Việc 0"])
    assert list(row) == ["__id", "label", "__system", "noi_dung", "trang_thai", "xa"]
    assert (row["noi_dung"], row["xa"]) == ("Tập huấn", DONG)
    system = row["__system"]
    assert (system["updates"], system["version"], system["conflict"]) == (0, 1, None)
    assert system["createdAt"].endswith("Z")


def test_what_came_after_the_last_told_moment_is_not_that_one_again(
    hoa: Program, project: Project
) -> None:
    for number, entity in enumerate(Entity.objects.order_by("pk")):
        at = dt.datetime(2026, 5, 4, 8, 0, number, 122_999, tzinfo=dt.UTC)
        Entity.objects.filter(pk=entity.pk).update(created_at=at)
    told = feed(hoa, project).json["value"][1]["__system"]["createdAt"]

    def found(sign: str) -> list[Any]:
        return labels(feed(hoa, project, f"/Entities?$filter=__system/createdAt {sign} {told}"))

    assert (found("gt"), found("eq")) == (["Việc 2"], ["Việc 1"])


def test_members_of_the_system_can_be_asked_for(hoa: Program, project: Project) -> None:
    answer = feed(hoa, project, "/Entities?$top=1&$select=label,__system/version,__system/updates")

    assert answer.json["value"] == [{"label": "Việc 2", "__system": {"version": 1, "updates": 0}}]


def test_entities_are_searched_in_all_their_texts(hoa: Program, project: Project) -> None:
    first = feed(hoa, project, "/Entities?$search=TẬP&$top=1&$count=true")

    second = hoa.get(first.json["@odata.nextLink"].partition("testserver")[2])

    assert (first.json["@odata.count"], labels(first)) == (3, ["Việc 2"])
    assert labels(second) == ["Việc 1"]
    assert labels(feed(hoa, project, '/Entities?$search="việc 1"')) == ["Việc 1"]
    assert feed(hoa, project, "/Entities?$search=không có&$count=true").json["@odata.count"] == 0


def test_pages_follow_one_another_while_entities_come(hoa: Program, project: Project) -> None:
    first = feed(hoa, project, "/Entities?$top=2")
    builders.recommendation(project, DONG, "Mới đến")

    second = hoa.get(first.json["@odata.nextLink"].partition("testserver")[2])

    assert (labels(first), labels(second)) == (["Việc 2", "Việc 1"], ["Việc 0"])
    assert "@odata.nextLink" not in second.json


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("label eq 'Việc 1'", ["Việc 1"]),
        ("not (label eq 'Việc 1') and __system/version ge 1", ["Việc 2", "Việc 0"]),
        ("__system/updatedAt eq null and year(__system/createdAt) gt 2020", 3),
        ("__system/creatorId ge 0 and __system/createdAt gt '2020-01-01'", 3),
        ("__system/createdAt lt 2020-01-01 or __system/updatedAt ne null", []),
    ],
)
def test_entities_are_filtered(
    hoa: Program, project: Project, wanted: str, found: list[str] | int
) -> None:
    answer = feed(hoa, project, f"/Entities?$select=label&$filter={wanted}")

    assert labels(answer) == (["Việc 2", "Việc 1", "Việc 0"] if found == 3 else found)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("$filter=han eq 1", 501.5),
        ("$filter=__system/version gt 'x'", 400.18),
        ("$filter=label eq", 400.18),
        ("$select=mau", 400.23),
        ("$expand=*", 501.1),
        ("$top=x", 400.11),
    ],
)
def test_what_the_feed_cannot_do_is_refused(
    hoa: Program, project: Project, query: str, code: float
) -> None:
    assert feed(hoa, project, f"/Entities?{query}").json["code"] == code


def test_it_says_what_it_holds(hoa: Program, project: Project) -> None:
    service, metadata = feed(hoa, project, ""), feed(hoa, project, "/$metadata")

    assert [table["name"] for table in service.json["value"]] == ["Entities"]
    assert '<Property Name="noi_dung" Type="Edm.String"/>' in metadata.text


def test_other_communes_and_deleted_ones_are_left_out(hoa: Program, project: Project) -> None:
    builders.recommendation(project, PHAN, "Xã khác")
    gone = builders.recommendation(project, DONG, "Đã xóa")
    signed_in(project, Role.MANAGER).ask("DELETE", entities(project, f"/{gone.uuid}"))
    program = signed_in(project, Role.SUPERVISOR, DONG)

    assert labels(feed(program, project)) == ["Việc 2", "Việc 1", "Việc 0"]


def test_a_longer_feed_asks_no_more(
    hoa: Program, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Session, membership, list, properties, entities, versions, conflicts, who made them.
    with django_assert_num_queries(9):
        assert len(json.loads(feed(hoa, project).content)["value"]) == 3
