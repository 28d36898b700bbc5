"""A link that opens one form to whoever has it: row AU16."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from server.forms.models import AttachmentSource
from server.inspections import lists
from server.projects import accounts
from server.projects.models import AppUser, Project
from server.submissions.models import SubmissionVersion
from tests.device import Device
from tests.sync.published import attach_list, filled, publish


def created(project: Project, base_url: str, form_id: str = "household") -> Device:
    said = io.StringIO()
    call_command("create_public_link", form_id, project=project.pk, base_url=base_url, stdout=said)
    address = re.search(r"Địa chỉ máy chủ: (\S+)", said.getvalue())
    assert address is not None
    return Device(address[1])


@pytest.fixture
def stranger(project: Project, base_url: str) -> Iterator[Device]:
    """Somebody who was given a link to the household form."""
    publish(project)
    publish(project, form_id="other")
    phone = created(project, base_url)
    yield phone
    phone.close()


@pytest.mark.row("AU16")
def test_a_public_link_opens_its_form_and_takes_what_is_filled_in(stranger: Device) -> None:
    assert stranger.match_exactly() == ["household"]
    assert stranger.give(filled()).status == 201
    assert SubmissionVersion.objects.get().app_user == AppUser.objects.get(is_public=True)


@pytest.mark.row("AU16")
def test_a_public_link_opens_no_other_form(stranger: Device) -> None:
    answer = stranger.give(filled(form_id="other"))

    assert (answer.status, answer.nature) == (403, "key.form_not_granted")
    assert stranger.fetch("forms/other/versions/1.xml").status == 404
    assert SubmissionVersion.objects.count() == 0


@pytest.mark.row("AU16")
def test_a_public_link_that_was_taken_back_opens_nothing(stranger: Device) -> None:
    accounts.revoke_app_user(AppUser.objects.get(is_public=True).pk)

    assert stranger.fetch("formList").nature == "key.revoked"


def test_a_public_link_is_no_inspector_and_is_not_told_who_they_are(
    project: Project, base_url: str
) -> None:
    accounts.create_app_user(project, "Chị Lan")
    attach_list(publish(project), "inspectors.csv", AttachmentSource.INSPECTORS)
    phone = created(project, base_url)

    phone.match_exactly()

    assert phone.held["household", "1"].files["inspectors.csv"] == b"name,label,username\n"
    assert lists.inspectors_csv(project.pk).decode().count("\n") == 2
    phone.close()


def test_there_is_no_link_to_a_form_that_is_not_published(project: Project, base_url: str) -> None:
    with pytest.raises(CommandError, match="household"):
        created(project, base_url)
