"""The keys of devices."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from server.projects import accounts
from server.projects.access import app_user
from server.projects.models import AppUser, Project
from server.projects.problems import (
    AppUserUnknown,
    KeyExpired,
    KeyMalformed,
    KeyRevoked,
    KeyUnknown,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]


@pytest.fixture
def project() -> Project:
    return accounts.create_project("Thái Nguyên")


def test_a_key_opens_the_project_it_was_made_for(project: Project) -> None:
    made = accounts.create_app_user(project, "Máy của Lan")

    assert app_user(made.token, project.pk) == made.app_user
    assert made.app_user.username == f"u{made.app_user.pk}"


def test_a_key_can_stand_in_a_path_as_it_is(project: Project) -> None:
    made = accounts.create_app_user(project, "Máy của Lan")

    assert re.fullmatch(r"[A-Za-z0-9!$]{64}", made.token)


def test_a_key_is_kept_only_as_a_digest(project: Project) -> None:
    made = accounts.create_app_user(project, "Máy của Lan")

    assert made.token not in str(list(AppUser.objects.values()))


def test_a_key_does_not_open_another_project(project: Project) -> None:
    made = accounts.create_app_user(project, "Máy của Lan")
    other = accounts.create_project("Cao Bằng")

    with pytest.raises(KeyUnknown):
        app_user(made.token, other.pk)


def test_a_made_up_key_opens_nothing(project: Project) -> None:
    with pytest.raises(KeyUnknown):
        app_user("A" * 64, project.pk)


@pytest.mark.parametrize(
    "token", ["", "A" * 63, "A" * 65, "A" * 63 + "/", "Á" * 64, "A" * 64 + "\n"]
)
def test_what_cannot_be_a_key_is_told_so(project: Project, token: str) -> None:
    with pytest.raises(KeyMalformed):
        app_user(token, project.pk)


def test_a_revoked_key_opens_nothing_from_then_on(project: Project) -> None:
    made = accounts.create_app_user(project, "Máy của Lan")
    when = accounts.revoke_app_user(made.app_user.pk).revoked_at

    again = accounts.revoke_app_user(made.app_user.pk).revoked_at

    assert again == when
    with pytest.raises(KeyRevoked):
        app_user(made.token, project.pk)


def test_a_key_opens_nothing_after_its_day(project: Project) -> None:
    now = timezone.now()
    over = accounts.create_app_user(project, "Máy mượn", expires_at=now)
    valid = accounts.create_app_user(project, "Máy mượn", expires_at=now + dt.timedelta(days=1))

    assert app_user(valid.token, project.pk) == valid.app_user
    with pytest.raises(KeyExpired):
        app_user(over.token, project.pk)


def test_revoking_a_device_that_is_not_there_is_told() -> None:
    with pytest.raises(AppUserUnknown):
        accounts.revoke_app_user(12)


def test_an_operator_revokes_by_command(project: Project) -> None:
    made = accounts.create_app_user(project, "Máy của Lan")
    out = io.StringIO()

    call_command("revoke_app_user", str(made.app_user.pk), stdout=out)

    assert "Máy của Lan" in out.getvalue()
    with pytest.raises(KeyRevoked):
        app_user(made.token, project.pk)


def test_an_operator_resets_a_password_by_command(project: Project) -> None:
    accounts.create_user("lan@example.org", "Lan", None)
    out = io.StringIO()

    call_command("reset_password", "lan@example.org", stdout=out)

    password = out.getvalue().split()[-1]
    assert accounts.authenticated("lan@example.org", password) is not None


def test_a_command_says_what_was_wrong_in_a_sentence() -> None:
    with pytest.raises(CommandError, match=r"Không có tài khoản nào dùng địa chỉ mai@example\.org"):
        call_command("reset_password", "mai@example.org")
