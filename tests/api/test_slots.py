"""Threads stay for phones, however many large files are read slowly."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client

from server import slots
from server.listing import Pieces
from server.slots import DownloadsMany
from tests.api.test_exports import Desk
from tests.api.test_exports import desk as desk

PLACES = 4  # half of the threads of a process


def test_half_of_the_threads_give_large_files_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "WAIT_S", 0.0)
    client, headers = Client(), {"Authorization": f"Bearer {desk.program.token}"}
    reading = [client.get(desk.path(), headers=headers) for _ in range(PLACES)]
    refused = client.get(desk.path(), headers=headers)
    assert reading.pop().getvalue()[:2] == b"PK"

    again = client.get(desk.path(), headers=headers)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert refused.json()["details"]["nature"] == "downloads.many"
    assert again.status_code == 200


def test_an_answer_that_nobody_read_leaves_its_place_and_its_file_once_when_it_is_closed() -> None:
    closed: list[int] = []
    for number in range(PLACES + 1):
        pieces = Pieces(lambda _: b"a", 2, partial(closed.append, number))
        given = slots.Held(pieces)
        next(given)
        given.close()
    assert closed == list(range(PLACES + 1))


def test_an_answer_of_unknown_size_needs_a_place_where_it_is_large(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "WAIT_S", 0.0)
    client, headers = Client(), {"Authorization": f"Bearer {desk.program.token}"}
    feed = f"{desk.path().rpartition('/')[0]}.svc/Submissions"
    held = [slots.Held([b"a"]) for _ in range(PLACES)]

    small = client.get(feed, headers=headers).getvalue()
    monkeypatch.setattr(slots, "SMALL", 1)
    refused = client.get(feed, headers=headers)
    held.pop().close()
    large = client.get(feed, headers=headers)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert large.getvalue() == small
    assert b'"value":[' in small
    assert len(held) == PLACES - 1


def test_who_is_refused_holds_no_file_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "WAIT_S", 0.0)
    held = [slots.Held([b"a"]) for _ in range(PLACES)]
    closed: list[str] = []
    with pytest.raises(DownloadsMany):
        slots.Held(Pieces(lambda _: b"a", 2, partial(closed.append, "refused")))
    assert (len(held), closed) == (PLACES, ["refused"])
