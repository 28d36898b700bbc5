"""Files sent with an instance, in one post or in many (openrosa.md §4.7, SB20 to SB30)."""

from __future__ import annotations

import unicodedata

import pytest

from server import blobs
from server.blobs import StorageFull
from server.projects.models import Project
from server.submissions.intake import SentFile
from server.submissions.models import Submission, SubmissionAttachment
from tests.blobs.full_disk import FullAfter
from tests.submissions.builders import encrypted, filled, photo, send

pytestmark = pytest.mark.usefixtures("visit")

TWO_PHOTOS = "<photo>1.jpg</photo><photos><more>2.jpg</more></photos>"


def kept() -> list[tuple[str, bytes, bool]]:
    """Return what is stored: name, bytes, and whether the XML names it, in order of arrival."""
    return [
        (file.name, blobs.open_blob(file.sha256).read(), file.is_expected)
        for file in SubmissionAttachment.objects.order_by("pk")
    ]


def test_files_that_the_xml_names_are_kept_with_their_type(project: Project) -> None:
    receipt = send(project, filled(body=TWO_PHOTOS), photo("1.jpg", b"one"), photo("2.jpg", b"two"))

    assert kept() == [("1.jpg", b"one", True), ("2.jpg", b"two", True)]
    assert {file.content_type for file in SubmissionAttachment.objects.all()} == {"image/jpeg"}
    assert receipt.missing == ()


@pytest.mark.parametrize("declared", ["", "image", "image/jpeg\r\nX-Header: 1", "\0/\0", "ảnh/jpg"])
def test_a_file_without_a_sound_type_gets_the_one_of_its_ending(
    project: Project, declared: str
) -> None:
    send(project, filled(body=TWO_PHOTOS), photo("1.jpg", content_type=declared))

    assert SubmissionAttachment.objects.get().content_type == "image/jpeg"


def test_files_still_to_come_are_named_in_the_order_of_the_form(project: Project) -> None:
    receipt = send(project, filled(body=TWO_PHOTOS))

    assert receipt.missing == ("1.jpg", "2.jpg")


def test_the_second_post_of_a_split_completes_the_first(project: Project) -> None:
    xml = filled(body=TWO_PHOTOS)
    first = send(project, xml, photo("1.jpg", b"one"))

    second = send(project, xml, photo("2.jpg", b"two"))

    assert (first.missing, second.missing) == (("2.jpg",), ())
    assert second.submission_id == first.submission_id
    assert kept() == [("1.jpg", b"one", True), ("2.jpg", b"two", True)]


def test_a_file_that_comes_later_renews_the_debt(project: Project) -> None:
    xml = filled(body=TWO_PHOTOS)
    send(project, xml)
    Submission.objects.update(derive_owed_at=None, derive_attempts=3)

    receipt = send(project, xml, photo("1.jpg"))

    owed = Submission.objects.owed().get()
    assert (owed.pk, owed.derive_attempts) == (receipt.submission_id, 0)


def test_the_same_name_with_other_bytes_is_kept_beside_the_first(project: Project) -> None:
    xml = filled(body=TWO_PHOTOS)
    send(project, xml, photo("1.jpg", b"first"))

    send(project, xml, photo("1.jpg", b"second"))

    assert kept() == [("1.jpg", b"first", True), ("1.jpg", b"second", True)]


def test_two_names_with_the_same_bytes_are_two_files(project: Project) -> None:
    send(project, filled(body=TWO_PHOTOS), photo("1.jpg", b"x"), photo("2.jpg", b"x"))

    assert kept() == [("1.jpg", b"x", True), ("2.jpg", b"x", True)]


def test_the_same_part_twice_in_a_post_is_one_file(project: Project) -> None:
    send(project, filled(body=TWO_PHOTOS), photo("1.jpg", b"x"), photo("1.jpg", b"x"))

    assert kept() == [("1.jpg", b"x", True)]


def test_one_name_that_two_questions_give_is_expected_once(project: Project) -> None:
    receipt = send(project, filled(body="<photo>1.jpg</photo><g><paper>1.jpg</paper></g>"))

    assert receipt.missing == ("1.jpg",)


def test_a_file_that_nothing_names_is_kept_and_marked(project: Project) -> None:
    send(project, filled(), photo("leftover.jpg", b"x"))

    assert kept() == [("leftover.jpg", b"x", False)]


def test_the_audit_log_is_expected_where_the_instance_names_it(project: Project) -> None:
    xml = filled().replace(b"</orx:meta>", b"<orx:audit>audit.csv</orx:audit></orx:meta>")

    receipt = send(project, xml, photo("audit.csv", b"event,node", "text/csv"))

    assert receipt.missing == ()
    assert kept() == [("audit.csv", b"event,node", True)]


def test_an_empty_file_is_a_file(project: Project) -> None:
    receipt = send(project, filled(body="<photo>1.jpg</photo>"), photo("1.jpg", b""))

    assert receipt.missing == ()


@pytest.mark.parametrize(
    "name",
    [
        "ảnh chụp.jpg",
        "ภาพถ่าย.jpg",
        "صورة.jpg",
        "📷.jpg",
        "../../etc/passwd",
        "C:\\Windows\\win.ini",
        "a\u202egpj.exe",
        "CON",
        "&amp; <b>",
        "x" * 300,
    ],
)
def test_any_name_is_text_and_matches_what_the_xml_says(project: Project, name: str) -> None:
    escaped = name.replace("&", "&amp;").replace("<", "&lt;")

    receipt = send(project, filled(body=f"<photo>{escaped}</photo>"), photo(name, b"x"))

    assert receipt.missing == ()
    assert kept() == [(name[:255], b"x", True)]


def test_a_name_composed_otherwise_than_in_the_xml_is_the_same_name(project: Project) -> None:
    composed = "ảnh.jpg"
    apart = unicodedata.normalize("NFD", composed)

    receipt = send(project, filled(body=f"<photo>{apart}</photo>"), photo(composed, b"x"))

    assert receipt.missing == ()
    assert kept() == [(apart, b"x", True)]


def test_a_name_that_the_database_cannot_hold_is_cleaned(project: Project) -> None:
    send(project, filled(), photo("a\0b\ud800.jpg", b"x"))

    assert kept() == [("a\N{REPLACEMENT CHARACTER}b?.jpg", b"x", False)]


def test_the_files_of_an_encrypted_instance_are_expected_in_its_order(project: Project) -> None:
    receipt = send(project, encrypted(), photo("a.jpg.enc"))

    assert receipt.missing == ("b.jpg.enc", "submission.xml.enc")
    version = Submission.objects.select_related("current_version").get().current_version
    assert version is not None
    assert version.is_encrypted
    assert version.expected_files == ["b.jpg.enc", "a.jpg.enc", "submission.xml.enc"]
    assert bytes(version.xml) == encrypted()


def test_plain_text_beside_an_encrypted_instance_is_not_stored(project: Project) -> None:
    plain = photo("submission.xml", b"<data>what was to be secret</data>")

    send(project, encrypted(), photo("a.jpg.enc"), plain)

    assert [name for name, _, _ in kept()] == ["a.jpg.enc"]
    assert not blobs.exists(blobs.measure(plain.file).sha256)


def test_a_full_disk_is_told_before_anything_is_recorded(project: Project) -> None:
    sent = SentFile("1.jpg", FullAfter(b"x" * 200_000, 100_000), "image/jpeg")

    with pytest.raises(StorageFull):
        send(project, filled(body="<photo>1.jpg</photo>"), sent)

    assert not Submission.objects.exists()
