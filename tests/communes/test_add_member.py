"""Giving people their place in a project, from the command line."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from server.projects import accounts
from server.projects.models import Membership, Project, Role, User
from tests import builders


def add(*options: str) -> str:
    out = io.StringIO()
    call_command("add_member", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def project(db: None) -> Project:
    return accounts.create_project("Thái Nguyên")


def test_a_new_person_gets_a_password_that_opens(project: Project) -> None:
    said = add("Hoa@Example.org", "--name", "Chị Hoa", "--project", str(project.pk))

    password = said.split(": ")[1].split("\n")[0]
    assert accounts.open_session("hoa@example.org", password) is not None
    assert Membership.objects.get().role == Role.SUPERVISOR


def test_the_communes_of_a_supervisor_replace_those_before(project: Project) -> None:
    accounts.create_user("hoa@example.org", "Hoa", None)
    builders.commune("05443", "Phường Phan Đình Phùng")
    builders.commune("05446", "Phường Tích Lương")
    scope = ("--commune", "05443@2025-07-01", "--commune", "05446@2025-07-01")

    add("hoa@example.org", "--project", str(project.pk), *scope)
    add("hoa@example.org", "--project", str(project.pk), "--commune", "05446@2025-07-01")

    assert Membership.objects.get().commune_uids == ["05446@2025-07-01"]


def test_an_account_is_not_made_without_a_name(project: Project) -> None:
    with pytest.raises(CommandError, match="--name"):
        add("hoa@example.org", "--project", str(project.pk))


def test_a_project_that_is_not_there_is_said(db: None) -> None:
    with pytest.raises(CommandError, match="số 99"):
        add("hoa@example.org", "--project", "99")


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        # Of its code the newest first, then those with a code or a name like it.
        ("05443", "05443@2025-07-01 – Phường Phan Đình Phùng; 05443@start – Phường Cũ."),
        ("05443@2025-01-07", "05443@2025-07-01 – Phường Phan Đình Phùng; 05443@start"),
        ("05434@2025-07-01", "05443@2025-07-01 – Phường Phan Đình Phùng; 05665@2025-07-01"),
        ("99999@2025-07-01", "05665@2025-07-01 – Xã Đồng Hỷ; 05443@2025-07-01"),
        ("Đồng Hỷ", "05665@2025-07-01 – Xã Đồng Hỷ."),
        ("", "05443@2025-07-01"),
    ],
)
def test_a_commune_that_does_not_exist_is_refused_with_the_nearest(
    project: Project, given: str, nearest: str
) -> None:
    builders.commune("05443", "Phường Cũ", since=None, until=builders.REFORM)
    builders.commune("05443", "Phường Phan Đình Phùng")
    builders.commune("05665", "Xã Đồng Hỷ")

    with pytest.raises(CommandError) as refused:
        add("hoa@example.org", "--name", "Hoa", "--project", str(project.pk), "--commune", given)

    assert f"«{given}»" in str(refused.value)
    assert nearest in str(refused.value)
    assert not User.objects.exists()


def test_a_commune_that_is_no_more_may_be_given(project: Project) -> None:
    builders.commune("05443", "Phường Cũ", since=None, until=builders.REFORM)
    scope = ("--project", str(project.pk), "--commune", " 05443@start")

    add("hoa@example.org", "--name", "Hoa", *scope)

    assert Membership.objects.get().commune_uids == ["05443@start"]


def test_communes_are_loaded_before_one_is_given(project: Project) -> None:
    with pytest.raises(CommandError, match="load_units"):
        add("hoa@example.org", "--project", str(project.pk), "--commune", "05443@2025-07-01")
