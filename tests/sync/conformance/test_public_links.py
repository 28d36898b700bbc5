"""A link that opens one form to whoever has it: row AU16."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from server.forms.models import AttachmentSource
from server.inspections import lists
from server.projects import accounts
from server.projects.models import AppUser, Project
from server.submissions.models import Quarantined, SubmissionVersion
from tests.device import Device, Outgoing
from tests.sync.published import attach_list, filled, publish


def created(project: Project, base_url: str, *options: str, form_id: str = "household") -> Device:
    said = io.StringIO()
    there = ("--project", f"{project.pk}", "--base-url", base_url)
    call_command("create_public_link", form_id, *there, *options, stdout=said)
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


def links(project: Project) -> list[dict[str, Any]]:
    said = io.StringIO()
    call_command("public_links", "--json", "--project", f"{project.pk}", stdout=said)
    found: list[dict[str, Any]] = json.loads(said.getvalue())
    return found


@pytest.mark.row("AU16")
def test_a_public_link_ends_after_its_last_day(
    project: Project, base_url: str, stranger: Device
) -> None:
    over = created(project, base_url, "--expires", "2026-01-31")
    week = created(project, base_url, "--days", "7")

    natures = [phone.fetch("formList").nature for phone in (stranger, over, week)]
    expiries = [link["expires_at"] for link in links(project)]
    left = dt.datetime.fromisoformat(expiries[2]) - timezone.now()

    assert natures == ["", "key.expired", ""]
    assert over.give(filled()).nature == "key.expired"
    assert expiries[:2] == [None, "2026-01-31T17:00:00+00:00"]  # midnight in Việt Nam
    assert dt.timedelta(days=6) < left <= dt.timedelta(days=7)


@pytest.mark.parametrize("days", ["0", "-1", "x", "9999999"])
def test_a_number_of_days_that_is_none_is_told(
    project: Project, base_url: str, stranger: Device, days: str
) -> None:
    with pytest.raises(CommandError, match="số ngày từ 1"):
        created(project, base_url, f"--days={days}")


@pytest.mark.row("AU16")
def test_a_link_that_takes_once_takes_one_record_from_each_browser(
    project: Project, base_url: str, stranger: Device
) -> None:
    first = created(project, base_url, "--once")
    other = Device(first.server_url, device_id="collect:OTHER")
    nameless = Device(first.server_url, device_id="")

    answers = [
        first.give(filled("uuid:1", photo="a.jpg")),
        first.give(filled("uuid:1", photo="a.jpg"), Outgoing("a.jpg", b"x")),  # of the same record
        first.give(filled("uuid:2")),
        other.give(filled("uuid:3")),
        nameless.give(filled("uuid:4")),
    ]

    assert [answer.status for answer in answers] == [201, 201, 409, 201, 201]
    assert answers[2].nature == "submission.link_used"
    assert links(project)[1]["received"] == 3
    assert not Quarantined.objects.exists()


@pytest.mark.row("AU16")
def test_links_are_listed_apart_from_devices_and_can_be_taken_back(
    project: Project, base_url: str, stranger: Device
) -> None:
    accounts.create_app_user(project, "Chị Lan")
    stranger.give(filled())
    created(project, base_url, "--once")
    said = io.StringIO()

    call_command("revoke_app_user", f"{links(project)[0]['id']}", stdout=io.StringIO())
    call_command("app_users", "--project", f"{project.pk}", stdout=said)

    states = [(link["state"], link["once"], link["received"]) for link in links(project)]
    assert states == [("active", True, 0), ("revoked", False, 1)]
    assert stranger.fetch("formList").nature == "key.revoked"
    assert "household" not in said.getvalue()
    assert "Chị Lan" in said.getvalue()


def test_guessing_links_is_slowed_down_as_guessing_keys_is(
    project: Project, stranger: Device, settings: Settings
) -> None:
    settings.THROTTLE_TRIES = 3
    guess = Device(re.sub("/key/[^/]+/", f"/key/{'g' * 64}/", stranger.server_url))

    assert [guess.fetch("formList").status for _ in range(4)] == [403, 403, 403, 429]
    assert stranger.fetch("formList").status == 200
