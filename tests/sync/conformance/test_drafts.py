"""Drafts on a phone before they are published: openrosa.md §4.10, rows FD07, FD08, SB45-SB48."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from server.forms import drafts
from server.forms.models import Draft, Form, FormState, FormVersion
from server.forms.problems import WorkbookRefused
from server.inspections.models import Inspection
from server.projects.models import Project
from server.submissions.models import DraftSubmission, Quarantined, Submission
from tests.builders import workbook
from tests.device import Device, Outgoing
from tests.sync.conformance.conftest import Drafted, book, publish_book
from tests.sync.published import filled, md5

PHOTO = Outgoing("1.jpg", b"\xff\xd8photo")


def statuses(phone: Device) -> list[int]:
    """Ask a draft's address for everything there is below it."""
    address = phone.server_url.rpartition("/")
    return [
        phone.fetch("formList").status,
        phone.fetch("manifest").status,
        phone.fetch(f"{address[0]}/draft.xml").status,
        phone.fetch("attachments/guide.png").status,
        phone.fetch("submission", method="HEAD").status,
        phone.give(filled("uuid:asked", version="9")).status,
    ]


@pytest.mark.row("FD07")
def test_a_phone_sets_itself_up_with_a_draft_and_nothing_but_its_address(drafted: Drafted) -> None:
    phone = drafted(media={"guide.png": b"\x89PNG"})

    [form] = phone.forms()

    assert (form.form_id, form.name, form.version) == ("household", "Hộ gia đình", "9")
    assert form.download_url == f"{phone.server_url}.xml"
    assert form.manifest_url == f"{phone.server_url}/manifest"
    assert phone.manifest(form)["guide.png"] == (
        md5(b"\x89PNG"),
        f"{phone.server_url}/attachments/guide.png",
    )
    assert phone.match_exactly() == ["household"]
    assert md5(phone.held["household", "9"].xform) == form.md5


@pytest.mark.row("FD08", "SB46")
def test_a_made_up_token_opens_nothing(drafted: Drafted) -> None:
    phone = drafted()
    token = phone.server_url.split("/test/")[1].split("/")[0]
    stranger = Device(phone.server_url.replace(token, "x" * len(token)))

    assert statuses(stranger) == [404] * 6
    assert stranger.fetch("formList").nature == "form.draft_unknown"
    assert "mã QR mới" in stranger.fetch("formList").message
    stranger.close()


@pytest.mark.row("FD08")
def test_a_token_opens_no_other_form_and_no_other_project(
    drafted: Drafted, project: Project
) -> None:
    phone = drafted()

    elsewhere = [
        phone.fetch(f"{phone.server_url}/formList".replace(old, new)).status
        for old, new in (
            ("/forms/household/", "/forms/other/"),
            (f"/projects/{project.pk}/", f"/projects/{project.pk + 1}/"),
        )
    ]

    assert elsewhere == [404, 404]


@pytest.mark.row("FD08", "SB46", "SB48")
def test_a_published_draft_is_gone_with_all_that_was_sent_to_it(
    drafted: Drafted, device: Device, project: Project
) -> None:
    phone = drafted("9", media={"guide.png": b"x"})
    assert phone.give(filled(version="9")).status == 201

    publish_book(project, "9")

    assert statuses(phone) == [404] * 6
    assert DraftSubmission.objects.living().count() == 0
    assert DraftSubmission.objects.count() == 1
    assert Submission.objects.count() == 0
    assert device.give(filled(version="9")).status == 201


@pytest.mark.row("FD08", "SB46", "SY14")
def test_a_replaced_draft_is_gone_and_the_new_one_has_an_address_of_its_own(
    drafted: Drafted,
) -> None:
    old = drafted(media={"guide.png": b"x"})
    old.give(filled(version="9"))

    new = drafted(media={"guide.png": b"x"})

    assert statuses(old) == [404] * 6
    assert DraftSubmission.objects.living().count() == 0
    assert new.server_url != old.server_url
    assert new.match_exactly() == ["household"]


def test_a_phone_that_goes_on_trying_an_ended_draft_is_told_so_each_time(
    drafted: Drafted, settings: Settings
) -> None:
    settings.THROTTLE_TRIES = 3
    old = drafted()
    drafted()

    natures = [old.fetch("formList").nature for _ in range(5)]

    assert natures == ["form.draft_unknown"] * 5


@pytest.mark.row("FD08")
def test_the_draft_of_a_deleted_form_is_gone(drafted: Drafted) -> None:
    phone = drafted()
    Form.objects.update(deleted_at=timezone.now())

    assert statuses(phone) == [404] * 6


@pytest.mark.row("FL24")
def test_a_form_with_only_a_draft_is_not_there_for_other_devices(
    drafted: Drafted, device: Device
) -> None:
    drafted("9")

    assert device.forms() == []
    assert device.fetch("forms/household.xml").nature == "download.form_unknown"
    assert device.give(filled(version="9")).nature == "submission.form_unknown"


@pytest.mark.row("FL24")
def test_a_draft_beside_a_published_version_changes_nothing_for_other_devices(
    drafted: Drafted, device: Device, project: Project
) -> None:
    publish_book(project, "1")
    drafted("2")

    assert [form.version for form in device.forms()] == ["1"]
    assert device.fetch("forms/household/versions/2.xml").status == 404
    assert device.give(filled(version="2")).nature == "submission.version_unknown"


@pytest.mark.row("SB45")
def test_what_is_sent_to_a_draft_is_kept_whole_and_apart_from_everything(
    drafted: Drafted,
) -> None:
    phone = drafted()
    xml = filled(version="9", photo="1.jpg")

    answer = phone.give(xml, PHOTO)

    kept = DraftSubmission.objects.get()
    assert (answer.status, answer.message) == (201, "Đã nhận đủ phiếu.")
    assert bytes(kept.xml) == xml
    assert [(file["name"], file["size"]) for file in kept.files] == [("1.jpg", 7)]
    assert kept.device_id == phone.device_id
    assert Submission.objects.count() == Inspection.objects.count() == 0


@pytest.mark.row("SB45")
def test_a_draft_takes_files_in_several_posts_and_the_same_twice(drafted: Drafted) -> None:
    phone = drafted()
    xml = filled(version="9", photo="1.jpg", other="2.jpg")

    answers = [
        phone.give(xml, PHOTO),
        phone.give(xml, Outgoing("2.jpg", b"two")),
        phone.give(xml, PHOTO),
    ]

    assert [answer.message for answer in answers] == [
        "Đã nhận phiếu, còn 1 ảnh chưa nhận.",
        "Đã nhận đủ phiếu.",
        "Đã nhận đủ phiếu.",
    ]
    assert [len(kept.files) for kept in DraftSubmission.objects.all()] == [2]


@pytest.mark.row("SB47")
@pytest.mark.parametrize("state", FormState.values)
def test_a_draft_takes_any_version_whatever_the_state_of_its_form(
    drafted: Drafted, project: Project, state: str
) -> None:
    publish_book(project, "1")
    call_command("form_state", "household", state, project=project.pk, stdout=io.StringIO())
    phone = drafted("2")

    assert phone.give(filled(version="of yesterday")).status == 201


@pytest.mark.row("SB45")
def test_a_draft_takes_no_other_form(drafted: Drafted) -> None:
    answer = drafted().give(filled(form_id="other"))

    assert (answer.status, answer.nature) == (400, "submission.form_id_differs")


@pytest.mark.row("SB45")
def test_the_same_id_with_other_content_is_refused_and_nobody_has_to_decide(
    drafted: Drafted,
) -> None:
    phone = drafted()
    phone.give(filled(head="Lan"))

    answer = phone.give(filled(head="Mai"))

    assert (answer.status, answer.nature) == (409, "submission.draft_conflict")
    assert Quarantined.objects.count() == 0


@pytest.mark.row("SB45")
def test_an_edit_can_be_tried_too(drafted: Drafted) -> None:
    phone = drafted()
    phone.give(filled("uuid:1"))

    answers = [
        phone.give(filled("uuid:2", deprecated_id="uuid:1")),
        phone.give(filled("uuid:3", deprecated_id="uuid:1")),
        phone.give(filled("uuid:4", deprecated_id="uuid:0")),
    ]

    assert [(answer.status, answer.nature) for answer in answers] == [
        (201, ""),
        (409, "submission.edit_outdated"),
        (404, "submission.original_unknown"),
    ]


def test_a_draft_that_answers_already_given_could_not_live_with_is_refused(
    drafted: Drafted, project: Project
) -> None:
    publish_book(project, "1")
    changed = workbook(
        """
| survey   | type    | name  | label::Tiếng Việt (vi) |
|          | integer | head  | Chủ hộ                 |
| settings | form_title  | form_id   | version |
|          | Hộ gia đình | household | 2       |
"""
    )

    with pytest.raises(WorkbookRefused):
        drafts.create(project, changed)

    assert Draft.objects.count() == 0


@pytest.mark.row("AU22")
def test_an_author_gets_the_address_and_the_code_of_a_draft(
    base_url: str, project: Project, tmp_path: Path
) -> None:
    (tmp_path / "household").mkdir()
    (tmp_path / "household/household.xlsx").write_bytes(book("9"))
    said = io.StringIO()

    call_command(
        "publish_forms",
        str(tmp_path),
        project=project.pk,
        draft=True,
        base_url=base_url,
        stdout=said,
    )

    code = re.search(r"nội dung mã QR: (\S+)", said.getvalue())
    assert code is not None
    settings = json.loads(zlib.decompress(base64.b64decode(code[1])))
    assert settings["project"]["name"] == "[Bản thử] Hộ gia đình"
    assert settings["project"]["icon"] == "📝"
    assert settings["general"]["server_url"] in said.getvalue()
    assert settings["general"]["form_update_mode"] == "match_exactly"
    assert settings["admin"] == {}
    phone = Device(settings["general"]["server_url"])
    assert phone.match_exactly() == ["household"]
    assert FormVersion.objects.count() == 0
    phone.close()
