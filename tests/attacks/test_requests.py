"""Hostile requests to the real HTTP server: the right answer, in no time, in no memory.

One server process takes them all. What each costs is read from the operating system: processor
time, and the highest resident memory since the last one (proc(5): clear_refs, VmHWM).
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from server.projects import accounts
from tests.attacks import requests_corpus, xml_corpus
from tests.attacks.requests_corpus import CANARY, NAMES, fresh
from tests.attacks.wire import END, Answer, Attack, Place, ask, form, get, post, post_framed
from tests.conftest import empty
from tests.sync.published import publish

pytestmark = pytest.mark.django_db  # so that the database is there
ROOT = Path(__file__).parents[2]
MOST_KB = 20_000
MOST_KEPT_KB = 60_000  # of 5 MB that are stored: as read, as a tree, on the way to PostgreSQL
MOST_S = 1.0  # of processor time: the machine may be busy otherwise
# What one request used goes back at once, so that the next one's need is seen (mallopt(3)).
GIVES_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}


@dataclass(slots=True)
class Server:
    """A server to attack."""

    place: Place
    process: psutil.Process
    log: Path

    def meet(self, request: bytes) -> tuple[Answer, float, int]:
        """Send a request; return the answer, and what it cost in seconds and kilobytes."""
        (Path("/proc") / str(self.process.pid) / "clear_refs").write_text("5")
        before_kb, before_s = self._kb("VmRSS"), self._spent_s()
        answer = ask(self.place.port, request)
        return answer, self._spent_s() - before_s, self._kb("VmHWM") - before_kb

    def _spent_s(self) -> float:
        times = self.process.cpu_times()
        return times.user + times.system

    def _kb(self, name: str) -> int:
        status = (Path("/proc") / str(self.process.pid) / "status").read_text()
        return int(re.findall(rf"{name}:\s+(\d+) kB", status)[0])


@pytest.fixture(scope="module")
def server(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("attacks") / "log"
    with django_db_blocker.unblock(), log.open("w") as out:
        project = accounts.create_project("Bình đẳng giới")
        publish(project)
        token = accounts.create_app_user(project, "Chị Lan").token
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.served", connection.settings_dict["NAME"]],
            cwd=ROOT,
            env={**os.environ, **GIVES_BACK, "LOG_LEVEL": "INFO"},
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
        )
        try:
            assert process.stdout is not None
            place = Place(int(process.stdout.readline()), token, project.pk)
            ask(place.port, get("{device}/formList")(place))  # what is read once is read
            yield Server(place, psutil.Process(process.pid), log)
        finally:
            process.terminate()
            process.wait()
            empty()


@pytest.mark.parametrize("name", requests_corpus.CORPUS)
def test_each_request_meets_its_own_answer_at_no_cost(name: str, server: Server) -> None:
    attack = requests_corpus.CORPUS[name]

    answer, took_s, grown_kb = server.meet(attack.request(server.place))

    assert (answer.status, answer.code) == (attack.status, attack.code), answer.body[:500]
    assert took_s < MOST_S
    assert grown_kb < MOST_KB
    assert "Location:" not in answer.head
    assert b"Traceback" not in answer.body


@pytest.mark.parametrize("name", xml_corpus.CORPUS)
def test_each_document_meets_its_own_answer_at_no_cost(name: str, server: Server) -> None:
    document = xml_corpus.CORPUS[name]
    attack = as_request(document)

    answer, took_s, grown_kb = server.meet(attack.request(server.place))

    assert (answer.status, answer.code) == (attack.status, attack.code)
    assert took_s < MOST_S
    assert grown_kb < (MOST_KB if document.code else MOST_KEPT_KB)


def test_lines_on_which_nothing_moves_keep_nobody_waiting(server: Server) -> None:
    """T6, slow-loris: a thread is given to a request that is there, never to half of one."""
    begun = post_framed(fresh("never"), "Content-Length: 5000000")(server.place)
    with ExitStack() as held:
        for size in (40, len(begun)) * 20:  # within the headers, within the body
            line = held.enter_context(socket.create_connection(("127.0.0.1", server.place.port)))
            line.sendall(begun[:size])

        asked_at = time.monotonic()
        answer = ask(server.place.port, get("{device}/formList")(server.place))

    assert answer.status == 200
    assert time.monotonic() - asked_at < 5


@pytest.mark.parametrize("name", ["no last boundary", "10 000 parts", "two forms"])
def test_a_refused_post_leaves_no_file(name: str, server: Server) -> None:
    ask(server.place.port, requests_corpus.CORPUS[name].request(server.place))

    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


@pytest.mark.parametrize("name", [name for name, each in NAMES.items() if each.status == 201])
def test_a_file_lies_under_its_digest_whatever_it_is_called(name: str, server: Server) -> None:
    """T7."""
    ask(server.place.port, NAMES[name].request(server.place))

    kept = [path.name for path in settings.FILES_DIR.rglob("*") if path.is_file()]
    assert hashlib.sha256(b"x").hexdigest() in kept
    assert [each for each in kept if not re.fullmatch("[0-9a-f]{64}", each)] == []


@pytest.mark.parametrize(
    "name",
    ["a path of two lines", "two ids", "a name of two lines", "an edit of nothing", "no key"],
)
def test_the_log_shows_no_key_no_answer_and_no_line_of_strangers(name: str, server: Server) -> None:
    """T23."""
    ask(server.place.port, requests_corpus.CORPUS[name].request(server.place))

    log = server.log.read_text()
    assert server.place.token not in log
    assert CANARY not in log
    assert "\nFORGED" not in log.replace("\r", "\n")


def as_request(document: xml_corpus.Attack) -> Attack:
    """Return a document as a submission; those that are harmless are of a form of nobody."""
    code = document.code or "submission.form_unknown"
    status = STATUSES.get(code, 400)
    return Attack(status, code, post(lambda: form(document.xml()) + END))


STATUSES = {"submission.form_unknown": 404, "xml.too_large": 413}
