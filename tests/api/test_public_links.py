"""Links to a form that anybody may have, and who may have which form, as programs see them."""

from __future__ import annotations

import pytest

from server.forms.models import FormVersion
from server.projects import access, accounts
from server.projects.models import AppUser, AuditEntry, Project
from tests import builders
from tests.api.conftest import Program
from tests.api.test_forms import SMALL, at, send
from tests.api.test_forms import hop as hop
from tests.api.test_forms import manager as manager


def test_a_link_opens_its_form_until_it_is_taken_back(
    manager: Program, project: Project, hop: FormVersion
) -> None:
    path = at(project, "/forms/hop/public-links")
    made = send(manager, "POST", path, displayName="Khảo sát hộ", once=True).json
    (listed,) = manager.get(path).json
    holder = access.app_user(made["token"], project.pk)
    taken = [manager.ask("DELETE", f"{path}/{made['id']}").status for _ in "12"]
    one = manager.get(f"{path}/{made['id']}").json

    assert (listed["token"], listed["once"], listed["type"]) == ("", True, "public_link")
    assert made["serverUrl"].endswith(f"/v1/key/{made['token']}/projects/{project.pk}")
    assert (holder.is_public, holder.form_ids, holder.takes_once) == (True, ["hop"], True)
    assert (taken, manager.get(path).json) == ([200, 200], [])
    assert one["deletedAt"] is not None
    assert {**one, "deletedAt": None} == listed
    assert AppUser.objects.get().revoked_at is not None
    entry = AuditEntry.objects.get(action="public_link.create")
    assert (entry.actor_kind, entry.object_name) == ("user", str(made["id"]))


def test_links_are_for_managers_and_of_their_form(
    manager: Program, program: Program, project: Project, hop: FormVersion
) -> None:
    builders.form(project, SMALL.replace("| hop ", "| khac "))
    path = at(project, "/forms/hop/public-links")
    made = send(manager, "POST", path, displayName="Khảo sát").json["id"]
    device = accounts.create_app_user(project, "Máy", form_ids=["hop"]).app_user

    assert send(program, "POST", path, displayName="x").status == 404
    assert send(manager, "POST", path).nature == "parameter.invalid"
    assert send(manager, "POST", at(project, "/forms/none/public-links")).nature == "form.unknown"
    wrong = (f"/forms/khac/public-links/{made}", f"/forms/hop/public-links/{device.pk}")
    assert [manager.ask("DELETE", at(project, one)).status for one in wrong] == [404, 404]
    assert not AppUser.objects.exclude(revoked_at=None).exists()


@pytest.mark.parametrize("role", ["2", "app-user"])
def test_devices_are_told_by_the_forms_that_they_open(
    manager: Program, program: Program, project: Project, hop: FormVersion, role: str
) -> None:
    builders.form(project, SMALL.replace("| hop ", "| khac "))
    one = accounts.create_app_user(project, "Một biểu", form_ids=["hop"]).app_user
    every = accounts.create_app_user(project, "Mọi biểu").app_user

    of_hop = manager.get(at(project, "/forms/hop/assignments")).json
    actors = manager.get(at(project, f"/forms/hop/assignments/{role}")).json
    pairs = manager.get(at(project, f"/assignments/forms/{role}")).json

    assert of_hop == [{"actorId": every.pk, "roleId": 2}, {"actorId": one.pk, "roleId": 2}]
    assert [found["displayName"] for found in actors] == ["Mọi biểu", "Một biểu"]
    assert [(found["actorId"], found["xmlFormId"]) for found in pairs] == [
        (every.pk, "hop"),
        (every.pk, "khac"),
        (one.pk, "hop"),
    ]
    assert manager.get(at(project, "/assignments/forms")).json == pairs
    asked = {"X-Extended-Metadata": "true"}
    for path in ("/forms/hop/assignments", "/assignments/forms"):
        first, *_ = manager.get(at(project, path), headers=asked).json
        assert first["actor"] == actors[0]
    assert manager.get(at(project, "/forms/hop/assignments/manager")).json == []
    assert manager.get(at(project, f"/app-users/{one.pk}")).json["forms"] == ["hop"]
    assert program.get(at(project, "/forms/hop/assignments")).status == 404


def test_people_are_told_by_role_and_a_project_is_renamed(
    manager: Program, program: Program, project: Project
) -> None:
    viewers = manager.get(at(project, "/assignments/viewer")).json
    asked = {"X-Extended-Metadata": "true"}
    verbs = [one.get(at(project), headers=asked).json["verbs"] for one in (manager, program)]
    changed = [send(manager, "PATCH", at(project), name="Mới", archived=True).json for _ in "12"]
    described = send(manager, "PATCH", at(project), description="x")

    assert [one["email"] for one in viewers] == ["lan@example.org"]
    assert ["form.create" in one for one in verbs] == [True, False]
    assert manager.get(at(project, "/assignments/king")).json == []
    assert [(one["name"], one["archived"]) for one in changed] == [("Mới", True)] * 2
    assert described.nature == "parameter.invalid"
    assert send(program, "PATCH", at(project), name="Của tôi").status == 404
    (entry,) = AuditEntry.objects.filter(action="project.update")
    assert entry.details == {"name": "changed", "archived": True}
