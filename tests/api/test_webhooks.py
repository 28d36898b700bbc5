"""Webhooks over HTTP: managers make them, try them, and read what was told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_django import Settings

from server.hooks import delivering, signing
from server.hooks.models import Delivery, Webhook
from server.inspections import heard
from server.projects.models import AuditEntry, Project, Role
from tests.api.conftest import Answer, Program
from tests.api.test_review import signed_in
from tests.api.test_submissions import manager as manager
from tests.hooks.receiver import receiving

URL = "https://nhan.example/so-xa?key=geheim"


def at(project: Project, below: str = "") -> str:
    return f"/v1/projects/{project.pk}/webhooks{below}"


def ask(program: Program, method: str, path: str, body: Any = None) -> Answer:
    data = json.dumps(body).encode() if body is not None else b""
    return program.ask(method, path, data=data, content_type="application/json")


def made(manager: Program, project: Project, **wish: Any) -> Answer:
    wanted = {"url": URL, "events": ["submission.created"], **wish}
    return ask(manager, "POST", at(project), wanted)


def test_one_is_made_off_and_tells_its_secret_once(manager: Program, project: Project) -> None:
    answer = made(manager, project)

    webhook = Webhook.objects.get()
    assert answer.json["isActive"] is False
    assert answer.json["secret"] == signing.secret(webhook.pk, webhook.salt)
    assert answer.json["secret"] not in json.dumps(list(Webhook.objects.values()), default=str)
    listed = manager.get(at(project)).json
    assert listed == [{key: answer.json[key] for key in answer.json if key != "secret"}]
    assert manager.get(at(project, f"/{webhook.pk}")).json == listed[0]


def test_it_is_changed_given_another_secret_and_removed_and_all_of_it_is_in_the_audit_log(
    manager: Program, project: Project
) -> None:
    first = made(manager, project).json
    one = at(project, f"/{first['id']}")

    changed = ask(manager, "PATCH", one, {"isActive": True, "events": ["review.decided"]})
    renewed = ask(manager, "POST", f"{one}/secret")
    removed = ask(manager, "DELETE", one)

    assert (changed.json["isActive"], changed.json["events"]) == (True, ["review.decided"])
    assert renewed.json["secret"] != first["secret"]
    assert (removed.json, manager.get(one).nature) == ({"success": True}, "webhook.unknown")
    done = AuditEntry.objects.filter(object_kind="webhook").exclude(action="access.denied")
    entries = done.order_by("pk")
    assert [entry.action for entry in entries] == [
        *("webhook.create", "webhook.update", "webhook.secret", "webhook.delete")
    ]
    assert "geheim" not in json.dumps([entry.details for entry in entries])


@pytest.mark.parametrize(
    ("wish", "nature"),
    [
        ({"url": "http://nhan.example/"}, "webhook.url"),
        ({"url": "https://10.0.0.5/"}, "webhook.url"),
        ({"url": "https://[::1]/"}, "webhook.url"),
        ({"url": "https://u:p@nhan.example/"}, "webhook.url"),
        ({"events": []}, "parameter.invalid"),
        ({"events": ["ping"]}, "parameter.invalid"),
        ({"events": "submission.created"}, "parameter.invalid"),
        ({"isActive": "maybe"}, "parameter.invalid"),
    ],
)
def test_what_cannot_be_is_refused(
    manager: Program, project: Project, wish: dict[str, Any], nature: str
) -> None:
    assert made(manager, project, **wish).nature == nature
    assert not Webhook.objects.exists()


def test_an_address_is_told_once_and_a_project_has_so_many(
    manager: Program, project: Project
) -> None:
    made(manager, project)
    Webhook.objects.bulk_create(
        Webhook(project=project, url=f"https://nhan.example/{n}", salt="", events=[])
        for n in range(18)
    )

    twice = made(manager, project)
    last = made(manager, project, url="https://nhan.example/last")
    more = made(manager, project, url="https://nhan.example/more")

    assert (twice.nature, last.status, more.nature) == ("webhook.taken", 200, "webhook.full")


def test_a_try_is_told_logged_and_told_again(
    manager: Program, project: Project, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW, settings.WEBHOOK_HTTP = ["127.0.0.0/8"], True
    with receiving() as receiver:
        one = at(project, f"/{made(manager, project, url=receiver.url('/a')).json['id']}")
        off = ask(manager, "POST", f"{one}/ping")
        ask(manager, "PATCH", one, {"isActive": True})
        pinged = ask(manager, "POST", f"{one}/ping").json
        delivering.tell_all(Webhook.objects.get().pk, heard.describe)
        log = manager.get(f"{one}/deliveries").json
        again = ask(manager, "POST", f"{one}/deliveries/{pinged['id']}/redeliver").json
        delivering.tell_all(Webhook.objects.get().pk, heard.describe)

    assert off.nature == "webhook.inactive"
    assert (pinged["event"], pinged["deliveredAt"]) == ("ping", None)
    assert [(row["id"], row["lastStatus"], row["nextAt"]) for row in log] == [
        (pinged["id"], 204, None)
    ]
    assert again["nextAt"] is not None
    assert [told.body.decode() for told in receiver.told] == [log[0]["payload"]] * 2
    assert ask(manager, "POST", f"{one}/deliveries/0/redeliver").nature == (
        "webhook.delivery_unknown"
    )
    assert [len(manager.get(f"{one}/deliveries{page}").json) for page in ("", "?offset=1")] == [
        *(1, 0)
    ]
    assert Delivery.objects.get().attempts == 1


def test_who_is_no_manager_of_the_project_finds_none(
    manager: Program, stranger: Program, project: Project
) -> None:
    first = made(manager, project).json
    minh = signed_in(project, "minh", Role.SUPERVISOR)
    paths = [at(project), at(project, f"/{first['id']}"), at(project, f"/{first['id']}/deliveries")]
    elsewhere = Project.objects.create(name="Dự án khác")

    assert [minh.get(path).status for path in paths] == [404] * 3
    assert [stranger.get(path).status for path in paths] == [401] * 3
    assert manager.get(at(elsewhere, f"/{first['id']}")).status == 404
    assert ask(minh, "POST", at(project, f"/{first['id']}/ping")).status == 404
