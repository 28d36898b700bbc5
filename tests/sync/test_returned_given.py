"""What a lost phone was asked to complete is given to another one of its team, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.projects import accounts
from server.projects.models import AppUser, AuditEntry, Project
from sync.addresses import Addresses
from tests.device import Device
from tests.sync.desk import Desk
from tests.sync.test_returned import LINE, desk, give, held, project, send_back

__all__ = ["desk", "project"]
TASK = "forms/kt_thu/submissions/uuid:1/returned-task"


@pytest.fixture
def phones(base_url: str, project: Project) -> Iterator[dict[str, Device]]:
    """Two phones of one team, one of another, and one that may not open the form."""
    made: dict[str, Device] = {}
    for name, team, forms in (
        ("Lan", "Đoàn 1", None),
        ("Hoa", "Đoàn 1", None),
        ("Mai", "Đoàn 2", None),
        ("Tú", "Đoàn 1", ["theo_doi"]),
    ):
        token = accounts.create_app_user(project, name, team=team, form_ids=forms).token
        made[name] = Device(Addresses(base_url, token, project.pk).server)
    yield made
    for phone in made.values():
        phone.close()


def number(name: str) -> int:
    return AppUser.objects.get(display_name=name).pk


def test_a_task_of_a_lost_phone_is_given_to_another_of_its_team(
    phones: dict[str, Device], desk: Desk, project: Project
) -> None:
    give(phones["Lan"], 1)
    send_back(desk)
    lost = number("Lan")
    accounts.revoke_app_user(lost)
    (waiting,) = desk.get("returned-tasks")
    assert (waiting["instanceId"], waiting["device"]["id"]) == ("uuid:1", lost)
    assert waiting["device"]["usable"] is False

    status, given = desk.put(TASK, {"appUserId": number("Hoa")})
    again, _ = desk.put(TASK, {"appUserId": number("Hoa")})

    assert (status, again, given["device"]["displayName"]) == (200, 200, "Hoa")
    (task,) = held(phones["Hoa"])
    assert task["ho_so"] == "uuid:1"
    assert LINE in give(phones["Hoa"], 9)
    (entry,) = AuditEntry.objects.filter(action="submission.task.give")
    assert entry.details == {"from": lost, "to": number("Hoa")}

    send_back(desk, reason="Còn thiếu số văn bản.")  # another reason, the same phone
    assert [row["ly_do"] for row in held(phones["Hoa"])] == ["Còn thiếu số văn bản."]

    give(phones["Hoa"], 2, old=1)
    assert (held(phones["Hoa"]), desk.get("returned-tasks")) == ([], [])


def test_only_who_answers_for_it_gets_a_task(phones: dict[str, Device], desk: Desk) -> None:
    give(phones["Lan"], 1)
    assert desk.put(TASK, {"appUserId": number("Hoa")})[1]["code"] == 404.1  # nothing to complete
    send_back(desk)
    accounts.revoke_app_user(number("Hoa"))

    refused = [desk.put(TASK, {"appUserId": number(name)}) for name in ("Mai", "Tú", "Hoa")]
    nobody, _ = desk.put(TASK, {"appUserId": 999_999})

    assert [status for status, _ in refused] == [409, 409, 409]
    assert [body["message"].split(": ")[1].split(".")[0] for _, body in refused] == [
        "máy thuộc tổ khác",
        "máy không được giao biểu kt_thu",
        "khóa đã thu hồi hoặc hết hạn",
    ]
    assert nobody == 409
    assert [row["ho_so"] for row in held(phones["Lan"])] == ["uuid:1"]
