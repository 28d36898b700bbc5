"""Rows of the groups HD, SB, ED and EN that no test beside the code plays."""

from __future__ import annotations

import pytest

from server import blobs
from server.projects.models import Project
from server.submissions.models import (
    ReviewState,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from tests.device import Device, Outgoing, ServerRefused
from tests.sync.published import filled, publish
from tests.sync.test_endpoint import broken_table

ORX = b'xmlns:orx="http://openrosa.org/xforms"'
ENCRYPTED = (
    b'<data xmlns="http://www.opendatakit.org/xforms/encrypted" encrypted="yes"'
    b' id="household" version="1"><base64EncryptedKey>a2V5</base64EncryptedKey>'
    b'<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>uuid:e</orx:instanceID>'
    b"</orx:meta><media><file>2.jpg.enc</file></media><media><file>1.jpg.enc</file></media>"
    b"<encryptedXmlFile>submission.xml.enc</encryptedXmlFile>"
    b"<base64EncryptedElementSignature>c2ln</base64EncryptedElementSignature></data>"
)


@pytest.fixture(autouse=True)
def household(project: Project) -> None:
    publish(project)


@pytest.mark.row("SB34", "SB31")
def test_what_a_failed_first_post_left_out_comes_with_the_next_try(device: Device) -> None:
    xml = filled(photo="149.jpg")
    files = [Outgoing(f"{number}.jpg", b"%d" % number) for number in range(150)]

    with broken_table("submissions_submissionattachment"), pytest.raises(ServerRefused):
        device.send(xml, files)
    answer = device.send(xml, files)

    assert answer.message == "Đã nhận đủ phiếu."
    assert (Submission.objects.count(), SubmissionAttachment.objects.count()) == (1, 150)


@pytest.mark.row("SB41", "SB42")
@pytest.mark.parametrize(
    "body",
    [
        b"<meta><instanceID>uuid:x</instanceID></meta>",
        b"<orx:meta " + ORX + b"><orx:instanceID>uuid:x</orx:instanceID></orx:meta>",
        b"<instanceID>uuid:x</instanceID>",
    ],
)
def test_the_id_is_found_wherever_clients_put_it(device: Device, body: bytes) -> None:
    xml = b"<?xml version='1.0' encoding='UTF-8' ?>\n"

    answer = device.give(xml + b'<data id="household" version="1">' + body + b"</data>")

    assert answer.status == 201
    assert Submission.objects.get().instance_id == "uuid:x"


@pytest.mark.row("SB43")
def test_the_name_of_an_instance_is_kept(device: Device) -> None:
    named = "<instanceName>Hộ bà Lan</instanceName></meta>".encode()

    device.give(filled().replace(b"</meta>", named))

    assert SubmissionVersion.objects.get().instance_name == "Hộ bà Lan"


@pytest.mark.row("ED05", "ED12")
def test_an_edit_is_marked_and_each_version_knows_its_device(device: Device) -> None:
    device.give(filled("uuid:1"))
    device.device_id = "collect:OTHER"

    device.give(filled("uuid:2", deprecated_id="uuid:1"))

    submission = Submission.objects.get()
    assert submission.review_state == ReviewState.EDITED
    assert submission.versions.count() == 2
    assert list(submission.versions.order_by("pk").values_list("instance_id", "device_id")) == [
        ("uuid:1", "collect:PRETEND000000001"),
        ("uuid:2", "collect:OTHER"),
    ]


@pytest.mark.row("EN01", "EN04")
def test_an_encrypted_submission_is_kept_whole_in_its_order_and_without_plain_text(
    device: Device,
) -> None:
    answer = device.give(
        ENCRYPTED,
        Outgoing("1.jpg.enc", b"one"),
        Outgoing("submission.xml.enc", b"xml"),
        Outgoing("2.jpg.enc", b"two"),
        Outgoing("1.jpg", b"plain"),
    )

    kept = SubmissionVersion.objects.get()
    stored = {
        row.name: blobs.open_blob(row.sha256).read() for row in kept.attachments.order_by("name")
    }
    assert (answer.status, answer.message) == (201, "Đã nhận đủ phiếu.")
    assert bytes(kept.xml) == ENCRYPTED
    assert kept.is_encrypted
    assert kept.expected_files == ["2.jpg.enc", "1.jpg.enc", "submission.xml.enc"]
    assert stored == {"1.jpg.enc": b"one", "2.jpg.enc": b"two", "submission.xml.enc": b"xml"}


@pytest.mark.row("EN02")
def test_an_encrypted_submission_without_an_id_is_400(device: Device) -> None:
    answer = device.give(ENCRYPTED.replace(b"<orx:instanceID>uuid:e</orx:instanceID>", b""))

    assert (answer.status, answer.nature) == (400, "submission.encrypted_without_id")


@pytest.mark.row("EN03")
@pytest.mark.parametrize(
    "namespace",
    [b"http://opendatakit.org/submissions", b"http://www.opendatakit.org/xforms/encrypted"],
)
def test_an_encrypted_submission_is_known_in_either_namespace(
    device: Device, namespace: bytes
) -> None:
    device.give(ENCRYPTED.replace(b"http://www.opendatakit.org/xforms/encrypted", namespace))

    assert SubmissionVersion.objects.get().is_encrypted


@pytest.mark.row("EN09")
def test_a_form_may_hold_plain_and_encrypted_submissions(device: Device) -> None:
    answers = [device.give(filled("uuid:plain")), device.give(ENCRYPTED)]

    kept = SubmissionVersion.objects.order_by("pk").values_list("is_encrypted", flat=True)
    assert [answer.status for answer in answers] == [201, 201]
    assert list(kept) == [False, True]
