"""The audit log over HTTP: what acts, looks and denials leave in it, and who may read it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.projects import audit, audit_reading
from server.projects.audit import SERVER, Object
from server.projects.models import AuditEntry, Project, Role, User
from server.submissions.models import Submission
from tests import builders
from tests.api.conftest import Answer, Program
from tests.api.test_review import address, signed_in
from tests.api.test_sessions import body
from tests.builders import GOOD, instance


@pytest.fixture
def manager(project: Project) -> Program:
    return signed_in(project, "quan.ly", Role.MANAGER)


@pytest.fixture
def submission(project: Project) -> Submission:
    builders.form(project)
    return builders.send(project, instance(GOOD))


def logged(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("pk"))


def actions(answer: Answer) -> list[str]:
    return [entry["action"] for entry in answer.json]


def send(program: Program, method: str, path: str, **said: Any) -> Answer:
    return program.ask(method, path, data=json.dumps(said), content_type="application/json")


def test_a_login_and_its_failures_are_logged_by_numbers(stranger: Program, lan: User) -> None:
    stranger.ask("POST", "/v1/sessions", **body(password="sai"))
    stranger.ask("POST", "/v1/sessions", **body("ai.do@example.org"))
    stranger.ask("POST", "/v1/sessions", **body())

    failed = logged("user.session.fail")
    assert [(e.actor_kind, e.object_name) for e in failed] == [
        ("nobody", str(lan.pk)),
        ("nobody", ""),
    ]
    opened = logged("user.session.create")[-1]
    assert (opened.actor_kind, opened.actor_id) == ("user", lan.pk)
    assert "example.org" not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_a_decision_is_logged_without_its_reason(manager: Program, submission: Submission) -> None:
    send(manager, "PATCH", address(submission), reviewState="hasIssues", reason="Thiếu ảnh 1.")

    (entry,) = logged("submission.update")
    assert (entry.object_kind, entry.object_name) == ("submission", submission.instance_id)
    assert entry.details["reviewState"] == "hasIssues"
    assert "Thiếu ảnh" not in str(entry.details)


def test_acts_on_devices_forms_and_plans_name_who_did_them(
    manager: Program, project: Project, submission: Submission
) -> None:
    top = f"/v1/projects/{project.pk}"
    made = send(manager, "POST", f"{top}/app-users", displayName="Chị Lan")
    device = made.json["id"]
    manager.ask("POST", f"{top}/forms/kt_thu/assignments/2/{device}")
    manager.ask("DELETE", f"{top}/app-users/{device}")
    send(manager, "PATCH", f"{top}/forms/kt_thu", state="closing")
    manager.ask("DELETE", f"{top}/forms/kt_thu")
    manager.ask("POST", f"{top}/forms/kt_thu/restore")

    person = User.objects.get(email="quan.ly@example.org").pk
    found = AuditEntry.objects.filter(actor_id=person, project_id=project.pk).order_by("pk")
    assert [(e.action, e.object_name) for e in found] == [
        ("field_key.create", str(device)),
        ("field_key.assignment.create", str(device)),
        ("field_key.session.end", str(device)),
        ("form.update", "kt_thu"),
        ("form.delete", "kt_thu"),
        ("form.restore", "kt_thu"),
    ]
    assert "Chị Lan" not in str(list(found.values()))


def test_a_refused_act_leaves_no_entry(manager: Program, submission: Submission) -> None:
    send(manager, "PATCH", address(submission), reviewState="rejected")  # without a reason

    assert logged("submission.update") == []


def test_a_look_at_answers_is_logged(manager: Program, submission: Submission) -> None:
    manager.get(address(submission, ".xml"))
    manager.get(address(submission))  # who sent it and when: no answers

    (entry,) = logged("submission.read")
    assert (entry.object_name, entry.details["options"]) == (submission.instance_id, [])


def test_a_look_at_the_figures_of_single_records_is_logged(
    manager: Program, project: Project, submission: Submission
) -> None:
    shown = manager.get(f"/v1/projects/{project.pk}/findings?form=kt_thu")
    manager.get(f"/v1/projects/{project.pk}/findings?limit=0")  # refused: nothing was shown

    assert {"A5": 0.0}.items() <= {row["condition"]: row["value"] for row in shown.json}.items()
    (entry,) = logged("form.submission.read")
    assert (entry.object_kind, entry.object_name) == ("project", str(project.pk))
    assert entry.details["options"] == ["form"]


def test_a_project_of_others_is_not_there_and_asking_for_it_is_logged_once(
    manager: Program, project: Project
) -> None:
    other = builders.project("Khác")

    answers = [manager.get(f"/v1/projects/{other.pk}/forms/bi_mat") for _ in range(3)]

    assert {answer.status for answer in answers} == {404}
    (entry,) = logged("access.denied")
    assert (entry.project_id, entry.object_name) == (other.pk, "bi_mat")
    assert entry.details["nature"] == "not_found"
    assert entry.actor_id == User.objects.get(email="quan.ly@example.org").pk


def test_what_somebody_writes_into_an_address_is_not_repeated(
    manager: Program, project: Project
) -> None:
    manager.get(f"/v1/projects/{project.pk}/forms/Nguyễn Thị A 0912345678")
    manager.get(f"/v1/projects/{10**30}/forms/x")

    assert [(e.project_id, e.object_kind) for e in logged("access.denied")] == [
        (project.pk, "project"),
        (None, "form"),
    ]


@pytest.mark.row("RS47")
def test_audits_are_filtered_by_an_action_or_a_group_of_them(
    manager: Program, project: Project
) -> None:
    for action in ("form.create", "form.update.publish", "submission.update"):
        audit.record(SERVER, action, Object("form", "kt_18_5", project.pk))

    assert actions(manager.get("/v1/audits?action=form")) == ["form.update.publish", "form.create"]
    assert actions(manager.get("/v1/audits?action=form.create")) == ["form.create"]
    assert "submission.update" not in actions(manager.get("/v1/audits?action=nonverbose"))


@pytest.mark.row("RS47")
def test_a_span_of_audits_begins_with_its_start_and_stops_before_its_end(
    manager: Program, project: Project
) -> None:
    for _ in range(3):
        audit.record(SERVER, "form.create", Object("form", "kt_18_5", project.pk))
    first, _, third = (entry.logged_at.isoformat() for entry in logged("form.create"))
    span = {"action": "form.create", "start": first, "end": third}

    found = manager.ask("GET", "/v1/audits", QUERY_STRING=_query(span))

    assert [entry["id"] for entry in found.json] == [e.pk for e in logged("form.create")[1::-1]]
    today = f"{timezone.localdate():%Y-%m-%d}"
    assert actions(manager.get(f"/v1/audits?start={today}&end={today}")) == []


def _query(asked: dict[str, str]) -> str:
    return "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in asked.items())


@pytest.mark.row("RS47")
def test_audits_are_paged_and_tell_who_acted_when_asked(manager: Program, project: Project) -> None:
    answer = manager.get(
        "/v1/audits?limit=1&offset=1&action=project", headers={"X-Extended-Metadata": "true"}
    )
    whole = manager.get("/v1/audits?action=project", headers={"X-Extended-Metadata": "true"})

    assert answer.json == []
    assert (whole.json[0]["actorType"], whole.json[0]["actor"]) == ("server", None)
    assert whole.json[0]["acteeId"] == str(project.pk)
    assert len(manager.get("/v1/audits?limit=5000&action=project").json) == len(whole.json)


def test_the_rest_of_the_log_is_read_page_by_page(
    manager: Program, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        audit.record(SERVER, "form.create", Object("form", "kt_18_5", project.pk))
    monkeypatch.setattr(audit_reading, "_BATCH", 2)

    with CaptureQueriesContext(connection) as asked:
        rest = manager.get("/v1/audits?action=form&offset=1")

    assert [entry["id"] for entry in rest.json] == [e.pk for e in logged("form.create")[2::-1]]
    skipping = [query["sql"] for query in asked if "OFFSET" in query["sql"]]
    assert [sql.endswith("LIMIT 2 OFFSET 1") for sql in skipping] == [True]


def test_a_long_log_is_told_whole_with_a_question_for_each_page(
    manager: Program, project: Project
) -> None:
    for _ in range(40):
        audit.record(SERVER, "form.create", Object("form", "kt_18_5", project.pk))

    with CaptureQueriesContext(connection) as captured:
        answer = manager.get("/v1/audits?action=form", headers={"X-Extended-Metadata": "true"})

    assert len(answer.json) == 40
    assert len(captured) <= 8


def test_a_manager_reads_what_was_done_in_their_projects(
    manager: Program, project: Project
) -> None:
    builders.project("Khác")

    assert {entry["projectId"] for entry in manager.get("/v1/audits").json} == {project.pk}


def test_nobody_else_reads_the_log(program: Program, stranger: Program) -> None:
    assert (program.get("/v1/audits").status, stranger.get("/v1/audits").status) == (404, 401)


def test_an_auditor_reads_all_of_it_and_nothing_more(
    program: Program, lan: User, project: Project, submission: Submission
) -> None:
    other = builders.project("Khác")

    call_command("auditor", "lan@example.org")

    found = program.get("/v1/audits").json
    assert {entry["projectId"] for entry in found} >= {project.pk, other.pk, None}
    assert program.get(address(submission)).status == 404
    call_command("auditor", "lan@example.org", "--no")
    assert program.get("/v1/audits").status == 404


@pytest.mark.parametrize("query", ["start=hom-nay", "limit=0", "acton=form", "action='"])
def test_a_filter_that_cannot_be_used_is_told(manager: Program, query: str) -> None:
    answer = manager.get(f"/v1/audits?{query}")

    assert (answer.status, answer.nature) == (400, "parameter.invalid")
