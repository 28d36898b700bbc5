"""Many entities at once, who made them, where they are (Central 2025.3)."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.entities.models import Entity
from server.projects import accounts
from server.projects.models import AuditEntry, Project
from tests import builders
from tests.api.conftest import Program
from tests.api.test_entities import entities, send
from tests.api.test_entities import hoa as hoa
from tests.api.test_entities import manager as manager

_NONE = "0b1c5b1e-8a3f-4f6e-9a53-2f6f0a3f3b11"


@pytest.fixture
def ids(project: Project) -> list[str]:
    return [str(builders.recommendation(project).uuid) for _ in "ab"]


def features(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["features"]
    return found


def test_many_are_deleted_and_brought_back_together_or_not_at_all(
    manager: Program, project: Project, ids: list[str]
) -> None:
    gone, back = entities(project, "/bulk-delete"), entities(project, "/bulk-restore")
    broken = send(manager, "POST", gone, {"ids": [ids[0], _NONE]})
    standing = Entity.objects.filter(deleted_at=None).count()
    deleted = [send(manager, "POST", gone, {"ids": ids}).json["count"] for _ in "12"]
    left = manager.get(entities(project)).json
    restored = send(manager, "POST", back, {"ids": ids}).json

    assert (broken.nature, standing) == ("entity.missing", 2)
    assert (deleted, left) == ([2, 0], [])
    assert restored == {"success": True, "count": 2}
    assert [one["uuid"] for one in manager.get(entities(project)).json] == ids[::-1]
    assert AuditEntry.objects.filter(action="entity.delete").count() == 2


def test_many_are_deleted_before_the_audit_log_is_written(
    manager: Program, project: Project, ids: list[str]
) -> None:
    # From its first line on, all others who write one wait.
    with CaptureQueriesContext(connection) as asked:
        send(manager, "POST", entities(project, "/bulk-delete"), {"ids": ids})

    statements = "\n".join(query["sql"] for query in asked.captured_queries)
    written = re.findall(r"^ *(?:INSERT INTO|UPDATE) \"?(\w+)", statements, re.MULTILINE)
    assert written[-4:] == ["entities_entity", "entities_entitylist", *["projects_auditentry"] * 2]


def test_thousands_with_long_outlines_are_made_and_deleted_in_one_request(
    hoa: Program, manager: Program, project: Project
) -> None:
    # Whose digits look like those of a telephone number.
    outline = "; ".join(["21.46182254927 105.02168956967 30.5 6.4"] * 1000)
    uuids = [str(uuid4()) for _ in range(7000)]
    wanted = [{"uuid": uuid, "label": "Tập huấn", "data": {}} for uuid in uuids[1:]]
    wanted.append({"uuid": uuids[0], "label": "Ranh giới", "data": {"noi_dung": outline}})
    source = {"name": "ke_hoach.csv", "size": 500_000}

    made = send(manager, "POST", entities(project), {"entities": wanted, "source": source})
    gone = send(manager, "POST", entities(project, "/bulk-delete"), {"ids": uuids})

    assert (made.json, gone.json) == ({"success": True}, {"success": True, "count": 7000})


def test_only_managers_delete_many(
    hoa: Program, manager: Program, project: Project, ids: list[str]
) -> None:
    path = entities(project, "/bulk-delete")

    assert send(hoa, "POST", path, {"ids": ids}).status == 404
    assert send(manager, "POST", path, {"ids": []}).nature == "parameter.invalid"
    assert send(manager, "POST", path, {"ids": ["x"]}).nature == "parameter.invalid"
    assert Entity.objects.filter(deleted_at=None).count() == 2


def test_who_made_them_is_told_once_each(hoa: Program, project: Project, ids: list[str]) -> None:
    device = accounts.create_app_user(project, "Máy của Bình").app_user
    other = accounts.create_app_user(builders.project("Nơi khác"), "Máy khác").app_user
    made = [send(hoa, "POST", entities(project), {"label": "Tập huấn"}).json for _ in "ab"]
    first, second = Entity.objects.filter(uuid__in=ids).order_by("pk")
    first.versions.update(by=device.username)
    second.versions.update(by=other.username)

    found = hoa.get(entities(project, "/creators")).json

    assert [(one["type"], one["displayName"]) for one in found] == [
        ("user", "Lan"),
        ("field_key", "Máy của Bình"),
    ]
    assert found[0]["id"] == made[0]["creatorId"]


def test_tables_name_who_made_an_entity_to_reviewers_alone(
    hoa: Program, program: Program, project: Project, ids: list[str]
) -> None:
    device = accounts.create_app_user(project, "Máy của Bình").app_user
    Entity.objects.get(uuid=ids[0]).versions.update(by=device.username)
    send(hoa, "POST", entities(project), {"label": "Tập huấn"})
    feed = f"/v1/projects/{project.pk}/datasets/kien_nghi.svc/Entities?$select=__system/creatorName"

    told = {str(one["__system"]["creatorName"]) for one in hoa.get(feed).json["value"]}
    to_viewer = {one["__system"]["creatorName"] for one in program.get(feed).json["value"]}

    assert told >= {"Lan", "Máy của Bình"}
    assert ",Máy của Bình,0," in hoa.get(entities(project, ".csv")).text
    assert to_viewer == {None}
    assert "Lan" not in program.get(entities(project, ".csv")).text


def test_places_are_told_with_the_longitude_first(
    hoa: Program, project: Project, ids: list[str]
) -> None:
    square = "21.5 105.8;21.5 105.9;21.6 105.9;21.5 105.8"
    texts = ["21.59 105.84 30 4", square]
    for uuid, text in zip(ids, texts, strict=True):
        Entity.objects.filter(uuid=uuid).update(data={"geometry": text})
    builders.recommendation(project)  # which names no place

    found = hoa.get(entities(project, ".geojson"))
    shape = hoa.get(entities(project, f"/{ids[1]}/geojson"))

    assert found.headers["Content-Type"] == "application/geo+json"
    ring, point = features(found.text)  # the newest first
    assert (point["id"], point["geometry"]["coordinates"][:2]) == (ids[0], [105.84, 21.59])
    assert (ring["geometry"]["type"], features(shape.text)) == ("Polygon", [ring])
    assert hoa.get(entities(project, f"/{_NONE}/geojson")).status == 404


def test_places_are_narrowed_as_the_feed_s_rows_are(
    hoa: Program, project: Project, ids: list[str]
) -> None:
    point = {"geometry": "21.59 105.84 30 4"}
    Entity.objects.update(data=point)
    Entity.objects.filter(uuid=ids[0]).update(label="Chợ Đồng Hỷ")

    told = [
        [one["id"] for one in features(hoa.get(entities(project, f".geojson?{query}")).text)]
        for query in ("limit=1", f"$filter=__id eq '{ids[0]}'", "$search=chợ", "$search=đình")
    ]

    assert told == [[ids[1]], [ids[0]], [ids[0]], []]
    assert hoa.get(entities(project, ".geojson?$filter=mau eq 1")).json["code"] == 501.5
    assert hoa.get(entities(project, ".geojson?limit=0")).nature == "parameter.invalid"
