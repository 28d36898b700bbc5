"""Lists that programs make before any form speaks of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from server.entities.lists import create
from server.entities.models import EntityList
from server.errors import Problem
from server.projects.audit import SERVER
from tests import builders

NAMES = ("co_so", "Co_So", "co_so", "CO_SO")


@pytest.mark.django_db(transaction=True)
def test_of_those_who_make_a_list_at_once_one_has_made_it() -> None:
    project = builders.project()
    ready = Barrier(len(NAMES))

    def attempt(name: str) -> str:
        ready.wait()
        try:
            return f"{create(project.pk, name, by=SERVER).pk}"
        except Problem as problem:
            return problem.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(NAMES)) as people:
        outcomes = sorted(people.map(attempt, NAMES))

    assert outcomes == [str(EntityList.objects.get().pk), *["entity.list_exists"] * 3]
