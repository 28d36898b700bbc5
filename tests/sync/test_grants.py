"""What one device may have: forms, communes, time (AU06, AU09, FL19)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from server.forms.models import AttachmentSource
from server.projects import accounts
from server.projects.accounts import NewAppUser
from server.projects.models import AppUser, Project
from sync.addresses import Addresses
from tests import builders
from tests.device import Device
from tests.sync.published import attach_list, publish


def phone_of(base_url: str, made: NewAppUser) -> Device:
    return Device(Addresses(base_url, made.token, made.app_user.project_id).server)


def filled(form_id: str, instance_id: str = "uuid:1") -> bytes:
    return (
        f"<data id='{form_id}' version='1' xmlns:orx='http://openrosa.org/xforms'><head>L</head>"
        f"<orx:meta><orx:instanceID>{instance_id}</orx:instanceID></orx:meta></data>"
    ).encode()


@pytest.mark.row("AU06", "FL19")
def test_a_device_sees_the_forms_it_was_granted(base_url: str, project: Project) -> None:
    publish(project, form_id="a")
    publish(project, form_id="b")

    listed = {
        str(granted): [form.form_id for form in phone_of(base_url, made).forms()]
        for granted in (None, ["b"], ["b", "later"], [])
        for made in [accounts.create_app_user(project, "Lan", form_ids=granted)]
    }

    assert listed == {
        "None": ["a", "b"],
        "['b']": ["b"],
        "['b', 'later']": ["b"],
        "[]": [],
    }


@pytest.mark.row("AU09")
def test_a_form_that_was_not_granted_is_not_there(base_url: str, project: Project) -> None:
    publish(project, form_id="a", files={"a.png": b"x"})
    phone = phone_of(base_url, accounts.create_app_user(project, "Lan", form_ids=["b"]))
    below = "forms/a/versions/1"

    answers = [
        phone.fetch(path)
        for path in (f"{below}.xml", f"{below}/manifest", f"{below}/attachments/a.png")
    ]

    assert {answer.nature for answer in answers} == {"download.form_unknown"}
    assert phone.fetch("formList?formID=a").body.count(b"<xform>") == 0


@pytest.mark.row("SB11")
def test_what_was_filled_in_without_a_grant_is_403_and_stays_on_the_phone(
    base_url: str, project: Project
) -> None:
    """AU09. What was taken before the grant was, may be sent again: its 201 may be lost."""
    publish(project, form_id="a")
    made = accounts.create_app_user(project, "Lan", form_ids=["a"])
    phone = phone_of(base_url, made)
    first = phone.give(filled("a"))
    AppUser.objects.filter(pk=made.app_user.pk).update(form_ids=[])

    again, other = phone.give(filled("a")), phone.give(filled("a", "uuid:2"))

    assert [answer.status for answer in (first, again, other)] == [201, 201, 403]
    assert other.nature == "key.form_not_granted"


def test_a_device_chooses_among_its_own_communes(base_url: str, project: Project) -> None:
    attach_list(publish(project), "communes.csv", AttachmentSource.COMMUNES)
    mine = builders.commune("05443", "Xã Đồng Hỷ")
    builders.commune("05444", "Xã Văn Hán")
    narrow = accounts.create_app_user(project, "Lan", commune_uids=[mine.uid])

    lists = []
    for made in (narrow, accounts.create_app_user(project, "Mai")):
        phone = phone_of(base_url, made)
        phone.match_exactly()
        lists.append(phone.held["household", "1"].files["communes.csv"].decode())

    assert [text.count("\n") - 1 for text in lists] == [1, 2]
    assert mine.uid in lists[0]


def test_a_device_was_last_seen_with_its_program(device: Device) -> None:
    device.fetch("formList")

    app_user = AppUser.objects.get()
    assert app_user.last_seen_at is not None
    assert app_user.client.startswith("org.odk.collect.android/")


def test_being_seen_is_written_once_a_minute(device: Device) -> None:
    now = timezone.now()
    recent = now - dt.timedelta(seconds=50)
    AppUser.objects.update(last_seen_at=recent)
    device.fetch("formList")
    unchanged = AppUser.objects.get().last_seen_at
    AppUser.objects.update(last_seen_at=now - dt.timedelta(seconds=61))

    device.fetch("formList")

    renewed = AppUser.objects.get().last_seen_at
    assert unchanged == recent
    assert renewed is not None
    assert renewed >= now
