"""What people see when something goes wrong."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client

from server.console import home
from server.projects.models import Role
from tests.console.conftest import reader, text
from tests.console.world import World

PAGE = {"Accept": "text/html"}


def client_of(world: World) -> Client:
    client = reader(world.people[Role.MANAGER])
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("mật khẩu lộ"), 500, "console.page_failed"),
        (OperationalError("mật khẩu lộ"), 503, "console.away"),
    ],
)
def test_a_failure_is_a_page_that_tells_nothing_of_the_inside(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(home, "board", fail)
    answer = client_of(world).get(f"/du-an/{world.project.pk}", headers=PAGE)

    assert answer.status_code == status
    assert code in text(answer)
    assert "lộ" not in text(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")


def test_htmx_gets_the_sentence_beside_what_stands_there(world: World) -> None:
    answer = client_of(world).get(
        f"/du-an/{world.foreign.pk}/ho-so", headers={**PAGE, "HX-Request": "true"}
    )

    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#told"
    assert "<html" not in text(answer)


def test_a_page_that_only_reads_takes_no_form(world: World) -> None:
    assert client_of(world).post(f"/du-an/{world.project.pk}").status_code == 405
