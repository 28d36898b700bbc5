"""HEAD and POST of a submission: openrosa.md §4, rows HD and SB; what the edge adds to intake."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.utils import timezone

from server import blobs
from server.forms.models import Form, FormState
from server.inspections.models import Inspection
from server.projects import accounts
from server.projects.models import AppUser, Project
from server.submissions.models import (
    Quarantined,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from tests.device import Device, Outgoing, ServerRefused, multipart
from tests.sync.published import filled, publish

XML_PART = (
    b'Content-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n'
    b"Content-Type: text/xml\r\n\r\n"
)
PHOTO = Outgoing("1.jpg", b"\xff\xd8photo")


@pytest.fixture(autouse=True)
def household(project: Project) -> None:
    publish(project)


def attachments() -> dict[str, bytes]:
    return {a.name: blobs.open_blob(a.sha256).read() for a in SubmissionAttachment.objects.all()}


@pytest.mark.row("HD01", "HD02", "HD07")
@pytest.mark.trap(11)
def test_head_says_how_much_may_be_sent(device: Device) -> None:
    answer = device.fetch("submission", method="HEAD")

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["x-openrosa-version"] == "1.0"
    assert answer.headers["x-openrosa-accept-content-length"] == "5000000"
    assert "date" in answer.headers and "location" not in answer.headers


@pytest.mark.row("HD03", "HD04", "HD05")
def test_head_refuses_as_post_would(device: Device, project: Project, base_url: str) -> None:
    no_key = f"{base_url}/v1/projects/{project.pk}/submission"
    bad_key = f"{base_url}/v1/key/{'x' * 64}/projects/{project.pk}/submission"

    answers = [
        device.fetch("submission", {"X-OpenRosa-Version": ""}, "HEAD"),
        device.fetch(no_key, method="HEAD"),
        device.fetch(bad_key, method="HEAD"),
    ]

    assert [answer.status for answer in answers] == [400, 401, 403]


@pytest.mark.row("SB01", "SB02", "SB03")
def test_a_submission_is_201_with_a_sentence_to_show(device: Device) -> None:
    answer = device.give(filled())

    assert (answer.status, answer.message, answer.nature) == (201, "Đã nhận đủ phiếu.", "")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.headers["x-openrosa-version"] == "1.0"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.row("AU01", "SB01", "SB17", "SB20")
def test_it_is_stored_byte_for_byte_with_who_and_what_sent_it(
    device: Device, project: Project
) -> None:
    xml = filled(photo="1.jpg")

    device.give(xml, PHOTO)

    stored = SubmissionVersion.objects.select_related("app_user").get()
    assert bytes(stored.xml) == xml
    assert stored.app_user is not None and stored.app_user.display_name == "Chị Lan"
    assert stored.device_id == device.device_id
    assert stored.user_agent.startswith("org.odk.collect.android/v2026.3.4 ")
    assert attachments() == {"1.jpg": PHOTO.content}


def test_its_meaning_is_derived_in_the_same_request(device: Device) -> None:
    device.give(filled())

    assert Inspection.objects.count() == 1
    assert Submission.objects.get().derive_owed_at is None


@pytest.mark.row("SB03", "SB24", "SB25")
def test_missing_photos_are_told_and_may_come_later(device: Device) -> None:
    xml = filled(photo="1.jpg", other="2.jpg")

    first = device.give(xml)
    second = device.give(xml, PHOTO)
    third = device.give(xml, Outgoing("2.jpg", b"two"))

    assert [answer.message for answer in (first, second, third)] == [
        "Đã nhận phiếu, còn 2 ảnh chưa nhận.",
        "Đã nhận phiếu, còn 1 ảnh chưa nhận.",
        "Đã nhận đủ phiếu.",
    ]
    assert [answer.status for answer in (first, second, third)] == [201, 201, 201]
    assert Submission.objects.count() == 1


@pytest.mark.row("SB27")
def test_the_same_again_is_201_and_nothing_more(device: Device) -> None:
    xml = filled(photo="1.jpg")

    answers = [device.give(xml, PHOTO), device.give(xml, PHOTO)]

    assert [answer.status for answer in answers] == [201, 201]
    assert (Submission.objects.count(), SubmissionAttachment.objects.count()) == (1, 1)


@pytest.mark.row("SB04", "SB26")
def test_the_same_id_with_other_content_is_409_and_both_are_kept(device: Device) -> None:
    device.give(filled(head="Lan"))

    answer = device.give(filled(head="Mai"))

    assert (answer.status, answer.nature) == (409, "submission.conflict")
    assert "Cả hai bản đều được giữ" in answer.message
    assert bytes(SubmissionVersion.objects.get().xml) == filled(head="Lan")
    assert bytes(Quarantined.objects.get().xml) == filled(head="Mai")


@pytest.mark.row("SB29")
@pytest.mark.trap(15)
def test_twenty_equal_posts_at_once_are_one_submission(device: Device, project: Project) -> None:
    xml = filled(photo="1.jpg")
    phones = [Device(device.server_url) for _ in range(20)]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda phone: phone.give(xml, PHOTO), phones))

    assert [answer.status for answer in answers] == [201] * 20
    assert (Submission.objects.count(), SubmissionAttachment.objects.count()) == (1, 1)


@pytest.mark.row("SB31")
@pytest.mark.trap(1)
def test_a_hundred_and_one_files_come_in_one_post(device: Device) -> None:
    """SB31: Django by itself refuses more than a hundred."""
    files = [Outgoing(f"{number}.jpg", b"%d" % number) for number in range(101)]

    answer = device.give(filled(), *files)

    assert answer.status == 201
    assert len(attachments()) == 101


@pytest.mark.row("HD06", "SB31", "SB32")
@pytest.mark.trap(6)
def test_a_hundred_and_fifty_photos_come_in_two_posts(device: Device) -> None:
    files = [Outgoing(f"{number}.jpg", b"%d" % number) for number in range(150)]

    answer = device.send(filled(photo="149.jpg"), files)

    assert answer.message == "Đã nhận đủ phiếu."
    assert len(attachments()) == 150
    assert "*isIncomplete*" not in attachments()


@pytest.mark.row("HD06")
@pytest.mark.trap(3, 19)
def test_collect_splits_at_the_advertised_size(device: Device) -> None:
    """HD06: a photo larger than the limit comes alone, and is taken."""
    files = [Outgoing(f"{n}.jpg", bytes([n]) * 2_000_000) for n in range(3)]
    files.append(Outgoing("big.jpg", b"b" * 6_000_000))

    answer = device.send(filled(photo="big.jpg"), files)

    assert answer.status == 201
    assert {name: len(content) for name, content in attachments().items()} == {
        "0.jpg": 2_000_000,
        "1.jpg": 2_000_000,
        "2.jpg": 2_000_000,
        "big.jpg": 6_000_000,
    }


@pytest.mark.row("SB36")
@pytest.mark.trap(2)
def test_a_chunked_post_is_read_in_full(device: Device) -> None:
    answer = device.give_chunked(filled(photo="1.jpg"), Outgoing("1.jpg", b"x" * 50_000))

    assert answer.status == 201
    assert attachments() == {"1.jpg": b"x" * 50_000}


@pytest.mark.row("SB33")
@pytest.mark.trap(6)
def test_a_field_of_enketos_between_the_parts_is_tolerated(device: Device) -> None:
    answer = device.give_parts(
        XML_PART + filled(photo="1.jpg"),
        b'Content-Disposition: form-data; name="__csrf"\r\n\r\ntoken',
        b'Content-Disposition: form-data; name="1.jpg"; filename="1.jpg"\r\n\r\nphoto',
    )

    assert answer.status == 201
    assert attachments() == {"1.jpg": b"photo"}


@pytest.mark.row("SB20")
@pytest.mark.trap(5)
def test_the_part_name_counts_and_not_the_file_name(device: Device) -> None:
    """SB20, §4.3."""
    device.give_parts(
        XML_PART + filled(photo="1.jpg"),
        b'Content-Disposition: form-data; name="1.jpg"; filename="C:\\x\\other.jpg"\r\n\r\nphoto',
    )

    assert attachments() == {"1.jpg": b"photo"}


@pytest.mark.row("SB21")
@pytest.mark.parametrize(
    "name", ["ảnh chụp.jpg", "👩‍🌾.jpg", "../../etc/passwd", "a\u202egpj.exe", 'a"b.jpg']
)
def test_a_file_keeps_its_name_whatever_it_is(device: Device, name: str) -> None:
    """SB21, T7."""
    device.give(filled(photo=name), Outgoing(name, b"x"))

    assert attachments() == {name: b"x"}


@pytest.mark.row("ED02", "SB04", "SB06", "SB08", "SB10", "SB14", "SB44")
@pytest.mark.parametrize(
    ("xml", "status", "nature"),
    [
        (b"", 400, "xml.malformed"),
        (b"not xml", 400, "xml.malformed"),
        (filled()[:-9], 400, "xml.malformed"),
        (b"<data/>", 400, "submission.form_id_missing"),
        (b'<!DOCTYPE d [<!ENTITY x "y">]>' + filled(), 400, "xml.doctype"),
        (b"<a>" * 5000, 400, "xml.too_complex"),
        (filled(form_id="nowhere"), 404, "submission.form_unknown"),
        (filled(version="9"), 404, "submission.version_unknown"),
        (filled(deprecated_id="uuid:0"), 404, "submission.original_unknown"),
    ],
)
def test_a_form_that_cannot_be_taken_is_refused_in_openrosas_words(
    device: Device, xml: bytes, status: int, nature: str
) -> None:
    answer = device.give(xml)

    assert (answer.status, answer.nature) == (status, nature)
    assert answer.message
    assert Submission.objects.count() == 0


@pytest.mark.row("SB12")
def test_a_closed_form_takes_nothing_new(device: Device) -> None:
    Form.objects.update(state=FormState.CLOSED)

    answer = device.give(filled())

    assert (answer.status, answer.nature) == (409, "submission.form_closed")


@pytest.mark.row("SB13")
def test_a_closing_form_still_takes(device: Device) -> None:
    Form.objects.update(state=FormState.CLOSING)

    assert device.give(filled()).status == 201


@pytest.mark.row("SB15")
def test_an_older_version_is_taken(device: Device, project: Project) -> None:
    publish(project, version="2")

    device.give(filled(version="1"))

    assert SubmissionVersion.objects.get().form_version.version == "1"


@pytest.mark.row("SB38")
def test_a_deleted_submission_does_not_come_back(device: Device) -> None:
    device.give(filled())
    Submission.objects.update(deleted_at=timezone.now())

    assert device.give(filled()).nature == "submission.deleted"


@pytest.mark.row("ED01")
def test_an_edit_becomes_the_current_version(device: Device) -> None:
    device.give(filled("uuid:1", head="Lan"))

    answer = device.give(filled("uuid:2", head="Mai", deprecated_id="uuid:1"))

    submission = Submission.objects.select_related("current_version").get()
    assert answer.status == 201
    assert submission.instance_id == "uuid:1"
    assert submission.current_version is not None
    assert submission.current_version.instance_id == "uuid:2"


@pytest.mark.row("ED03")
def test_an_edit_of_an_outdated_version_is_409(device: Device) -> None:
    device.give(filled("uuid:1"))
    device.give(filled("uuid:2", deprecated_id="uuid:1"))

    answer = device.give(filled("uuid:3", deprecated_id="uuid:1"))

    assert (answer.status, answer.nature) == (409, "submission.edit_outdated")


def test_a_form_of_another_project_is_unknown_here(device: Device) -> None:
    publish(accounts.create_project("Khác"), form_id="theirs")

    assert device.give(filled(form_id="theirs")).nature == "submission.form_unknown"


@pytest.mark.row("SB17", "SB18")
@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("", ""),
        ("deviceID=", ""),
        ("deviceID=a%00b", "a\ufffdb"),
        ("deviceID=" + "x" * 300, "x" * 255),
    ],
)
def test_what_the_device_calls_itself_is_kept_if_it_fits(
    device: Device, query: str, stored: str
) -> None:
    body, content_type = multipart(filled(), [])
    device.device_id = ""

    device.ask("POST", f"{device.server_url}/submission?{query}", body, content_type)

    assert SubmissionVersion.objects.get().device_id == stored


@pytest.mark.row("SB19")
def test_a_web_form_names_itself_before_the_browser(device: Device) -> None:
    body, content_type = multipart(filled(), [])
    headers = {"ODK-Client": "web-forms/1", "User-Agent": "Mozilla/" + "x" * 300}

    device.ask("POST", f"{device.server_url}/submission", body, content_type, headers)

    agent = SubmissionVersion.objects.get().user_agent
    assert agent.startswith("web-forms/1 Mozilla/") and len(agent) == 255


@pytest.mark.row("HD08")
def test_a_revoked_phone_is_told_so(device: Device) -> None:
    accounts.revoke_app_user(AppUser.objects.get().pk)

    with pytest.raises(ServerRefused, match="thu hồi"):
        device.send(filled())
