"""The account that the first start makes, and what later starts leave alone."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings

from server.projects import accounts
from server.projects.models import Membership, Role
from server.serving import first
from tests import builders

pytestmark = pytest.mark.django_db


def test_a_start_gives_the_first_account_a_role_only_where_nobody_else_manages(
    settings: Settings,
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    project = builders.project()
    made, password = first._supervisor(project)
    builders.member(project, "khac@example.org", Role.MANAGER)
    Membership.objects.filter(user=made).delete()
    again = first._supervisor(project)

    assert (again, password is None) == ((made, None), False)
    assert not Membership.objects.filter(user=made).exists()
    Membership.objects.all().delete()
    first._supervisor(project)
    assert Membership.objects.get(user=made).role == Role.MANAGER


def test_the_project_that_comes_with_the_server_takes_no_later_one_s_number() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('projects_project', 'id'), 1, false)")
    come = first._project()

    assert (come.pk, first._project()) == (1, come)
    assert accounts.create_project("Dự án 8").pk > 1
