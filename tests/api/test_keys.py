"""Keys for scripts: what they open, what they never do, how they end."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from server.projects import accounts
from server.projects.models import ApiKey, AuditEntry, Membership, Project, Role, User
from server.submissions.models import Submission
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_review import address, signed_in
from tests.builders import GOOD, instance


@pytest.fixture
def manager(project: Project) -> Program:
    return signed_in(project, "quan.ly", Role.MANAGER)


@pytest.fixture
def submission(project: Project) -> Submission:
    builders.form(project)
    return builders.send(project, instance(GOOD))


def send(program: Program, method: str, path: str, **said: Any) -> Answer:
    return program.ask(method, path, data=json.dumps(said), content_type="application/json")


def keys(project: Project) -> str:
    return f"/v1/projects/{project.pk}/keys"


def make(program: Program, project: Project, **said: Any) -> Answer:
    until = (timezone.now() + dt.timedelta(days=30)).isoformat()
    asked = {"displayName": "Power BI", "expiresAt": until, **said}
    return send(program, "POST", keys(project), **asked)


def script(program: Program, project: Project, **said: Any) -> Program:
    return Program(make(program, project, **said).json["token"])


def test_a_key_reads_what_its_role_reads_and_is_kept_as_a_hash(
    manager: Program, project: Project, submission: Submission
) -> None:
    made = make(manager, project, role="supervisor").json

    assert made["token"].startswith("sxk_")
    assert (made["role"], made["readOnly"], made["lastUsed"]) == ("supervisor", True, None)
    assert Program(made["token"]).get(address(submission)).status == 200
    assert made["token"] not in str(list(ApiKey.objects.values()))
    (listed,) = manager.get(keys(project)).json
    assert listed["token"] == ""
    assert listed["lastUsed"] is not None


def test_a_key_that_only_reads_writes_nothing(
    manager: Program, project: Project, submission: Submission
) -> None:
    reading = script(manager, project, role="manager")
    writing = script(manager, project, role="manager", readOnly=False)
    path = f"/v1/projects/{project.pk}/forms/kt_thu"

    refused = send(reading, "PATCH", path, state="closing")

    assert (refused.status, refused.nature) == (403, "api_key.read_only")
    points = {"points": [{"lon": 105.8, "lat": 21.6}]}
    assert send(reading, "POST", f"/v1/projects/{project.pk}/locate", **points).status == 200
    assert reading.ask("POST", f"{path}/submissions.csv").status == 200
    assert send(writing, "PATCH", path, state="closing").status == 200
    entry = AuditEntry.objects.get(action="form.update")
    assert entry.details["apiKey"] == ApiKey.objects.order_by("-pk")[0].pk
    assert entry.actor_id == User.objects.get(email="quan.ly@example.org").pk


def test_a_key_has_the_lesser_of_its_role_and_its_owner_s(
    manager: Program, project: Project, submission: Submission
) -> None:
    strong = script(manager, project, role="manager")
    weak = script(manager, project, role="viewer")
    assert weak.get(address(submission)).status == 404

    Membership.objects.update(role=Role.VIEWER)

    assert strong.get(address(submission)).status == 404
    Membership.objects.all().delete()
    assert strong.get(f"/v1/projects/{project.pk}").status == 404


def test_a_key_opens_one_project(manager: Program, project: Project) -> None:
    other = builders.project("Khác")
    accounts.join(User.objects.get(email="quan.ly@example.org"), other, Role.MANAGER)
    key = script(manager, project, role="manager")

    assert [found["id"] for found in key.get("/v1/projects").json] == [project.pk]
    assert key.get(f"/v1/projects/{other.pk}").status == 404
    assert {entry["projectId"] for entry in key.get("/v1/audits").json} == {project.pk}


def test_a_key_reads_the_audit_log_of_no_other_project_though_its_owner_does(
    manager: Program, project: Project
) -> None:
    key = script(manager, project, role="viewer")
    User.objects.update(is_auditor=True)

    assert key.get("/v1/audits").status == 404


def test_nobody_makes_a_key_above_their_own_role(program: Program, project: Project) -> None:
    answer = make(program, project, role="supervisor")

    assert (answer.status, answer.nature) == (403, "api_key.too_strong")


@pytest.mark.parametrize("days", [-1, 367])
def test_a_key_ends_after_now_and_within_a_year(
    manager: Program, project: Project, days: int
) -> None:
    until = timezone.now() + dt.timedelta(days=days)

    answer = make(manager, project, expiresAt=until.isoformat())

    assert (answer.status, answer.nature) == (400, "api_key.life")


def test_a_key_makes_sees_and_ends_no_keys(manager: Program, project: Project) -> None:
    key = script(manager, project, role="manager", readOnly=False)

    assert make(key, project).nature == "api_key.by_key"
    assert key.get(keys(project)).nature == "api_key.by_key"
    number = ApiKey.objects.get().pk
    assert key.ask("DELETE", f"{keys(project)}/{number}").nature == "api_key.by_key"


def test_a_key_ends_when_it_is_taken_back_or_its_day_comes(
    manager: Program, project: Project
) -> None:
    first, second = script(manager, project), script(manager, project)
    newest, oldest = ApiKey.objects.order_by("-pk")

    taken = manager.ask("DELETE", f"{keys(project)}/{oldest.pk}")
    ApiKey.objects.filter(pk=newest.pk).update(expires_at=timezone.now())

    assert taken.status == 200
    top = f"/v1/projects/{project.pk}"
    assert (first.get(top).status, first.get(top).nature) == (401, "api_key.revoked")
    assert (second.get(top).status, second.get(top).nature) == (401, "api_key.expired")
    actions = AuditEntry.objects.filter(object_kind="api_key").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "api_key.create",
        "api_key.create",
        "api_key.delete",
    ]


def test_only_its_owner_and_managers_see_a_key_and_take_it_back(
    manager: Program, program: Program, project: Project
) -> None:
    make(program, project)
    number = ApiKey.objects.get().pk
    other = signed_in(project, "hoa", Role.SUPERVISOR)

    assert other.get(keys(project)).json == []
    assert other.ask("DELETE", f"{keys(project)}/{number}").nature == "api_key.unknown"
    assert [key["id"] for key in manager.get(keys(project)).json] == [number]
    assert manager.ask("DELETE", f"{keys(project)}/{number}").status == 200


def test_keys_that_are_tried_out_are_slowed_down(
    stranger: Program, project: Project, settings: Settings
) -> None:
    settings.THROTTLE_ADDRESS_TRIES = 2
    guesses = [Program(f"sxk_{n:048d}") for n in range(3)]

    answers = [guess.get("/v1/projects") for guess in guesses]

    assert [answer.status for answer in answers] == [401, 401, 429]
    assert answers[0].nature == "api_key.refused"


def test_an_account_that_was_closed_has_no_keys(manager: Program, project: Project) -> None:
    key = script(manager, project)

    User.objects.update(is_active=False)

    assert key.get("/v1/projects").nature == "api_key.refused"


def test_a_supervisor_of_some_communes_has_no_key_of_a_viewer(project: Project) -> None:
    some = signed_in(project, "hoa", Role.SUPERVISOR)
    older = script(some, project, role="viewer")
    path = f"/v1/projects/{project.pk}"
    before = older.get(path).status

    Membership.objects.update(commune_uids=["1@start"])

    refused = make(some, project, role="viewer")
    assert (refused.status, refused.nature) == (403, "api_key.tells_others")
    assert (before, older.get(path).status) == (200, 404)
    assert script(some, project, role="supervisor").get(path).status == 200
