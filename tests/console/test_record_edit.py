"""Hồ sơ, Sửa: a record is corrected at a desk as its next version, with a reason, and reviewed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from server.forms import publish
from server.forms.models import FormState
from server.inspections.models import Reveal
from server.projects.audit import SERVER
from server.projects.models import AuditEntry, Role
from server.submissions.decide import Verdict, decide
from server.submissions.models import (
    Decision,
    Quarantined,
    ReviewState,
    Submission,
    SubmissionVersion,
)
from server.submissions.problems import ReviewOfOwn
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import HOSTILE, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("static_files")]

_PART = "xml_submission_file"
_WHY = "Đối chiếu biên bản số 12."


def _record(world: World, instance_id: str = "uuid:failing") -> str:
    return f"/du-an/{world.project.pk}/ho-so/kt_thu/{instance_id}"


def _edited(number: int, of: str = "uuid:failing", **other: str) -> bytes:
    there = {"h/h_commune": "05443@2025-07-01", "a/a3_key_f": str(number)}
    answers = {**builders.GOOD, **there, **other}
    return builders.instance(
        answers, instance_id=f"uuid:sua-{number}", deprecated_id=of, photos=["1.jpg"]
    )


def _send(client: Client, world: World, xml: bytes, reason: str = _WHY) -> Any:
    sizes = json.dumps({_PART: len(xml)})
    said = {_PART: SimpleUploadedFile(_PART, xml), "sizes": sizes, "reason": reason}
    return client.post(f"{_record(world)}/sua/gui", said)


def test_opening_asks_why_and_is_revealing(live_world: World) -> None:
    client, address = reader(live_world.people[Role.MANAGER]), f"{_record(live_world)}/sua"
    stored = f"{address}/phieu.xml?ban=uuid:failing"
    screen = f"{address}/man-hinh?ban=uuid:failing"
    asked = text(client.get(address))
    closed = [client.get(one).status_code for one in (stored, screen)]

    unsaid = client.post(address, {"reason": " "})
    opened = text(client.post(address, {"reason": HOSTILE}))
    given = [client.get(one) for one in (stored, screen)]

    assert "1 câu hạn chế" in asked
    assert all('maxlength="2000"' in page for page in (asked, opened))  # no more is kept
    assert closed == [403, 403]
    assert unsaid.status_code == 422
    assert "sua/man-hinh?ban=uuid%3Afailing" in opened
    assert HOSTILE not in opened
    assert [one.status_code for one in given] == [200, 200]
    assert given[0]["Content-Security-Policy"].startswith("sandbox")  # opened by itself, runs none
    assert b"<meta><instanceID>uuid:failing" in given[0].content
    assert Reveal.objects.get().reason == HOSTILE
    assert AuditEntry.objects.filter(action="submission.reveal").count() == 1


def test_a_reason_that_may_tell_of_somebody_can_be_mended_or_confirmed(live_world: World) -> None:
    client, address = reader(live_world.people[Role.MANAGER]), f"{_record(live_world)}/sua"
    why = "Gọi chị Nguyễn Thị Hoa, 0912 345 678, để hỏi lại."

    asked = client.post(address, {"reason": why})
    confirmed = client.post(address, {"reason": why, "confirmed": "1"})

    assert asked.status_code == 400
    assert why in text(asked)
    assert 'name="confirmed"' in text(asked)
    assert "sua/man-hinh?ban=uuid%3Afailing" in text(confirmed)


def test_an_edit_is_chained_with_its_reason_and_waits_for_somebody_else(live_world: World) -> None:
    manager, form = live_world.people[Role.MANAGER], live_world.failing
    Submission.objects.filter(pk=form.pk).update(review_state=ReviewState.APPROVED)
    client = reader(manager)

    sent = _send(client, live_world, _edited(3))
    again = _send(client, live_world, _edited(3))
    page = text(client.get(sent.json()["next"]))
    approval = client.post(
        f"{_record(live_world)}/quyet-dinh", {"to": "approved", "reason": "Đã xem."}
    )

    form.refresh_from_db()
    assert (sent.status_code, again.json()) == (200, sent.json())
    assert form.current_version is not None
    assert form.current_version.deprecated_id == "uuid:failing"
    assert (form.current_version.person, form.current_version.edit_reason) == (manager, _WHY)
    assert form.review_state == ReviewState.EDITED
    assert form.versions.count() == 2
    assert _WHY in page
    assert "chính bạn gửi hoặc sửa" in page
    assert approval.status_code == ReviewOfOwn.status


def test_of_two_who_edit_the_second_is_told_and_nothing_is_lost(live_world: World) -> None:
    other = builders.member(live_world.project, "hai@example.org", Role.MANAGER)
    _send(reader(live_world.people[Role.MANAGER]), live_world, _edited(3))

    late = _send(reader(other), live_world, _edited(4))
    opened = reader(other).get(f"{_record(live_world)}/sua/phieu.xml?ban=uuid:failing")

    assert (late.status_code, late.json()["code"]) == (409, "console.edit_overtaken")
    kept = Quarantined.objects.get()
    assert bytes(kept.xml) == _edited(4)
    assert opened.status_code == 403
    decide(live_world.project.pk, kept.pk, Verdict(Decision.ACCEPT, other, "Cả hai đúng."))
    assert SubmissionVersion.objects.get(instance_id="uuid:sua-4").edit_reason == _WHY


def test_what_is_no_edit_of_this_record_is_refused_in_words(live_world: World) -> None:
    client = reader(live_world.people[Role.MANAGER])
    other = _edited(5, of="uuid:waiting")

    codes = [
        _send(client, live_world, xml, reason).json()["code"]
        for xml, reason in (
            (_edited(3), " "),
            (other, _WHY),
            (builders.instance(builders.GOOD, instance_id="uuid:moi"), _WHY),
            (b"<data", _WHY),
        )
    ]
    publish.set_state(live_world.project.pk, "kt_thu", FormState.CLOSED, SERVER)
    closed = text(client.get(f"{_record(live_world)}/sua"))

    assert codes[0] == "edit.reason_missing"
    assert codes[1] == "submission.edit_of_other"
    assert codes[2] == "submission.deprecated_id_missing"
    assert codes[3] == "xml.malformed"
    assert "đã đóng" in closed
    assert 'name="reason"' not in closed


@pytest.mark.parametrize("sizes", ["", "[1]", "[" * 100_000, '{"xml_submission_file": 1}'])
def test_a_page_that_does_not_say_what_it_sends_is_refused(live_world: World, sizes: str) -> None:
    said = {_PART: SimpleUploadedFile(_PART, _edited(3)), "sizes": sizes, "reason": _WHY}

    sent = reader(live_world.people[Role.MANAGER]).post(f"{_record(live_world)}/sua/gui", said)

    assert (sent.status_code, sent.json()["code"]) == (400, "console.screen_post_cut")


def test_answers_that_an_edit_loses_are_named_before_it_is_taken(live_world: World) -> None:
    client = reader(live_world.people[Role.MANAGER])
    xml = _edited(3, **{"a/a5_child": "", "a/a5_ev": ""})

    told = _send(client, live_world, xml)
    sizes = json.dumps({_PART: len(xml)})
    said = {_PART: SimpleUploadedFile(_PART, xml), "sizes": sizes, "reason": _WHY}
    taken = client.post(f"{_record(live_world)}/sua/gui", {**said, "confirmed": "1"})

    assert (told.status_code, told.json()["code"]) == (409, "edit.drops")
    assert "2 câu đã trả lời: «Số trường hợp tảo hôn»; «Căn cứ»" in told.json()["sentence"]
    assert taken.status_code == 200


def test_only_managers_edit(live_world: World) -> None:
    for user in (live_world.people[Role.SUPERVISOR], live_world.people[Role.VIEWER]):
        client = reader(user)
        for path in ("sua", "sua/man-hinh?ban=uuid:failing", "sua/phieu.xml?ban=uuid:failing"):
            assert client.get(f"{_record(live_world)}/{path}").status_code == 404
        assert _send(client, live_world, _edited(3)).status_code == 404
    supervisor = text(reader(live_world.people[Role.SUPERVISOR]).get(_record(live_world)))
    manager = text(reader(live_world.people[Role.MANAGER]).get(_record(live_world)))

    assert ('data-key="s"' in manager, 'data-key="s"' in supervisor) == (True, False)
