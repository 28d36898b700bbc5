"""What waits for a decision, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.errors import Problem
from server.inspections.models import Inspection
from server.projects import accounts
from server.projects.models import AuditEntry, Membership, Project, Role
from server.submissions.models import Quarantined
from tests import builders
from tests.api.conftest import Answer, Program
from tests.builders import GOOD, instance


def program_of(project: Project, role: Role) -> Program:
    person = builders.member(project, f"{role}@example.org", role)
    opened = accounts.open_session(person.email, builders.PASSWORD)
    assert opened is not None
    return Program(opened.token)


@pytest.fixture
def supervisor(project: Project) -> Program:
    return program_of(project, Role.SUPERVISOR)


@pytest.fixture
def manager(project: Project) -> Program:
    return program_of(project, Role.MANAGER)


@pytest.fixture
def conflict(project: Project) -> Quarantined:
    builders.form(project)
    builders.send(project, instance(GOOD))
    with pytest.raises(Problem):
        builders.send(project, instance({**GOOD, "a/a3_key_f": "2", "a/a5_child": "3"}))
    return Quarantined.objects.get()


def address(row: Quarantined) -> str:
    return f"/v1/projects/{row.project_id}/quarantine/{row.pk}"


def decide(program: Program, row: Quarantined, decision: str, reason: str = "đã hỏi") -> Answer:
    body = json.dumps({"decision": decision, "reason": reason})
    return program.ask("POST", address(row), data=body, content_type="application/json")


def waiting(program: Program, project: Project, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.get(f"/v1/projects/{project.pk}/quarantine{query}").json
    return found


def test_what_waits_is_listed_with_its_reason(
    supervisor: Program, project: Project, conflict: Quarantined
) -> None:
    (listed,) = waiting(supervisor, project)

    assert (listed["reason"], listed["instance_id"], listed["form_id"]) == (
        "conflict",
        "uuid:1",
        "kt_thu",
    )
    assert (listed["decision"], listed["decided_at"], listed["files"]) == ("", None, [])


def test_the_list_comes_in_pages(supervisor: Program, project: Project) -> None:
    for number in range(3):
        with pytest.raises(Problem):
            builders.send(project, instance(GOOD, instance_id=f"uuid:{number}"))

    page = waiting(supervisor, project, "?limit=1&offset=1")

    assert [row["instance_id"] for row in page] == ["uuid:1"]


def test_a_conflict_shows_what_would_change_and_masks_what_is_restricted(
    supervisor: Program, conflict: Quarantined
) -> None:
    twin = supervisor.get(address(conflict)).json["twin"]

    assert (twin["instance_id"], twin["more_changes"]) == ("uuid:1", 0)
    assert twin["changes"] == [
        {"path": "a/a3_key_f", "old": "1", "new": "2", "masked": False},
        {"path": "a/a5_child", "old": None, "new": None, "masked": True},
    ]


def test_what_is_shown_of_two_large_instances_has_a_limit(
    manager: Program, project: Project
) -> None:
    builders.form(project)
    builders.send(project, instance(GOOD))
    more = "".join(f"<x{number}>{'a' * 3000}</x{number}>" for number in range(600))
    large = instance(GOOD).replace(b"</data>", more.encode() + b"</data>")
    with pytest.raises(Problem):
        builders.send(project, large)

    answer = manager.get(address(Quarantined.objects.get()))

    twin = answer.json["twin"]
    assert (len(twin["changes"]), twin["more_changes"]) == (500, 100)
    assert {len(change["new"]) for change in twin["changes"]} == {1001}
    assert len(answer.text) < 600_000


def test_a_manager_sees_what_is_restricted_and_that_is_logged(
    manager: Program, conflict: Quarantined
) -> None:
    twin = manager.get(address(conflict)).json["twin"]

    assert twin["changes"][1] == {"path": "a/a5_child", "old": "0", "new": "3", "masked": False}
    entry = AuditEntry.objects.get(action="quarantine.read")
    assert entry.object_name == str(conflict.pk)


def test_accepting_makes_it_an_edit_and_derives_it(
    supervisor: Program, project: Project, conflict: Quarantined
) -> None:
    answer = decide(supervisor, conflict, "accept", "Bản sau là bản đúng.")

    assert (answer.status, answer.json["submission"]) == (200, "uuid:1")
    assert (answer.json["decided_by"], answer.json["decision_reason"]) == (
        "supervisor@example.org",
        "Bản sau là bản đúng.",
    )
    assert Inspection.objects.get().answers["a/a5_child"] == "3"
    assert waiting(supervisor, project) == []
    assert len(waiting(supervisor, project, "?decided=true")) == 1


def test_rejecting_leaves_what_stands(supervisor: Program, conflict: Quarantined) -> None:
    answer = decide(supervisor, conflict, "reject")

    assert (answer.json["decision"], answer.json["submission"]) == ("reject", "")
    assert Inspection.objects.get().answers["a/a5_child"] == "0"


def test_the_other_decision_comes_too_late(supervisor: Program, conflict: Quarantined) -> None:
    decide(supervisor, conflict, "reject")

    again, other = decide(supervisor, conflict, "reject"), decide(supervisor, conflict, "accept")

    assert again.status == 200
    assert (other.status, other.nature) == (409, "quarantine.decided")


def test_a_form_that_is_still_unknown_cannot_be_accepted(
    supervisor: Program, project: Project
) -> None:
    with pytest.raises(Problem):
        builders.send(project, instance(GOOD))

    answer = decide(supervisor, Quarantined.objects.get(), "accept")

    assert (answer.status, answer.nature) == (409, "quarantine.form_unknown")
    assert supervisor.get(address(Quarantined.objects.get())).json["twin"] is None


@pytest.mark.parametrize("body", ["{}", '{"decision": "maybe", "reason": "x"}', "[]"])
def test_a_decision_must_be_one_and_have_a_reason(
    supervisor: Program, conflict: Quarantined, body: str
) -> None:
    answer = supervisor.ask("POST", address(conflict), data=body, content_type="application/json")

    assert (answer.status, answer.nature) == (400, "parameter.invalid")


def test_one_that_is_not_here_is_404(supervisor: Program, project: Project) -> None:
    answer = supervisor.get(f"/v1/projects/{project.pk}/quarantine/99")

    assert (answer.status, answer.nature) == (404, "quarantine.unknown")


def test_those_who_may_not_decide_see_nothing_of_it(
    program: Program, stranger: Program, conflict: Quarantined
) -> None:
    listed = f"/v1/projects/{conflict.project_id}/quarantine"

    viewer = [program.get(listed), program.get(address(conflict))]
    viewer.append(decide(program, conflict, "accept"))

    assert [answer.status for answer in viewer] == [404, 404, 404]
    assert stranger.get(listed).status == 401
    assert Quarantined.objects.waiting().count() == 1


def test_a_supervisor_of_another_project_sees_nothing_of_it(conflict: Quarantined) -> None:
    elsewhere = program_of(builders.project("Khác"), Role.MANAGER)

    assert elsewhere.get(address(conflict)).status == 404


def test_a_supervisor_of_other_communes_sees_and_decides_nothing_of_it(project: Project) -> None:
    own, other = builders.commune("05443", "Mới"), builders.commune("05446", "Khác")
    builders.form(project)
    answers = {**GOOD, "h/h_commune": own.code}
    builders.send(project, instance(answers))
    for changed in (
        instance({**answers, "a/a3_key_f": "2"}),
        instance(answers, instance_id="uuid:9", deprecated_id="uuid:8"),
    ):
        with pytest.raises(Problem):
            builders.send(project, changed)
    supervisor = program_of(project, Role.SUPERVISOR)
    scopes = Membership.objects.filter(project=project)
    conflict, orphan = Quarantined.objects.order_by("pk")

    scopes.update(commune_uids=[other.uid])
    foreign = waiting(supervisor, project)
    refused = [supervisor.get(address(conflict)), decide(supervisor, conflict, "accept")]
    scopes.update(commune_uids=[own.uid])
    theirs = waiting(supervisor, project)

    assert foreign == []
    assert [answer.nature for answer in refused] == ["quarantine.unknown"] * 2
    assert [row["id"] for row in theirs] == [conflict.pk]  # of the orphan nobody knows the commune
    assert supervisor.get(address(orphan)).status == 404
    assert decide(supervisor, conflict, "accept").status == 200
