"""What is filled in with a form that was closed meanwhile: refused, and never lost (SB12, ED10)."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from pytest_django import Settings

from server import blobs
from server.projects import accounts
from server.projects.models import Project
from server.submissions.models import Quarantined, SubmissionAttachment, SubmissionVersion
from sync.addresses import Addresses
from tests.device import Device, Outgoing
from tests.sync.desk import Desk
from tests.sync.published import filled, publish

PHOTO = Outgoing("a.jpg", b"\xff\xd8photo")
FILLED = filled(photo="a.jpg")


@pytest.fixture
def desk(base_url: str, project: Project, settings: Settings) -> Desk:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Desk(base_url, project)


def turn(project: Project, state: str) -> None:
    call_command("form_state", "household", state, "--project", f"{project.pk}")


@pytest.mark.row("SB12")
def test_what_a_closed_form_refused_is_kept_whole_and_the_phone_is_told(
    device: Device, project: Project, desk: Desk
) -> None:
    publish(project)
    turn(project, "closed")

    answers = [device.give(FILLED, PHOTO), device.give(FILLED, PHOTO)]

    assert [answer.status for answer in answers] == [409, 409]
    assert "đã đóng" in answers[0].message
    (waiting,) = desk.get("quarantine")
    assert (waiting["reason"], waiting["sender"]) == ("form_closed", "Chị Lan")
    kept = Quarantined.objects.get()
    assert bytes(kept.xml) == FILLED
    assert blobs.open_blob(kept.files[0]["sha256"]).read() == PHOTO.content
    assert not SubmissionVersion.objects.exists()


@pytest.mark.row("SB12")
def test_it_is_accepted_once_the_form_is_open_again(
    device: Device, project: Project, desk: Desk
) -> None:
    publish(project)
    turn(project, "closed")
    device.give(FILLED, PHOTO)
    number = desk.get("quarantine")[0]["id"]

    early = desk.decide(number, "accept")
    turn(project, "closing")
    accepted = desk.decide(number, "accept")
    again = device.give(FILLED, PHOTO)

    assert (early[0], early[1]["details"]["nature"]) == (409, "quarantine.form_closed")
    assert (accepted[0], accepted[1]["submission"], again.status) == (200, "uuid:1", 201)
    assert bytes(SubmissionVersion.objects.get().xml) == FILLED
    assert SubmissionAttachment.objects.get().name == "a.jpg"


@pytest.mark.row("SB12")
def test_a_phone_that_sends_again_itself_leaves_one_record(
    device: Device, project: Project, desk: Desk
) -> None:
    publish(project)
    turn(project, "closed")
    device.give(FILLED, PHOTO)
    turn(project, "open")

    again = device.give(FILLED, PHOTO)
    accepted = desk.decide(desk.get("quarantine")[0]["id"], "accept")

    assert (again.status, accepted[0], accepted[1]["submission"]) == (201, 200, "uuid:1")
    assert SubmissionVersion.objects.count() == 1


@pytest.mark.row("ED10")
def test_an_edit_of_a_record_of_a_closed_form_is_409_and_kept(
    device: Device, project: Project, desk: Desk
) -> None:
    publish(project)
    device.give(filled())
    turn(project, "closed")
    edit = filled("uuid:2", head="Mai", deprecated_id="uuid:1")

    refused = device.give(edit)
    (waiting,) = desk.get("quarantine")
    turn(project, "open")
    status, decided = desk.decide(waiting["id"], "accept")

    assert (refused.status, refused.nature) == (409, "submission.form_closed")
    assert (status, decided["submission"]) == (200, "uuid:1")
    assert SubmissionVersion.objects.get(instance_id="uuid:2").deprecated_id == "uuid:1"


def test_a_device_without_the_form_leaves_nothing_to_decide_about(
    base_url: str, project: Project
) -> None:
    publish(project)
    turn(project, "closed")
    token = accounts.create_app_user(project, "Mai", form_ids=["other"]).token
    phone = Device(Addresses(base_url, token, project.pk).server)

    answer = phone.give(FILLED)

    assert (answer.status, answer.nature) == (403, "key.form_not_granted")
    assert not Quarantined.objects.exists()
    phone.close()
