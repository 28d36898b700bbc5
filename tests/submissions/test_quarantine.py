"""What is refused is kept all the same, until a person decides."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import Settings

from server import blobs
from server.errors import Problem
from server.forms.models import FormVersion
from server.projects.models import AppUser, Project
from server.submissions.intake import Sender, SentFile, receive
from server.submissions.models import Quarantined, Submission
from server.submissions.problems import (
    EditOutdated,
    FormUnknown,
    InstanceConflict,
    OriginalUnknown,
    QuarantineFull,
    VersionUnknown,
)
from tests.submissions.builders import encrypted, filled, photo, send

pytestmark = pytest.mark.usefixtures("visit")

ONE_PHOTO = "<photo>1.jpg</photo>"


def refused(project: Project, problem: type[Problem], xml: bytes, *files: SentFile) -> None:
    with pytest.raises(problem):
        send(project, xml, *files)


@pytest.mark.parametrize(
    ("xml", "problem", "reason"),
    [
        (filled(form_id="elsewhere"), FormUnknown, "form_unknown"),
        (filled(version="99"), VersionUnknown, "version_unknown"),
        (filled(deprecated_id="uuid:never"), OriginalUnknown, "original_unknown"),
    ],
)
def test_what_has_no_place_here_is_kept_whole(
    project: Project, xml: bytes, problem: type[Problem], reason: str
) -> None:
    refused(project, problem, xml, photo("1.jpg", b"of it"))

    kept = Quarantined.objects.get()
    assert (kept.reason, bytes(kept.xml), kept.device_id) == (reason, xml, "collect:abc")
    assert [file["name"] for file in kept.files] == ["1.jpg"]
    assert blobs.open_blob(kept.files[0]["sha256"]).read() == b"of it"
    assert Submission.objects.count() == 0


def test_a_withdrawn_form_is_an_unknown_one(project: Project, visit: FormVersion) -> None:
    visit.form.deleted_at = timezone.now()
    visit.form.save()

    refused(project, FormUnknown, filled())

    assert Quarantined.objects.get().reason == "form_unknown"


def test_an_edit_of_what_was_edited_since_is_kept(project: Project) -> None:
    send(project, filled("uuid:a"))
    send(project, filled("uuid:b", deprecated_id="uuid:a"))

    refused(project, EditOutdated, filled("uuid:c", deprecated_id="uuid:a"))

    kept = Quarantined.objects.get()
    assert (kept.reason, kept.instance_id, kept.deprecated_id) == (
        "edit_outdated",
        "uuid:c",
        "uuid:a",
    )


def test_the_same_again_with_its_other_photo_is_one_row(project: Project) -> None:
    xml = filled(form_id="elsewhere")
    refused(project, FormUnknown, xml, photo("1.jpg", b"1"))

    refused(project, FormUnknown, xml, photo("1.jpg", b"1"), photo("2.jpg", b"22"))

    kept = Quarantined.objects.get()
    assert [file["name"] for file in kept.files] == ["1.jpg", "2.jpg"]
    assert kept.size == len(xml) + 3


def test_what_stands_beside_an_encrypted_instance_of_an_unknown_form_is_not_kept(
    project: Project,
) -> None:
    xml = encrypted().replace(b'id="visit"', b'id="elsewhere"')

    refused(project, FormUnknown, xml, photo("a.jpg.enc"), photo("a.jpg", b"plain"))

    assert [file["name"] for file in Quarantined.objects.get().files] == ["a.jpg.enc"]


def test_an_id_of_a_stranger_longer_than_its_column_is_cut(project: Project) -> None:
    refused(project, FormUnknown, filled(form_id="x" * 5000, version="9" * 5000))

    kept = Quarantined.objects.get()
    assert (kept.form_id, kept.version) == ("x" * 255, "9" * 255)


def test_a_device_cannot_fill_the_disk_with_what_nobody_wants(
    project: Project, settings: Settings
) -> None:
    settings.QUARANTINE_BYTES = 1_000_000
    big = b"x" * 600_000
    refused(project, FormUnknown, filled("uuid:a", form_id="elsewhere"), photo("1.jpg", big))

    other = photo("1.jpg", big + b"y")
    refused(project, FormUnknown, filled("uuid:b", form_id="elsewhere"), other)

    assert Quarantined.objects.get().instance_id == "uuid:a"
    assert not blobs.exists(blobs.measure(other.file).sha256)


def test_small_things_without_end_are_too_much_as_well(
    project: Project, settings: Settings
) -> None:
    settings.QUARANTINE_BYTES = 25_000

    for number in range(4):
        refused(project, FormUnknown, filled(f"uuid:{number}", form_id="elsewhere"))

    assert Quarantined.objects.count() == 2


def test_a_conflict_that_is_not_kept_is_not_said_to_be(
    project: Project, settings: Settings
) -> None:
    settings.QUARANTINE_BYTES = 100
    send(project, filled())

    refused(project, QuarantineFull, filled(body="<head>Mai</head>"))

    assert Quarantined.objects.count() == 0


def test_another_device_has_room_of_its_own(project: Project, settings: Settings) -> None:
    settings.QUARANTINE_BYTES = 15_000
    refused(project, FormUnknown, filled("uuid:a", form_id="elsewhere"))
    other = AppUser.objects.create(project=project, display_name="Lan", token_sha256="0" * 64)

    with pytest.raises(FormUnknown):
        receive(filled("uuid:b", form_id="elsewhere"), [], Sender(project.pk, other, "", ""))

    assert Quarantined.objects.count() == 2


def test_what_is_decided_takes_no_room_and_nothing_more(
    project: Project, settings: Settings
) -> None:
    settings.QUARANTINE_BYTES = 15_000
    xml = filled("uuid:a", form_id="elsewhere")
    refused(project, FormUnknown, xml)
    Quarantined.objects.update(decision="reject", decided_at=timezone.now())

    refused(project, FormUnknown, xml, photo("1.jpg"))
    refused(project, FormUnknown, filled("uuid:b", form_id="elsewhere"))

    assert [row.files for row in Quarantined.objects.order_by("pk")] == [[], []]


def test_a_conflict_is_kept_before_it_is_refused(project: Project) -> None:
    send(project, filled())

    refused(project, InstanceConflict, filled(body=ONE_PHOTO), photo("1.jpg"))

    assert [file["name"] for file in Quarantined.objects.get().files] == ["1.jpg"]
