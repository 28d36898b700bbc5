"""When something breaks: what the phone is told, and what the log keeps to itself."""

from __future__ import annotations

import errno
import io
import logging
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from server.projects.models import Project
from server.submissions.models import Submission
from sync import endpoint
from sync.collect import ServerRefused
from sync.endpoint import openrosa
from tests.device import Device, Outgoing
from tests.sync.published import filled, publish

ROOT = Path(__file__).resolve().parents[2]


def asked(view: endpoint.View[[]], **headers: str) -> HttpResponse:
    """Ask one view as a phone does."""
    request = RequestFactory().get("/v1/key/x/projects/1/formList", headers=headers)
    response = openrosa("GET")(view)(request)
    assert isinstance(response, HttpResponse)
    return response


def test_a_database_that_does_not_answer_is_503_and_the_phone_may_try_again() -> None:
    def view(request: HttpRequest) -> NoReturn:
        raise OperationalError("connection refused")

    response = asked(view, **{"X-OpenRosa-Version": "1.0"})

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert b'nature="server.unavailable"' in response.content


def test_a_fault_of_ours_is_500_and_neither_phone_nor_log_gets_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def view(request: HttpRequest) -> NoReturn:
        raise ValueError("Nguyễn Thị Lan, 12 Mill Lane")

    response = asked(view, **{"X-OpenRosa-Version": "1.0"})

    assert response.status_code == 500
    assert b'nature="server.error"' in response.content
    assert b"Mill Lane" not in response.content
    assert "ValueError (endpoint.py" in caplog.text
    assert "Mill Lane" not in caplog.text


@pytest.mark.row("FL17")
def test_a_list_is_never_shortened_by_an_error(device: Device, project: Project) -> None:
    """FL17: a phone in match-exactly mode deletes what a 200 does not name."""
    publish(project)
    device.match_exactly()

    with broken_table("forms_formattachment"), pytest.raises(ServerRefused, match="500"):
        device.match_exactly()

    assert list(device.held) == [("household", "1")]


@pytest.mark.row("SB05")
def test_a_submission_that_could_not_be_written_is_not_201(
    device: Device, project: Project
) -> None:
    publish(project)

    with broken_table("submissions_submissionattachment"):
        answer = device.give(filled(photo="1.jpg"), Outgoing("1.jpg", b"x"))

    assert (answer.status, answer.nature) == (500, "server.error")
    assert device.give(filled()).status == 201


def test_a_submission_whose_meaning_cannot_be_derived_is_201(
    device: Device, project: Project
) -> None:
    """Rule 6 of the house: raw first, meaning second."""
    publish(project)

    with broken_table("inspections_inspection"):
        answer = device.give(filled())

    assert answer.status == 201


@contextmanager
def broken_table(name: str) -> Iterator[None]:
    """Take a table away for a while."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO {name}_away")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {name}_away RENAME TO {name}")


def test_a_full_disk_is_507_and_nothing_is_stored(
    device: Device, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F8. The disk is played: a spool that the kernel will not let grow."""
    publish(project)
    monkeypatch.setattr("sync.multipart.tempfile.SpooledTemporaryFile", FullDisk)

    answer = device.give(filled(), Outgoing("1.jpg", b"x"))

    assert (answer.status, answer.nature) == (507, "storage.full")
    assert Submission.objects.count() == 0


class FullDisk(io.BytesIO):
    def __init__(self, max_size: int, dir: str | None) -> None:
        super().__init__()

    def write(self, data: object, /) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


SERVE = """
import sys
from waitress.server import create_server
from server.wsgi import application
import logging
server = create_server(application, host="127.0.0.1", port=0, threads=1, expose_tracebacks=True)
logging.getLogger("waitress").setLevel("DEBUG")
logging.getLogger("waitress").warning("GET /v1/key/%s/projects/1/formList", sys.argv[1])
print(server.effective_port, flush=True)
server.run()
"""


@pytest.mark.trap(20)
def test_no_log_line_of_the_whole_server_shows_a_key() -> None:
    """§5.2, §10.20: its own lines, Django's, the HTTP server's, and tracebacks."""
    key = "Zz9!" * 16
    # A key of a well-formed kind is looked up, which fails here: the database has no tables.
    paths = [
        f"/v1/key/{key}/projects/1/formList",
        f"/v1/key/{key}/projects/1/nowhere",
        f"/v1/projects/1/formList?x=1&st={key}",
        f"/v1/key/{key}x/projects/1/formList",
    ]

    with logging_server(key) as (port, process):
        statuses = [status(f"http://127.0.0.1:{port}{path}") for path in paths]
        process.terminate()
        log = process.communicate(timeout=20)[1]

    assert statuses == [500, 404, 500, 401]
    assert "ProgrammingError (endpoint.py" in log
    assert "WARNING waitress GET /v1/key/***/projects/1/formList" in log
    assert key not in log


def test_a_request_under_another_host_is_one_quiet_line_and_xml_for_a_phone(
    device: Device, base_url: str, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    """With a key in the address or, as phones with a password ask, without."""
    without_key = f"{base_url}/v1/projects/{project.pk}/formList"

    with caplog.at_level(logging.INFO):
        answers = [device.fetch(url, {"Host": "evil.example"}) for url in ("formList", without_key)]

    assert [(answer.status, answer.nature) for answer in answers] == [
        (400, "openrosa.request_refused")
    ] * 2
    assert [(line.levelname, line.exc_info) for line in caplog.records] == [("WARNING", None)] * 2
    assert "evil.example" in caplog.text


def without_tables() -> str:
    """Return the URL of the database that each cluster has, and that nobody has migrated."""
    where = connection.settings_dict
    account = f"{quote(where['USER'])}:{quote(where['PASSWORD'], safe='')}"
    if where["HOST"].startswith("/"):  # a folder with a socket
        return f"postgres://{account}@/{where['HOST']}/postgres"
    return f"postgres://{account}@{where['HOST']}:{where['PORT'] or 5432}/postgres"


@contextmanager
def logging_server(key: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, key],
        cwd=ROOT,
        env={
            **os.environ,
            "LOG_LEVEL": "DEBUG",
            "DJANGO_SETTINGS_MODULE": "server.settings",
            "DATABASE_URL": without_tables(),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process
    finally:
        process.kill()
        process.wait()


def status(url: str) -> int:
    request = urllib.request.Request(url, headers={"X-OpenRosa-Version": "1.0"})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
