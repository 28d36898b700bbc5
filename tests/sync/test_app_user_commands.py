"""Granting, re-issuing and listing devices from the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.core.management import CommandError, call_command
from PIL import Image

from server.projects import accounts, qr
from server.projects.models import AppUser, Project
from tests import builders
from tests.device import Device, Outgoing
from tests.sync.published import filled, publish


def run(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def made(project: Project, *arguments: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(
        run("create_app_user", "Lan", "--project", f"{project.pk}", "--json", *arguments)
    )
    return facts


def test_a_device_gets_what_it_was_granted(project: Project) -> None:
    here = builders.commune("05443", "Xã Đồng Hỷ")
    past = builders.commune("05443", "Xã cũ", since=None, until=builders.REFORM)

    forms = ("--form", "kt_18_5", "--form", "kt_18_6")
    communes = ("--commune", "05443", "--commune", past.uid)
    made(project, *forms, *communes, "--team", "Tổ 2", "--expires", "2030-12-31")

    lan = AppUser.objects.get()
    assert (lan.opens_all_forms, lan.form_ids) == (False, ["kt_18_5", "kt_18_6"])
    assert lan.commune_uids == [here.uid, past.uid]
    assert lan.team == "Tổ 2"
    assert f"{lan.expires_at:%Y-%m-%d %H:%M}" == "2030-12-31 17:00"  # midnight in Việt Nam


def test_without_a_word_a_device_opens_every_form_and_commune(project: Project) -> None:
    made(project)

    lan = AppUser.objects.get()
    assert (lan.opens_all_forms, lan.commune_uids, lan.expires_at) == (True, [], None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("--commune", "99999"), "Không có xã 99999"), (("--expires", "31/12/2030"), "2027-12-31")],
)
def test_what_cannot_be_granted_is_told(
    project: Project, arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        made(project, *arguments)

    assert AppUser.objects.count() == 0


def test_a_password_goes_into_the_code_and_no_key_into_the_address(project: Project) -> None:
    facts = made(project, "--password", "--base-url", "https://x.vn")

    shown = run("reissue_app_user", f"{facts['id']}", "--base-url", "https://x.vn")
    assert facts["url"] == f"https://x.vn/v1/projects/{project.pk}"
    assert len(facts["password"]) == 32
    assert facts["qr"] == qr.text(
        qr.settings_for(facts["url"], project.name, facts["username"], facts["password"])
    )
    assert f"Tên người dùng: {facts['username']}" in shown
    assert facts["password"] not in shown


def test_the_code_can_be_had_as_pictures(project: Project, tmp_path: Path) -> None:
    files = ("--png", f"{tmp_path}/code.png", "--svg", f"{tmp_path}/code.svg")

    facts = made(project, *files)

    found = zxingcpp.read_barcode(Image.open(tmp_path / "code.png").convert("L"))
    assert found is not None
    assert found.text == facts["qr"]
    assert (tmp_path / "code.svg").read_text().startswith("<svg")
    assert (tmp_path / "code.png").stat().st_mode & 0o077 == 0


def test_a_new_key_makes_the_old_one_void(base_url: str, device: Device, project: Project) -> None:
    lan = AppUser.objects.get()

    new = json.loads(run("reissue_app_user", f"{lan.pk}", "--json", "--base-url", base_url))

    assert device.fetch("formList").status == 403
    assert Device(new["url"]).forms() == []
    assert new["username"] == lan.username


def test_a_device_that_was_shut_out_comes_back_with_a_new_key_alone(
    base_url: str, device: Device
) -> None:
    lan = AppUser.objects.get()
    accounts.revoke_app_user(lan.pk)

    new = json.loads(run("reissue_app_user", f"{lan.pk}", "--json", "--base-url", base_url))

    assert device.fetch("formList").nature == "key.unknown"
    assert Device(new["url"]).forms() == []


def test_a_device_whose_time_is_over_needs_a_new_day(project: Project) -> None:
    facts = made(project, "--expires", "2026-01-31")

    with pytest.raises(CommandError, match="hết hạn từ"):
        run("reissue_app_user", f"{facts['id']}")
    run("reissue_app_user", f"{facts['id']}", "--expires", "2030-01-31")

    assert AppUser.objects.get().issue == 2


def test_nobody_is_re_issued_by_a_wrong_number(project: Project) -> None:
    with pytest.raises(CommandError, match="Không có thiết bị số 99"):
        run("reissue_app_user", "99")


@pytest.mark.row("AU07")
def test_the_list_tells_how_each_device_fares(device: Device, project: Project) -> None:
    publish(project)
    device.give(filled(photo="a.jpg", other="b.jpg"), Outgoing("a.jpg", b"x"))
    accounts.revoke_app_user(accounts.create_app_user(project, "Máy mất").app_user.pk)
    accounts.create_app_user(project, "Mai", form_ids=["household"])

    lan, mai, lost = json.loads(run("app_users", "--json", "--project", f"{project.pk}"))
    shown = run("app_users", "--project", f"{project.pk}").splitlines()

    assert (lan["sent"], lan["missing_files"], lan["state"]) == (1, 1, "active")
    assert lan["collect"]
    assert lan["last_sent_at"] >= lan["last_seen_at"]
    assert (mai["sent"], mai["last_seen_at"], mai["forms"]) == (0, None, ["household"])
    assert lost["state"] == "revoked"
    assert len(shown) == 4
    assert "Mai |  | dùng được | household | tất cả | chưa" in shown[2]


def faring(project: Project) -> dict[str, Any]:
    """Return what is told of the one device."""
    (lan,) = json.loads(run("app_users", "--json", "--project", f"{project.pk}"))
    facts: dict[str, Any] = lan
    return facts


def test_what_came_again_and_what_was_refused_is_counted(device: Device, project: Project) -> None:
    publish(project)
    device.give(filled())
    for _ in range(3):
        device.give(filled())
    refused = device.give(filled(head="Mai"))
    AppUser.objects.update(last_seen_at="2026-01-01T00:00Z")  # a while later it comes again
    device.fetch("formList")

    lan = faring(project)
    shown = run("app_users", "--project", f"{project.pk}").splitlines()[1]

    assert refused.status == 409
    assert (lan["sent"], lan["resends"], lan["refusals"]) == (1, 3, 1)
    assert (lan["last_refusal"], lan["stuck"]) == ("submission.conflict", True)
    assert lan["last_refused_at"] > lan["last_sent_at"]
    assert shown.endswith(" | 3 | 1 (submission.conflict)")


def test_a_device_whose_next_form_came_is_not_stuck_any_more(
    device: Device, project: Project
) -> None:
    publish(project)
    device.give(filled(version="9"))
    device.give(filled())

    lan = faring(project)

    assert (lan["refusals"], lan["stuck"]) == (1, False)
    assert lan["last_refusal"] == "submission.version_unknown"


def test_a_photo_that_comes_later_is_no_re_send(device: Device, project: Project) -> None:
    publish(project)
    device.give(filled(photo="a.jpg"))
    device.give(filled(photo="a.jpg"), Outgoing("a.jpg", b"x"))
    AppUser.objects.update(last_seen_at="2026-01-01T00:00Z")
    device.fetch("formList")

    assert faring(project)["resends"] == 0
