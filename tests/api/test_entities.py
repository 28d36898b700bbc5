"""Entity lists and entities as ODK Central's clients ask for them (openrosa.md §6.1)."""

from __future__ import annotations

import csv
import json
import re
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from server.entities.models import Entity, EntityList
from server.projects.models import Project, Role
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_recommendations import DONG, PHAN, signed_in

FORM = """
| survey   | type      | name  | label      | save_to    |
|          | text      | xa    | Xã         | xa         |
|          | text      | state | Trạng thái | trang_thai |
|          | text      | viec  | Nội dung   | noi_dung   |
| entities | list_name | label |
|          | kien_nghi | ${viec} |
| settings | form_title | form_id | version |
|          | Kiến nghị | kn | 1 |
"""


@pytest.fixture
def hoa(project: Project) -> Program:
    builders.form(project, FORM)
    return signed_in(project, Role.SUPERVISOR)


@pytest.fixture
def manager(project: Project) -> Program:
    return signed_in(project, Role.MANAGER)


def datasets(project: Project, below: str = "") -> str:
    return f"/v1/projects/{project.pk}/datasets{below}"


def entities(project: Project, below: str = "") -> str:
    return datasets(project, f"/kien_nghi/entities{below}")


def send(program: Program, method: str, path: str, body: Any) -> Answer:
    return program.ask(method, path, data=json.dumps(body), content_type="application/json")


def test_lists_are_told_as_pyodk_reads_them(hoa: Program, project: Project) -> None:
    builders.recommendation(project)

    (listed,) = hoa.get(datasets(project)).json
    one = hoa.get(datasets(project, "/kien_nghi")).json

    assert (listed["name"], listed["projectId"]) == ("kien_nghi", project.pk)
    assert (listed["approvalRequired"], listed["ownerOnly"]) == (False, False)
    assert [found["name"] for found in one["properties"]] == ["noi_dung", "trang_thai", "xa"]
    assert one["sourceForms"] == [{"xmlFormId": "kn", "name": "Kiến nghị"}]
    assert one["properties"][0]["forms"] == []


def test_a_list_stands_once_a_form_that_writes_to_it_is_published(
    hoa: Program, project: Project
) -> None:
    empty = hoa.get(entities(project)).json
    made = send(hoa, "POST", entities(project), {"label": "Tập huấn", "data": {"xa": DONG}})
    builders.form(project, FORM.replace("kien_nghi", "co_so").replace("kn |", "cs |"))
    listed = hoa.get(datasets(project)).json

    assert (empty, made.status) == ([], 200)
    assert [one["name"] for one in listed] == ["co_so", "kien_nghi"]
    assert listed[1]["createdAt"] < made.json["createdAt"]


def test_a_manager_sets_a_list(hoa: Program, manager: Program, project: Project) -> None:
    builders.recommendation(project)
    path = datasets(project, "/kien_nghi")

    answer = send(manager, "PATCH", path, {"approvalRequired": True})
    unknown = send(manager, "PATCH", path, {"ownerOnly": True})

    assert answer.json["approvalRequired"] is True
    assert EntityList.objects.get().changes == 2  # phones look again
    assert unknown.nature == "entity.property_unknown"
    assert send(hoa, "PATCH", path, {"approvalRequired": False}).status == 404


def test_a_list_without_properties_cannot_be_each_device_s_own(
    manager: Program, project: Project
) -> None:
    refused = send(manager, "POST", datasets(project), {"name": "vuon", "ownerOnly": True})
    lists = manager.get(datasets(project)).json
    made = send(manager, "POST", datasets(project), {"name": "vuon", "ownerOnly": False})

    assert (refused.json["code"], lists) == (400.8, [])
    assert refused.json["details"]["field"] == "ownerOnly"
    assert (made.json["name"], made.json["ownerOnly"]) == ("vuon", False)


@pytest.mark.row("RS42")
def test_an_entity_is_made_by_a_program(hoa: Program, project: Project) -> None:
    builders.recommendation(project)
    uuid = str(uuid4())

    made = send(
        hoa,
        "POST",
        entities(project),
        {"uuid": uuid, "label": "Tập huấn", "data": {"xa": DONG, "trang_thai": "moi"}},
    )

    assert made.status == 200
    assert (made.json["uuid"], made.json["conflict"]) == (uuid, None)
    current = made.json["currentVersion"]
    assert (current["version"], current["label"], current["userAgent"]) == (1, "Tập huấn", "")
    assert current["creatorId"] == made.json["creatorId"] > 0


def test_who_made_an_entity_and_its_versions_is_told_to_those_who_ask(
    hoa: Program, program: Program, project: Project
) -> None:
    one = builders.recommendation(project)
    path = entities(project, f"/{one.uuid}")
    send(hoa, "PATCH", f"{path}?force=true", {"label": "Tập huấn"})
    asked = {"X-Extended-Metadata": "true"}
    told = hoa.get(path, headers=asked).json
    (listed,) = hoa.get(entities(project), headers=asked).json
    versions = hoa.get(f"{path}/versions", headers=asked).json
    of_viewer = program.get(path, headers=asked).json
    acts = hoa.get(f"{path}/audits", headers=asked).json

    assert told == listed
    assert (told["creator"], versions[0]["creator"]) == (None, None)  # by the system
    assert told["currentVersion"]["creator"]["displayName"] == "Lan"
    assert [act["actor"] for act in acts] == [one["creator"] for one in reversed(versions)]
    assert versions[1]["creator"] == told["currentVersion"]["creator"]
    assert (of_viewer["creator"], of_viewer["currentVersion"]["creator"]) == (None, None)
    assert "creator" not in hoa.get(path).json


@pytest.mark.row("RS42")
@pytest.mark.parametrize(
    ("body", "nature", "code"),
    [
        ({"label": "", "data": {}}, "entity.label_missing", 400.8),
        ({"label": " "}, "entity.label_missing", 400.8),
        ({"label": "A", "data": {"mau": "đỏ"}}, "entity.property_unknown", 400.28),
        ({"label": "A", "uuid": "12"}, "parameter.invalid", 400.8),
        ({"label": "A", "data": {"trang_thai": "hoan_thanh"}}, "recommendation.step_refused", 409),
        ({"label": "Gọi 0912 345 678"}, "recommendation.personal", 400.8),
        ({"data": {}}, "parameter.invalid", 400.2),
    ],
)
def test_what_cannot_be_an_entity_is_refused(
    hoa: Program, project: Project, body: dict[str, Any], nature: str, code: float
) -> None:
    builders.recommendation(project)

    answer = send(hoa, "POST", entities(project), body)

    assert answer.nature == nature
    assert answer.json["code"] == code


@pytest.mark.row("RS42")
def test_a_used_id_is_refused(hoa: Program, project: Project) -> None:
    made = builders.recommendation(project)

    taken, twice = str(made.uuid), str(uuid4())
    rows = [{"uuid": uuid, "label": "A"} for uuid in (taken, twice, str(uuid4()), twice)]

    answer = send(hoa, "POST", entities(project), rows[0])
    of_many = send(hoa, "POST", entities(project), {"entities": rows})

    assert (answer.status, answer.nature) == (409, "entity.exists")
    assert answer.json["details"]["uuids"] == taken
    assert of_many.json["details"]["uuids"] == ", ".join(sorted([taken, twice]))


@pytest.mark.row("RS43")
def test_a_change_names_its_base_or_is_forced(hoa: Program, project: Project) -> None:
    made = builders.recommendation(project)
    path = entities(project, f"/{made.uuid}")
    body = {"data": {"noi_dung": "Khác"}}

    told = [
        send(hoa, "PATCH", path, body),
        send(hoa, "PATCH", f"{path}?baseVersion=7", body),
        send(hoa, "PATCH", f"{path}?baseVersion=0", body),
        send(hoa, "PATCH", f"{path}?baseVersion=1", body),
        send(hoa, "PATCH", f"{path}?force=True", {"label": "Mới"}),
    ]

    assert [(a.status, a.json.get("code")) for a in told[:3]] == [(409, 409.15)] * 3
    assert [a.json["currentVersion"]["version"] for a in told[3:]] == [2, 3]
    assert told[4].json["currentVersion"]["data"]["noi_dung"] == "Khác"


def test_what_would_change_nothing_makes_no_version(hoa: Program, project: Project) -> None:
    made = builders.recommendation(project)
    path = entities(project, f"/{made.uuid}")

    told = [
        send(hoa, "PATCH", f"{path}?force=true", {}),
        send(hoa, "PATCH", f"{path}?force=true", {"lable": "Tập huấn"}),
        send(hoa, "PATCH", f"{path}?force=true", {"label": " "}),
        send(hoa, "PATCH", f"{path}?resolve=true&force=true", {"label": "Tập huấn"}),
    ]

    assert [answer.nature for answer in told] == ["parameter.invalid"] * 4
    assert "conflicts/{id}" in told[3].json["message"]
    assert made.versions.count() == 1


def test_a_program_takes_no_step_that_the_desk_may_not(hoa: Program, project: Project) -> None:
    made = builders.recommendation(project)
    path = entities(project, f"/{made.uuid}?force=True")

    answer = send(hoa, "PATCH", path, {"data": {"trang_thai": "qua_han"}})

    assert answer.nature == "recommendation.step_refused"


@pytest.mark.row("RS44")
def test_many_are_made_together_or_not_at_all(hoa: Program, project: Project) -> None:
    builders.recommendation(project)
    good = {"label": "A", "data": {"xa": DONG}}
    source = {"name": "ke_hoach.csv", "size": 100}

    whole = send(hoa, "POST", entities(project), {"entities": [good, good], "source": source})
    broken = send(hoa, "POST", entities(project), {"entities": [good, {"label": ""}]})

    assert (whole.json, broken.nature) == ({"success": True}, "entity.label_missing")
    assert Entity.objects.count() == 3


def test_a_supervisor_writes_for_their_own_communes(hoa: Program, project: Project) -> None:
    other = builders.recommendation(project, PHAN)
    mine = builders.recommendation(project, DONG)
    program = signed_in(project, Role.SUPERVISOR, DONG)
    body = {"label": "A", "data": {"xa": PHAN}}

    assert [row["uuid"] for row in program.get(entities(project)).json] == [str(mine.uuid)]
    assert program.get(entities(project, f"/{other.uuid}")).nature == "entity.missing"
    assert send(program, "POST", entities(project), body).nature == "entity.commune_refused"


def test_versions_and_differences_are_told(hoa: Program, project: Project) -> None:
    made = builders.recommendation(project, noi_dung="Cũ")
    path = entities(project, f"/{made.uuid}")
    send(hoa, "PATCH", f"{path}?baseVersion=1", {"data": {"noi_dung": "Mới"}})

    versions, diffs = hoa.get(f"{path}/versions").json, hoa.get(f"{path}/diffs").json
    audits = hoa.get(f"{path}/audits").json

    assert [(v["version"], v["current"], v["baseVersion"]) for v in versions] == [
        (1, False, None),
        (2, True, 1),
    ]
    assert [a["action"] for a in audits] == ["entity.update.version", "entity.create"]
    assert [a["actorId"] for a in audits] == [v["creatorId"] for v in reversed(versions)]
    assert diffs == [[{"propertyName": "noi_dung", "old": "Cũ", "new": "Mới"}]]


def test_a_manager_deletes_and_its_id_stays_taken(
    hoa: Program, manager: Program, project: Project
) -> None:
    made = builders.recommendation(project)
    path = entities(project, f"/{made.uuid}")

    assert hoa.ask("DELETE", path).status == 404
    assert manager.ask("DELETE", path).json == {"success": True}
    assert manager.get(path).nature == "entity.missing"
    assert (
        send(hoa, "POST", entities(project), {"uuid": str(made.uuid), "label": "A"}).status == 409
    )


def test_the_table_has_centrals_columns_and_runs_nothing(hoa: Program, project: Project) -> None:
    builders.recommendation(project, noi_dung="=1+1")

    answer = hoa.get(entities(project, ".csv"))

    header, row = csv.reader(answer.text.splitlines())
    assert header[:5] == ["__id", "label", "noi_dung", "trang_thai", "xa"]
    assert (row[2], row[-1]) == ("'=1+1", "1")
    named = "attachment; filename=\"kien_nghi.csv\"; filename*=UTF-8''kien_nghi.csv"
    assert answer.headers["Content-Disposition"] == named
    assert row[header.index("__createdAt")] == answer_of(hoa, project)["createdAt"]


def answer_of(program: Program, project: Project) -> dict[str, str]:
    (one,) = program.get(entities(project)).json
    assert one["createdAt"].endswith("Z") and len(one["createdAt"]) == len(
        "2026-05-20T03:00:00.000Z"
    )
    return dict(one)


def test_the_table_is_narrowed_and_not_sent_twice(hoa: Program, project: Project) -> None:
    first, second = (builders.recommendation(project).uuid for _ in range(2))
    wanted = quote(f"__id eq '{second}' and __system/version eq 1")

    whole = hoa.get(entities(project, ".csv"))
    narrowed = hoa.get(entities(project, f".csv?$filter={wanted}"))
    tag = whole.headers["ETag"]
    # ruODK takes the quotation marks off.
    again = [
        hoa.get(entities(project, ".csv"), headers={"If-None-Match": said})
        for said in (tag, f"W/{tag}", tag.strip('"'))
    ]

    assert (str(first) in whole.text, str(second) in whole.text) == (True, True)
    assert (str(first) in narrowed.text, str(second) in narrowed.text) == (False, True)
    assert [(answer.status, answer.content) for answer in again] == [(304, b"")] * 3
    other = {"If-None-Match": '"0"'}
    assert hoa.get(entities(project, ".csv"), headers=other).status == 200
    refused = hoa.get(entities(project, ".csv?$filter=mau%20eq%20'x'"))
    assert (refused.status, refused.json["code"]) == (501, 501.5)


def test_lists_begin_with_the_newest(hoa: Program, manager: Program, project: Project) -> None:
    uuids = [str(builders.recommendation(project).uuid) for _ in range(3)]

    listed = hoa.get(entities(project)).json
    part = hoa.get(entities(project, "?limit=1&offset=1")).json
    table = hoa.get(entities(project, ".csv")).text
    send(manager, "POST", entities(project, "/bulk-delete"), {"ids": uuids})
    deleted = manager.get(entities(project, "?deleted=true")).json

    assert [one["uuid"] for one in listed] == uuids[::-1]
    assert [one["uuid"] for one in part] == [uuids[1]]
    assert [line.partition(",")[0] for line in table.splitlines()[1:]] == uuids[::-1]
    assert [one["uuid"] for one in deleted] == uuids[::-1]


def test_a_longer_list_asks_no_more(
    hoa: Program, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        builders.recommendation(project)

    # Session, membership, list, entities, versions, conflicts.
    with django_assert_num_queries(6):
        assert len(hoa.get(entities(project)).json) == 5


def test_what_the_server_keeps_is_not_written(hoa: Program, project: Project) -> None:
    EntityList.objects.create(project=project, name="viec", owner_property="app_user")

    answer = send(hoa, "POST", datasets(project, "/viec/entities"), {"label": "A"})

    assert answer.nature == "entity.list_kept"


def test_a_viewer_knows_nothing_of_what_is_one_devices_own(
    program: Program, project: Project
) -> None:
    EntityList.objects.create(project=project, name="viec", owner_property="app_user")

    assert program.get(datasets(project)).json == []
    assert program.get(datasets(project, "/viec/entities")).nature == "entity.list_unknown"


def test_a_name_that_no_list_can_have_is_not_there(hoa: Program, project: Project) -> None:
    for path in ("", "/entities", "/entities.csv", ".svc/Entities", f"/entities/{uuid4()}"):
        answer = hoa.get(datasets(project, f"/a%00b{path}"))
        assert (answer.status, answer.json["code"]) == (404, 404.1), path


def test_many_are_written_together_and_the_audit_log_last(hoa: Program, project: Project) -> None:
    # From the first line of the log on, all others who write one wait.
    builders.recommendation(project)
    wanted = [{"label": f"Việc {number}"} for number in range(5)]
    source = {"name": "ke_hoach.csv", "size": 100}

    with CaptureQueriesContext(connection) as asked:
        body = {"entities": wanted, "source": source}
        assert send(hoa, "POST", entities(project), body).json == {"success": True}

    inserts = [re.search(r"INSERT INTO \"?(\w+)", query["sql"]) for query in asked.captured_queries]
    tables = [found[1] for found in inserts if found]
    assert tables[-7:] == [
        "entities_entity",
        "entities_entityversion",
        *["projects_auditentry"] * 5,
    ]
