"""Who may do what in a project, as managers read and change it."""

from __future__ import annotations

import json

import pytest

from server.projects.models import Membership, Project, Role, User
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_keys import script
from tests.api.test_review import signed_in


@pytest.fixture
def manager(project: Project) -> Program:
    return signed_in(project, "quan.ly", Role.MANAGER)


def at(project: Project, rest: str = "") -> str:
    return f"/v1/projects/{project.pk}/assignments{rest}"


def give(program: Program, path: str, *communes: str) -> Answer:
    sent = json.dumps({"communes": communes})
    return program.ask("POST", path, data=sent, content_type="application/json")


def test_a_manager_gives_a_role_with_communes_and_takes_it(
    manager: Program, project: Project, lan: User
) -> None:
    unit = builders.commune("05665", "Xã Đồng Hỷ").uid
    given = give(manager, at(project, f"/supervisor/{lan.pk}"), unit)
    found = {one["actorId"]: one for one in manager.get(at(project)).json}
    wrong_role = manager.ask("DELETE", at(project, f"/viewer/{lan.pk}"))
    supervisors = manager.get(at(project, "/100")).json
    taken = manager.ask("DELETE", at(project, f"/100/{lan.pk}"))

    assert (given.status, given.json) == (200, {"success": True})
    assert (found[lan.pk]["roleId"], found[lan.pk]["communes"]) == (100, [unit])
    assert (found[lan.pk]["role"], supervisors[0]["id"]) == ("supervisor", lan.pk)
    assert found[lan.pk]["actor"]["email"] == lan.email
    assert (wrong_role.status, taken.status) == (404, 200)
    assert not Membership.objects.filter(user=lan).exists()


def test_what_cannot_be_is_refused(manager: Program, project: Project, lan: User) -> None:
    builders.commune("05665", "Xã Đồng Hỷ")
    boss = User.objects.get(email="quan.ly@example.org")
    unknown = give(manager, at(project, f"/supervisor/{lan.pk}"), "05665@1999-01-01")
    nobody = give(manager, at(project, "/viewer/999999"))
    no_role = give(manager, at(project, f"/king/{lan.pk}"))
    last = give(manager, at(project, f"/viewer/{boss.pk}"))
    natures = [answer.nature for answer in (unknown, nobody, no_role, last)]

    assert natures[1:] == ["person.unknown", "not_found", "person.last_manager"]
    assert "05665@2025-07-01" in unknown.json["message"]
    assert Membership.objects.get(user=lan).role == "viewer"


def test_a_key_reads_them_and_changes_none(manager: Program, project: Project, lan: User) -> None:
    key = script(manager, project, role="manager", readOnly=False)

    assert key.get(at(project)).status == 200
    assert give(key, at(project, f"/manager/{lan.pk}")).nature == "person.by_key"
    assert Membership.objects.get(user=lan).role == "viewer"
