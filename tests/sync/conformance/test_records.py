"""Files, ids and edits as phones send them, over HTTP (rows SB and ED)."""

from __future__ import annotations

import time

import pytest

from server import blobs
from server.projects.models import Project
from server.submissions.models import (
    Quarantined,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from tests.device import Answer, Device, Outgoing, multipart
from tests.sync.published import filled, publish


@pytest.fixture(autouse=True)
def household(project: Project) -> None:
    publish(project)


def kept(instance_id: str = "uuid:1") -> list[tuple[str, bytes, bool]]:
    """Return the files of an instance: name, bytes, and whether the XML names them."""
    files = SubmissionAttachment.objects.filter(version__instance_id=instance_id)
    return [
        (file.name, blobs.open_blob(file.sha256).read(), file.is_expected)
        for file in files.order_by("name", "pk")
    ]


def statuses(*answers: Answer) -> list[int]:
    return [answer.status for answer in answers]


@pytest.mark.row("SB16")
def test_no_version_attribute_is_the_version_without_a_name(
    device: Device, project: Project
) -> None:
    nameless = publish(project, version="")

    answer = device.give(filled(version="").replace(b' version=""', b""))

    assert answer.status == 201
    assert SubmissionVersion.objects.get().form_version == nameless


@pytest.mark.row("SB22")
def test_one_photo_under_two_names_is_two_files(device: Device) -> None:
    xml = filled(photo="a.jpg", other="b.jpg")

    answer = device.give(xml, Outgoing("a.jpg", b"x"), Outgoing("b.jpg", b"x"))

    assert answer.status == 201
    assert kept() == [("a.jpg", b"x", True), ("b.jpg", b"x", True)]


@pytest.mark.row("SB23")
def test_a_file_that_nothing_names_is_kept_too(device: Device) -> None:
    answer = device.give(filled(), Outgoing("left.jpg", b"x"))

    assert answer.status == 201
    assert kept() == [("left.jpg", b"x", False)]


@pytest.mark.row("SB28")
def test_other_bytes_under_the_same_name_stand_beside_the_first(device: Device) -> None:
    xml = filled(photo="a.jpg")

    first = device.give(xml, Outgoing("a.jpg", b"first"))
    second = device.give(xml, Outgoing("a.jpg", b"second"))

    assert statuses(first, second) == [201, 201]
    assert kept() == [("a.jpg", b"first", True), ("a.jpg", b"second", True)]


@pytest.mark.row("SB30")
def test_the_audit_log_is_a_file_that_is_waited_for(device: Device) -> None:
    xml = filled().replace(b"</meta>", b"<audit>audit.csv</audit></meta>")

    without = device.give(xml)
    with_it = device.give(xml, Outgoing("audit.csv", b"event,node", "text/csv"))

    assert statuses(without, with_it) == [201, 201]
    assert "1" in without.message
    assert without.message != with_it.message
    assert kept() == [("audit.csv", b"event,node", True)]


@pytest.mark.row("SB39")
def test_the_same_id_in_another_form_is_another_record(device: Device, project: Project) -> None:
    publish(project, form_id="other")

    answers = [device.give(filled()), device.give(filled(form_id="other"))]

    assert statuses(*answers) == [201, 201]
    assert Submission.objects.count() == 2


@pytest.mark.row("SB40")
def test_without_an_id_the_same_bytes_are_the_same_record(device: Device) -> None:
    answers = [
        device.give(filled("")),
        device.give(filled("")),
        device.give(filled("", head="Mai")),
    ]

    assert statuses(*answers) == [201, 201, 201]
    assert Submission.objects.count() == 2


@pytest.mark.row("SB49")
def test_what_was_answered_is_committed_and_what_was_not_heard_is_sent_again(
    device: Device,
) -> None:
    """Another connection to the database sees it the moment the phone may delete its copy."""
    unheard = filled("uuid:2")
    device.give(filled("uuid:1"))
    seen_at_once = SubmissionVersion.objects.count()

    device.hang_up_after(len(multipart(unheard, ())[0]), unheard)
    deadline = time.monotonic() + 20
    while SubmissionVersion.objects.count() < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    again = device.give(unheard)

    assert seen_at_once == 1
    assert again.status == 201
    assert SubmissionVersion.objects.count() == 2


@pytest.mark.row("ED04")
def test_an_edit_under_the_id_of_another_record_is_409_and_kept(device: Device) -> None:
    edit = filled("uuid:2", head="Mai", deprecated_id="uuid:1")
    device.give(filled("uuid:1"))
    device.give(filled("uuid:2"))

    answer = device.give(edit)

    assert (answer.status, answer.nature) == (409, "submission.id_taken")
    assert answer.message
    assert bytes(Quarantined.objects.get().xml) == edit


@pytest.mark.row("ED06")
def test_an_edit_that_sends_one_of_two_files_has_both(device: Device) -> None:
    names = {"photo": "a.jpg", "other": "b.jpg"}
    device.give(filled("uuid:1", **names), Outgoing("a.jpg", b"1"), Outgoing("b.jpg", b"2"))

    edit = filled("uuid:2", deprecated_id="uuid:1", **names)
    answer = device.give(edit, Outgoing("b.jpg", b"new"))

    assert answer.status == 201
    assert kept("uuid:2") == [("a.jpg", b"1", True), ("b.jpg", b"new", True)]
    assert kept("uuid:1") == [("a.jpg", b"1", True), ("b.jpg", b"2", True)]


@pytest.mark.row("ED07")
def test_the_missing_file_of_an_edit_comes_in_another_post(device: Device) -> None:
    edit = filled("uuid:2", photo="a.jpg", deprecated_id="uuid:1")
    device.give(filled("uuid:1"))

    answers = [device.give(edit), device.give(edit, Outgoing("a.jpg", b"x"))]

    assert statuses(*answers) == [201, 201]
    assert kept("uuid:2") == [("a.jpg", b"x", True)]
    assert SubmissionVersion.objects.count() == 2
