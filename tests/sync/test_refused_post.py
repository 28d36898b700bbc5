"""A post that is not whole, or no post at all: refused in OpenRosa's words, without a trace.

openrosa.md §4.5, §10.4 and the rows of SB named below.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from server.projects.models import Project
from server.submissions.models import Quarantined, Submission
from tests.device import Device, Outgoing, multipart
from tests.sync.published import filled, publish

XML_PART = (
    b'Content-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n'
    b"Content-Type: text/xml\r\n\r\n"
)


@pytest.fixture(autouse=True)
def household(project: Project) -> None:
    publish(project)


def spooled() -> list[Path]:
    return list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


@pytest.mark.row("SB07")
def test_no_xml_part_is_400(device: Device) -> None:
    answer = device.give_parts(
        b'Content-Disposition: form-data; name="1.jpg"; filename="1.jpg"\r\n\r\nphoto'
    )

    assert (answer.status, answer.nature) == (400, "envelope.xml_missing")
    assert "xml_submission_file" in answer.message


def test_two_xml_parts_are_400_and_nothing_is_stored(device: Device) -> None:
    answer = device.give_parts(XML_PART + filled("uuid:1"), XML_PART + filled("uuid:2"))

    assert (answer.status, answer.nature) == (400, "envelope.xml_twice")
    assert Submission.objects.count() == 0


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/xml", filled()),
        ("application/json", b"{}"),
        ("multipart/form-data", b"--b--"),
        ("multipart/form-data; boundary=", b"--b--"),
        ("multipart/mixed; boundary=b", b"--b--"),
        ("application/x-www-form-urlencoded", b"a=b"),
    ],
)
def test_a_body_that_is_no_multipart_form_is_400_in_openrosas_words(
    device: Device, content_type: str, body: bytes
) -> None:
    """SB07, SB09: Central answers JSON here, and the phone shows nothing."""
    answer = device.post(body, content_type)

    assert (answer.status, answer.nature) == (400, "envelope.not_multipart")


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Type: text/xml\r\n\r\n<data/>",
        b'Content-Disposition: form-data; name="a\xff.jpg"; filename="a"\r\n\r\nx',
        b'Content-Disposition: form-data; name="a\0.jpg"; filename="a"\r\n\r\nx',
    ],
)
def test_a_part_that_cannot_be_named_is_400_and_nothing_is_stored(
    device: Device, part: bytes
) -> None:
    """T6, §11: Central answers 500 here."""
    answer = device.give_parts(XML_PART + filled(), part)

    assert (answer.status, answer.nature) == (400, "envelope.malformed")
    assert Submission.objects.count() == 0


def test_a_post_without_any_body_is_400(device: Device) -> None:
    assert device.post(b"", "multipart/form-data; boundary=b").nature == "envelope.cut"


@pytest.mark.row("SB09")
@pytest.mark.trap(4)
def test_a_body_without_its_last_boundary_is_400_and_leaves_no_trace(device: Device) -> None:
    """SB09: Django by itself would store the form without its photo and say 201."""
    body, content_type = multipart(filled(photo="1.jpg"), [Outgoing("1.jpg", b"x" * 200_000)])

    answer = device.post(body[:-60], content_type)

    assert (answer.status, answer.nature) == (400, "envelope.cut")
    assert (Submission.objects.count(), Quarantined.objects.count()) == (0, 0)
    assert spooled() == []


@pytest.mark.row("SB35")
@pytest.mark.trap(4)
def test_a_body_shorter_than_it_promised_leaves_no_trace(device: Device) -> None:
    """SB35: the line breaks at 20 places of the body."""
    xml = filled(photo="1.jpg")
    size = len(multipart(xml, [Outgoing("1.jpg", b"x" * 200_000)])[0])

    for count in range(0, size, size // 20):
        device.hang_up_after(count, xml, Outgoing("1.jpg", b"x" * 200_000))

    assert device.fetch("submission", method="HEAD").status == 204
    assert Submission.objects.count() == 0
    assert spooled() == []


def test_a_content_length_that_lies_is_400(device: Device) -> None:
    """T6: the rest of the body then looks like another request, and is none."""
    body, content_type = multipart(filled(), [])

    answer = device.give_promising(len(body) - 10, body, content_type)

    assert (answer.status, answer.nature) == (400, "envelope.cut")
    assert Submission.objects.count() == 0


@pytest.mark.row("SB37")
def test_a_body_larger_than_allowed_is_413(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAX_POST_BYTES", 1_000_000)

    answer = device.give(filled(photo="1.jpg"), Outgoing("1.jpg", b"x" * 1_000_001))

    assert (answer.status, answer.nature) == (413, "envelope.too_large")
    assert spooled() == []


def test_an_instance_larger_than_allowed_is_413(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MAX_XML_BYTES", 10_000)

    answer = device.give(filled(head="x" * 10_001))

    assert (answer.status, answer.nature) == (413, "xml.too_large")


def test_ten_thousand_parts_are_413(device: Device) -> None:
    """T6."""
    part = b'Content-Disposition: form-data; name="a"\r\n\r\n'

    answer = device.give_parts(XML_PART + filled(), *[part] * 10_000)

    assert (answer.status, answer.nature) == (413, "envelope.too_many_parts")
    assert Submission.objects.count() == 0


def test_large_parts_are_spooled_where_the_settings_say(
    device: Device, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    answer = device.give(filled(photo="1.jpg"), Outgoing("1.jpg", b"x" * 1_100_000))

    assert (answer.status, answer.nature) == (500, "server.error")
