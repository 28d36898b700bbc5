"""What a supervisor sends back, as the phones of two inspectors learn of it, over HTTP."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from server.entities.models import Entity
from server.forms.models import AttachmentSource, FormAttachment
from server.inspections import derive, returned, sweep
from server.inspections.models import Inspection, ReturnedTask
from server.projects import accounts
from server.projects.models import AppUser, Project, Role
from server.submissions import review
from server.submissions.intake import Sender, receive
from server.submissions.models import ReviewState, Submission
from server.submissions.review import Judgement
from sync.addresses import Addresses
from tests import builders
from tests.builders import GOOD, instance
from tests.device import Device
from tests.sync.desk import Desk

SHOWS = """
| survey   | type                          | name | label |
|          | select_one_from_file viec.csv | v    | Việc  |
| settings | form_title | form_id  | version |
|          | Theo dõi   | theo_doi | 1       |
"""
MANIFEST = "forms/theo_doi/versions/1/manifest"
INSPECTED = {**GOOD, "h/h_commune": "05665"}
REASON = "Thiếu ảnh quyết định kiện toàn."
LINE = (
    "Có 1 hồ sơ cần bổ sung: Kiểm tra thử (1). "
    "Để biết lý do, làm mới danh sách biểu rồi mở «Theo dõi»."
)


@pytest.fixture
def project(transactional_db: None, settings: Settings) -> Project:
    # scrypt is slow on purpose; tests/projects proves the real one.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    made = accounts.create_project("Bình đẳng giới")
    builders.commune("05665", "Xã Đồng Hỷ")
    builders.form(made)
    FormAttachment.objects.create(
        form_version=builders.form(made, SHOWS),
        name="viec.csv",
        kind="file",
        source=AttachmentSource.ENTITIES,
        list_name="viec",
    )
    return made


@pytest.fixture
def desk(base_url: str, project: Project) -> Desk:
    return Desk(base_url, project, Role.SUPERVISOR)


@pytest.fixture
def hoa(base_url: str, project: Project) -> Iterator[Device]:
    token = accounts.create_app_user(project, "Hoa").token
    phone = Device(Addresses(base_url, token, project.pk).server)
    yield phone
    phone.close()


def give(device: Device, number: int, old: int = 0) -> str:
    """Send a submission, or the correction of one; return what the phone shows."""
    deprecated = f"uuid:{old}" if old else ""
    answer = device.give(
        instance(INSPECTED, instance_id=f"uuid:{number}", deprecated_id=deprecated)
    )
    assert answer.status == 201
    return answer.message


def send_back(desk: Desk, number: int = 1, reason: str = REASON) -> None:
    assert desk.review(f"forms/kt_thu/submissions/uuid:{number}", "hasIssues", reason) == 200


def said(device: Device, element: str) -> str:
    found = re.search(f"<{element}>(.*?)</{element}>", device.fetch(MANIFEST).body.decode())
    return found[1] if found else ""


def held(device: Device) -> list[dict[str, str]]:
    text = device.fetch(said(device, "downloadUrl")).body.decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_is_sent_back_is_a_task_on_the_phone_that_sent_it(
    device: Device, hoa: Device, desk: Desk
) -> None:
    assert [give(device, 1), give(hoa, 9)] == ["Đã nhận đủ phiếu."] * 2

    send_back(desk)

    (task,) = held(device)
    since = dt.date.fromisoformat(task["tu_ngay"])
    assert task == {
        "name": task["name"],
        "label": "Cần bổ sung: Kiểm tra thử – Xã Đồng Hỷ, 20/05/2026",
        "__version": "1",
        "app_user": AppUser.objects.get(display_name="Chị Lan").username,
        "bieu": "kt_thu",
        "han": (since + dt.timedelta(days=7)).isoformat(),
        "ho_so": "uuid:1",
        "ly_do": REASON,
        "trang_thai": "moi",
        "tu_ngay": since.isoformat(),
        "xa": "05665@2025-07-01",
    }
    assert UUID(task["name"]).version == 4
    assert held(hoa) == []
    assert give(device, 2).splitlines() == ["Đã nhận đủ phiếu.", LINE]
    assert give(hoa, 10) == "Đã nhận đủ phiếu."


@pytest.mark.row("MF13", "MF18")
def test_a_task_goes_with_the_correction_and_comes_back_with_the_next_return(
    device: Device, desk: Desk
) -> None:
    give(device, 1)
    tags = [said(device, "hash")]
    send_back(desk)
    (task,) = held(device)
    tags.append(said(device, "hash"))
    integrity = said(device, "integrityUrl") + f"?id={task['name']}"
    gone = [b"<deleted>true<" in device.fetch(integrity).body]

    assert give(device, 2, old=1) == "Đã nhận đủ phiếu."

    assert held(device) == []
    tags.append(said(device, "hash"))
    gone.append(b"<deleted>true<" in device.fetch(integrity).body)
    assert give(device, 3) == "Đã nhận đủ phiếu."

    send_back(desk, reason="Còn thiếu số văn bản.")

    (again,) = held(device)
    assert (again["name"], again["__version"]) == (task["name"], "3")
    assert (again["ly_do"], again["ho_so"]) == ("Còn thiếu số văn bản.", "uuid:2")
    gone.append(b"<deleted>true<" in device.fetch(integrity).body)
    assert gone == [False, True, False]
    assert tags[0] == tags[2] != tags[1]
    assert LINE in give(device, 4)


@pytest.fixture
def no_tasks_to_ask() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE inspections_returnedtask RENAME TO elsewhere")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE elsewhere RENAME TO inspections_returnedtask")


def test_what_is_stored_is_acknowledged_though_nobody_can_say_what_came_back(
    device: Device, desk: Desk, request: pytest.FixtureRequest
) -> None:
    give(device, 1)
    send_back(desk)
    request.getfixturevalue("no_tasks_to_ask")

    assert give(device, 2) == "Đã nhận đủ phiếu."


def test_another_reason_replaces_the_one_on_the_phone(device: Device, desk: Desk) -> None:
    give(device, 1)
    send_back(desk, reason="Gọi lại cho tôi.")
    (before,) = held(device)

    send_back(desk)

    (after,) = held(device)
    assert (after["name"], after["ly_do"]) == (before["name"], REASON)
    assert after["__version"] == "2"


def test_a_return_that_is_repeated_adds_nothing(device: Device, desk: Desk) -> None:
    give(device, 1)
    send_back(desk)
    before = held(device)

    send_back(desk)
    derive.derive([Submission.objects.get().pk])

    assert held(device) == before
    assert Entity.objects.get().versions.count() == 1


def test_a_reason_reaches_the_phone_as_it_was_written(device: Device, desk: Desk) -> None:
    reason = 'Câu A3: ghi "01 nữ",\nảnh mờ; chụp lại 📷, gửi trước thứ Sáu.'
    give(device, 1)

    send_back(desk, reason=reason)

    assert [row["ly_do"] for row in held(device)] == [reason]


@pytest.mark.parametrize("state", ["approved", "rejected"])
def test_another_decision_takes_the_task_away(device: Device, desk: Desk, state: str) -> None:
    give(device, 1)
    send_back(desk)

    assert desk.review("forms/kt_thu/submissions/uuid:1", state, "Đã gọi điện hỏi.") == 200

    assert held(device) == []
    assert give(device, 2) == "Đã nhận đủ phiếu."
    closed = Entity.objects.get().versions.latest("number")
    assert (closed.data["trang_thai"], closed.by) == ("hoan_thanh", "hệ thống")


def test_a_submission_that_is_deleted_is_nobodys_task(device: Device, desk: Desk) -> None:
    give(device, 1)
    send_back(desk)

    Submission.objects.update(deleted_at=timezone.now())
    derive.derive([Submission.objects.get().pk])

    assert held(device) == []


def test_several_are_counted_together_by_form(project: Project, device: Device, desk: Desk) -> None:
    for number in (1, 2):
        give(device, number)
        send_back(desk, number)
    listed = io.StringIO()
    call_command("app_users", "--json", "--project", f"{project.pk}", stdout=listed)

    assert json.loads(listed.getvalue())[0]["open_tasks"] == 2
    assert "Có 2 hồ sơ cần bổ sung: Kiểm tra thử (2)." in give(device, 3)
    assert "Có 1 hồ sơ cần bổ sung: Kiểm tra thử (1)." in give(device, 4, old=1)


def test_a_correction_sent_from_another_phone_takes_the_task_along(
    project: Project, device: Device, hoa: Device, desk: Desk
) -> None:
    give(device, 1)
    send_back(desk)
    other = AppUser.objects.get(display_name="Hoa")
    correction = instance(INSPECTED, instance_id="uuid:2", deprecated_id="uuid:1")
    receive(correction, [], Sender(project.pk, other, "", ""))  # not derived yet

    send_back(desk)

    assert held(device) == []
    assert [row["ho_so"] for row in held(hoa)] == ["uuid:2"]
    assert AppUser.objects.get(display_name="Chị Lan").open_tasks == 0


def test_what_stands_is_looked_at_in_two_questions_however_much_it_is(
    device: Device, desk: Desk
) -> None:
    for number in (1, 2, 3):
        give(device, number)
        send_back(desk, number)
    few, all_of_them = [list(Submission.objects.all()[:some]) for some in (1, 3)]

    with CaptureQueriesContext(connection) as of_one:
        returned.settle(few)
    with CaptureQueriesContext(connection) as of_three:
        returned.settle(all_of_them)

    assert (len(of_one), len(of_three)) == (2, 2)


def test_what_no_phone_of_one_person_sent_is_nobodys_task(project: Project, desk: Desk) -> None:
    builders.send(project, instance(GOOD))
    by_link = builders.send(project, instance(GOOD, instance_id="uuid:2"))
    link = accounts.create_app_user(project, "Liên kết", form_ids=["kt_thu"]).app_user
    AppUser.objects.filter(pk=link.pk).update(is_public=True)
    by_link.versions.update(app_user=link)

    send_back(desk, 1)
    send_back(desk, 2)

    assert Submission.objects.filter(review_state=ReviewState.HAS_ISSUES).count() == 2
    assert not ReturnedTask.objects.exists()


def test_a_task_that_the_decision_left_owing_is_made_by_the_sweep(
    device: Device, project: Project
) -> None:
    give(device, 1)
    person = builders.member(project, "mai@example.org", Role.SUPERVISOR)

    review.decide(
        Submission.objects.get().pk, Judgement(ReviewState.HAS_ISSUES, person, reason=REASON)
    )
    assert held(device) == []
    sweep.pay_debts()

    assert [row["ly_do"] for row in held(device)] == [REASON]


def test_what_nobody_can_read_is_sent_back_all_the_same(device: Device, desk: Desk) -> None:
    give(device, 1)
    Submission.objects.get().versions.update(xml=b"<data")
    Inspection.objects.all().delete()

    send_back(desk)

    assert [row["label"] for row in held(device)] == ["Cần bổ sung: Kiểm tra thử"]
    assert Submission.objects.get().derive_owed_at is not None


def test_a_phone_is_told_of_no_form_that_it_may_not_open(
    device: Device, desk: Desk, settings: Settings
) -> None:
    settings.RETURN_DAYS = 0
    give(device, 1)
    send_back(desk)

    assert held(device)[0]["han"] == ""
    AppUser.objects.update(opens_all_forms=False, form_ids=["kt_thu"])
    assert give(device, 2).endswith("(1). Để biết lý do, hỏi người giám sát.")


def test_only_a_phone_with_something_to_do_costs_a_question(device: Device, desk: Desk) -> None:
    give(device, 1)
    give(device, 2)
    lan = AppUser.objects.get(display_name="Chị Lan")

    with CaptureQueriesContext(connection) as of_nothing:
        assert returned.notice(lan) is None
    send_back(desk, 1)
    send_back(desk, 2)
    lan.refresh_from_db()
    with CaptureQueriesContext(connection) as of_two:
        assert returned.notice(lan) is not None

    assert (len(of_nothing), len(of_two)) == (0, 1)
