"""What two managers do to each other at the same moment."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from server.projects import people
from server.projects.account_problems import NotManagerNow
from server.projects.models import Membership, Role, User
from tests import builders, locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_passwords")]


def test_two_managers_who_demote_each_other_at_once_leave_one() -> None:
    project = builders.project()
    both = [builders.member(project, f"{n}@example.org", Role.MANAGER) for n in "ab"]
    told: list[str] = []

    def demote(by: User, other: User) -> None:
        try:
            membership = Membership.objects.get(project=project, user=by)
            people.set_role(membership, other.pk, Role.VIEWER, ())
            told.append("done")
        except NotManagerNow as problem:
            told.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in (both, both[::-1])]
    with transaction.atomic():
        # Each comes as far as it can before either has changed anything.
        list(User.objects.select_for_update())
        for thread in threads:
            thread.start()
        while all(thread.is_alive() for thread in threads) and locks.waiting() < 2:
            pass
    for thread in threads:
        thread.join()

    assert sorted(told) == ["done", "person.not_manager_now"]
    assert Membership.objects.filter(role=Role.MANAGER).count() == 1
