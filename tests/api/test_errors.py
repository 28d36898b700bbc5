"""Every failure has one shape: a sentence, Central's number, our stable code."""

from __future__ import annotations

import datetime as dt
import errno
import gzip
import json
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from rest_framework.request import Request

from server.api import errors
from server.api.endpoint import Endpoint, Json
from server.projects.models import Project
from tests import builders
from tests.api.conftest import Program

SESSIONS = "/v1/sessions"


@pytest.mark.row("RS02", "RS03")
def test_an_unknown_address_is_told_in_json(stranger: Program) -> None:
    answer = stranger.get("/v1/nothing/here")

    assert answer.status == 404
    assert (answer.json["code"], answer.nature) == (404.1, "address.unknown")
    assert answer.json["message"].startswith("Máy chủ không có địa chỉ này")


def test_the_sentence_is_in_the_callers_language(stranger: Program) -> None:
    answer = stranger.get("/v1/nothing", headers={"Accept-Language": "en-GB,en;q=0.9"})

    assert answer.json["message"].startswith("The server has no such address")


def test_a_method_that_is_not_there_is_405_and_says_which_are(stranger: Program) -> None:
    answer = stranger.get(SESSIONS)

    assert (answer.status, answer.nature) == (405, "method.not_allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.row("RS03")
@pytest.mark.parametrize("sent", ["{", "NaN", '{"a":1}x', b"\xff\xfe", "[" * 100_000])
def test_malformed_json_is_400(stranger: Program, sent: str | bytes) -> None:
    answer = stranger.ask("POST", SESSIONS, data=sent, content_type="application/json")

    assert (answer.status, answer.json["code"], answer.nature) == (400, 400.1, "body.malformed")


def test_a_body_that_is_no_json_is_415(stranger: Program) -> None:
    answer = stranger.ask("POST", SESSIONS, data="email=a", content_type="text/plain")

    assert (answer.status, answer.nature) == (415, "body.media_type")


@pytest.mark.row("RS03")
def test_json_larger_than_any_address_needs_is_refused(stranger: Program) -> None:
    large = '{"email": "' + "a" * 250_000 + '"}'

    answer = stranger.ask("POST", SESSIONS, data=large, content_type="application/json")

    assert (answer.status, answer.json["code"], answer.nature) == (400, 400.36, "body.too_large")


@pytest.mark.row("RS03")
@pytest.mark.parametrize(
    ("sent", "encoding", "code"),
    [
        (b"{}", "wat", 400.37),
        (b"{}", "gzip", 400.37),
        (gzip.compress(b'{"email": "a"}'), "GZIP", 400.2),  # read: what is missing is told
        (gzip.compress(b"[" + b" " * 250_000), "gzip", 400.36),
    ],
    # Named, because gzip writes the time into what it packs: each worker would have other tests.
    ids=["no such way", "not packed", "packed", "packed bomb"],
)
def test_json_is_unpacked_or_refused(
    stranger: Program, sent: bytes, encoding: str, code: float
) -> None:
    answer = stranger.ask(
        "POST",
        SESSIONS,
        data=sent,
        content_type="application/json",
        headers={"Content-Encoding": encoding},
    )

    assert (answer.status, answer.json["code"]) == (400, code)


def test_a_format_that_is_not_there_is_406(stranger: Program) -> None:
    by_query = stranger.get("/v1/schema?format=html")

    assert (by_query.status, by_query.nature) == (406, "accept.unsupported")


def test_a_host_that_is_not_ours_is_refused_in_json(stranger: Program) -> None:
    answer = stranger.get("/v1/schema", headers={"Host": "evil.example"})

    assert (answer.status, answer.nature) == (400, "request.invalid")


@pytest.mark.django_db(transaction=True)  # in one that stands, a closed connection is another error
def test_a_database_that_does_not_answer_is_503(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    connection.close()

    answer = program.ask("DELETE", "/v1/sessions/current")

    assert (answer.status, answer.nature) == (503, "server.unavailable")
    assert answer.headers["Retry-After"] == "30"


def test_what_is_our_own_fault_is_a_500_without_details() -> None:
    answer = errors.failed(RequestFactory().get("/v1/schema"))

    assert answer.status_code == 500
    assert b'"nature": "internal"' in answer.content


def test_no_answer_may_be_kept_by_a_cache(program: Program) -> None:
    refused = program.get("/v1/projects/1/summary?form=none&year=2026")
    taken = program.ask("DELETE", "/v1/sessions/current")

    assert (refused.headers["Cache-Control"], taken.headers["Cache-Control"]) == ("no-store",) * 2


def test_a_slash_behind_an_address_changes_nothing(program: Program, project: Project) -> None:
    for path in ("/v1/projects", f"/v1/projects/{project.pk}/forms", "/v1/users/current"):
        assert program.get(f"{path}/").json == program.get(path).json

    for path in ("/v1/", "/v1/projects//", "/v1/nirgends/"):
        assert program.get(path).json["code"] == 404.1
    given = json.dumps({"email": "lan@example.org", "password": builders.PASSWORD})
    opened = Program().ask("POST", "/v1/sessions/", data=given, content_type="application/json")
    assert (opened.status, "token" in opened.json) == (200, True)


class _Broken(Endpoint):
    """A file that cannot be made."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> StreamingHttpResponse:
        return StreamingHttpResponse(self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        raise OSError(errno.ENOSPC, "full")
        yield b""


def test_what_fails_before_its_first_piece_is_told_as_everywhere() -> None:
    answer = _Broken.as_view()(RequestFactory().get("/"))

    assert (answer.status_code, json.loads(answer.content)["details"]["nature"]) == (
        507,
        "storage.full",
    )


def test_every_time_is_written_as_central_does() -> None:
    at = dt.datetime(2026, 6, 12, 8, 30, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=7)))

    assert Json().render({"at": at}) == b'{"at":"2026-06-12T01:30:00.123Z"}'
