"""What happened to one entity, as ODK Central's clients ask for it (openrosa.md §6.1)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import transaction

from server.entities import acts
from server.entities.acts import Author, Base
from server.entities.models import Entity, EntityList, EntityVersion
from server.projects.models import Project
from tests import builders
from tests.api.conftest import Program
from tests.api.test_entities import entities, send
from tests.api.test_entities import hoa as hoa
from tests.api.test_entities import manager as manager


@pytest.fixture
def one(project: Project) -> Entity:
    return builders.recommendation(project, noi_dung="Cũ")


def change(entity: Entity, base: int, **said: str) -> None:
    with transaction.atomic():
        entity_list = EntityList.objects.select_for_update().get(pk=entity.entity_list_id)
        acts.change(entity, entity_list, said, Author("u2"), base=Base(base))


def test_deleting_and_restoring_is_told_with_who_did_it(
    manager: Program, program: Program, project: Project, one: Entity
) -> None:
    path = entities(project, f"/{one.uuid}")
    manager.ask("DELETE", path)
    manager.ask("POST", f"{path}/restore")

    told = manager.get(f"{path}/audits").json
    to_viewer = program.get(f"{path}/audits").json

    actions = ["entity.restore", "entity.delete", "entity.create"]
    assert [act["action"] for act in told] == actions
    assert [act["actor"] and act["actor"]["displayName"] for act in told] == ["Lan", "Lan", None]
    assert told[0]["acteeId"] == str(one.uuid)
    assert told[0]["details"]["entity"] == {"uuid": str(one.uuid), "dataset": "kien_nghi"}
    assert (told[2]["notes"], told[2]["details"]["source"]) == (None, {})
    assert [act["action"] for act in to_viewer] == actions
    assert {act["actor"] for act in to_viewer} == {None}


def test_a_part_of_the_audits_can_be_asked_for(hoa: Program, project: Project, one: Entity) -> None:
    path = entities(project, f"/{one.uuid}")
    send(hoa, "PATCH", f"{path}?force=true", {"data": {"noi_dung": "Mới"}})

    told = hoa.get(f"{path}/audits?offset=1&limit=1").json

    assert [act["action"] for act in told] == ["entity.create"]
    assert hoa.get(f"{path}/audits?limit=0").nature == "parameter.invalid"


def test_versions_say_where_they_crossed_and_whether_that_is_decided(
    hoa: Program, project: Project, one: Entity
) -> None:
    change(one, 1, noi_dung="Của máy khác")
    change(one, 1, xa="05443@2025-07-01")  # others changed something else
    change(one, 1, noi_dung="Của máy này")
    conflict = EntityVersion.objects.get(number=4)
    body = {"decision": "theirs", "reason": "Đã hỏi xã.", "seenVersion": 4}
    send(hoa, "POST", f"/v1/projects/{project.pk}/conflicts/{conflict.pk}", body)

    told = hoa.get(entities(project, f"/{one.uuid}/versions")).json

    keys = ("conflict", "conflictingProperties", "resolved")
    assert [tuple(version[key] for key in keys) for version in told] == [
        (None, None, False),
        (None, None, False),
        ("soft", [], False),
        ("hard", ["noi_dung"], True),
        (None, None, False),
    ]


def test_a_version_names_the_record_that_said_it_to_reviewers(
    hoa: Program, program: Program, project: Project, one: Entity
) -> None:
    builders.form(project)
    submission = builders.send(project, builders.instance(builders.GOOD))
    EntityVersion.objects.update(submission_id=submission.pk)
    path = entities(project, f"/{one.uuid}")

    (version,) = hoa.get(f"{path}/versions").json
    (act,) = hoa.get(f"{path}/audits").json
    (to_viewer,) = program.get(f"{path}/versions").json

    assert version["source"]["submission"]["instanceId"] == "uuid:1"
    assert version["source"]["submission"]["xmlFormId"] == submission.form.form_id
    assert act["details"]["source"] == version["source"]
    assert to_viewer["source"] == {}


def test_a_record_tells_what_it_did_to_entities_and_what_it_could_not(
    hoa: Program, project: Project
) -> None:
    block = "<entity dataset='kien_nghi' id='{}' create='1'><label>Tập huấn</label></entity>"
    xml = "<data id='kn' version='1'><meta><instanceID>uuid:{}</instanceID>{}</meta></data>"
    uuid = str(uuid4())
    for number, id_ in enumerate((uuid, "12"), 1):
        builders.send(project, xml.format(number, block.format(id_)).encode())
    there = f"/v1/projects/{project.pk}/forms/kn/submissions"

    made = hoa.get(f"{there}/uuid:1/audits").json
    failed = hoa.get(f"{there}/uuid:2/audits", headers={"Accept-Language": "en"}).json

    assert [act["action"] for act in made] == ["entity.create", "submission.create"]
    assert made[0]["details"]["entity"] == {"uuid": uuid, "dataset": "kien_nghi"}
    assert [act["action"] for act in failed] == ["entity.error", "submission.create"]
    assert failed[0]["details"]["nature"] == "entity.id_invalid"
    assert failed[0]["details"]["errorMessage"].startswith("The entity's id is not a UUID")
