"""People at desks: accounts, passwords, sessions."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from server.projects import accounts
from server.projects.models import Membership, Project, Role, Session, User
from server.projects.problems import EmailTaken, UserUnknown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]


@pytest.fixture
def lan() -> User:
    return accounts.create_user("Lan@Example.org ", "Lan", "mật khẩu của Lan")


def test_an_address_is_one_account_however_it_is_written(lan: User) -> None:
    with pytest.raises(EmailTaken):
        accounts.create_user("lan@example.ORG", "Another Lan", None)

    assert lan.email == "lan@example.org"


def test_the_right_password_opens_and_a_wrong_one_does_not(lan: User) -> None:
    assert accounts.authenticated(" LAN@example.org", "mật khẩu của Lan") == lan
    assert accounts.authenticated("lan@example.org", "mật khẩu của lan") is None
    assert accounts.authenticated("mai@example.org", "mật khẩu của Lan") is None


def test_an_account_without_a_password_cannot_be_opened() -> None:
    accounts.create_user("mai@example.org", "Mai", None)

    assert accounts.authenticated("mai@example.org", "") is None


def test_a_deactivated_account_opens_nothing_and_its_sessions_end(lan: User) -> None:
    opened = accounts.open_session("lan@example.org", "mật khẩu của Lan")
    assert opened is not None

    User.objects.update(is_active=False)

    assert accounts.person(opened.token) is None
    assert accounts.open_session("lan@example.org", "mật khẩu của Lan") is None


def test_a_session_is_kept_only_as_a_digest(lan: User) -> None:
    opened = accounts.open_session("lan@example.org", "mật khẩu của Lan")

    assert opened is not None
    assert accounts.person(opened.token) == lan
    assert opened.token not in str(list(Session.objects.values()))


def test_a_session_ends_after_24_hours(lan: User) -> None:
    opened = accounts.open_session("lan@example.org", "mật khẩu của Lan")
    assert opened is not None
    assert opened.expires_at - opened.created_at >= dt.timedelta(hours=23, minutes=59)

    Session.objects.update(expires_at=timezone.now())

    assert accounts.person(opened.token) is None


def test_a_closed_session_opens_nothing(lan: User) -> None:
    opened = accounts.open_session("lan@example.org", "mật khẩu của Lan")
    assert opened is not None

    accounts.close_session(opened.token)
    accounts.close_session(opened.token)

    assert accounts.person(opened.token) is None


def test_a_new_password_ends_the_sessions_of_the_old_one(lan: User) -> None:
    opened = accounts.open_session("lan@example.org", "mật khẩu của Lan")
    assert opened is not None

    password = accounts.reset_password("lan@example.org")

    assert accounts.person(opened.token) is None
    assert accounts.authenticated("lan@example.org", password) == lan
    assert accounts.authenticated("lan@example.org", "mật khẩu của Lan") is None


def test_nobody_gets_a_new_password_by_a_wrong_address() -> None:
    with pytest.raises(UserUnknown):
        accounts.reset_password("mai@example.org")


def test_a_password_made_here_has_80_random_bits_and_no_doubtful_signs() -> None:
    password = accounts.new_password()

    assert len(password.replace("-", "")) == 16
    assert not set("0189") & set(password)
    assert password != accounts.new_password()


def test_a_person_has_one_role_in_a_project(lan: User) -> None:
    project = accounts.create_project("Thái Nguyên")
    accounts.join(lan, project, Role.VIEWER)

    accounts.join(lan, project, Role.SUPERVISOR)

    assert list(Membership.objects.values_list("role", flat=True)) == ["supervisor"]
    assert Project.objects.count() == 1


def test_another_project_is_made_with_its_manager(lan: User) -> None:
    out = io.StringIO()
    call_command("create_project", " Khảo  sát ", manager="LAN@example.org", stdout=out)

    made = Project.objects.get(name="Khảo sát")
    assert Membership.objects.get(project=made).role == Role.MANAGER
    assert f"số {made.pk}: Khảo sát. Quản lý: lan@example.org" in out.getvalue()
    with pytest.raises(CommandError, match="add_member"):
        call_command("create_project", "Khác", manager="mai@example.org")
    with pytest.raises(CommandError, match="để trống"):
        call_command("create_project", " ", manager="lan@example.org")
    assert Project.objects.count() == 1
