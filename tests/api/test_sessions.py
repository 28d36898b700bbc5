"""Who may call: sessions, passwords, and who may not."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from django.utils import timezone
from pytest_django import Settings

from server.projects import accounts, api_keys
from server.projects.models import Membership, Project, Role, SecondFactor, User
from tests import builders
from tests.api.conftest import Program

CURRENT = "/v1/sessions/current"


def body(email: str = "lan@example.org", password: str = builders.PASSWORD) -> dict[str, str]:
    return {
        "data": json.dumps({"email": email, "password": password}),
        "content_type": "application/json",
    }


def basic(credentials: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


@pytest.mark.row("RS01")
def test_a_password_opens_a_session_of_24_hours(stranger: Program, lan: User) -> None:
    answer = stranger.ask("POST", "/v1/sessions", **body())

    assert answer.status == 200
    assert set(answer.json) == {"token", "csrf", "createdAt", "expiresAt"}
    assert accounts.person(answer.json["token"]) == lan


@pytest.mark.row("RS01")
@pytest.mark.parametrize(
    ("email", "password"),
    [("lan@example.org", "sai"), ("mai@example.org", builders.PASSWORD), ("\x01", "\x01")],
)
def test_wrong_credentials_open_nothing(
    stranger: Program, lan: User, email: str, password: str
) -> None:
    answer = stranger.ask("POST", "/v1/sessions", **body(email, password))

    assert (answer.status, answer.nature, answer.json["code"]) == (401, "auth.failed", 401.2)
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.row("RS01")
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ('{"email": "a@b.vn"}', 400.2),
        ("", 400.2),
        ("{}", 400.2),
        ("[]", 400.8),
        ('"text"', 400.8),
        ('{"email": [], "password": "x"}', 400.8),
    ],
)
def test_a_session_needs_both_fields(stranger: Program, sent: str, code: float) -> None:
    answer = stranger.ask("POST", "/v1/sessions", data=sent, content_type="application/json")

    assert (answer.status, answer.json["code"]) == (400, code)


def test_no_text_that_the_database_cannot_hold_breaks_a_login(stranger: Program) -> None:
    null = stranger.ask("POST", "/v1/sessions", **body("a\0b", "x"))
    surrogate = stranger.ask("POST", "/v1/sessions", **body("a\ud800", "\ud800"))
    in_basic = stranger.get("/v1/projects/1/summary", headers=basic("a\0b:x"))

    assert (null.status, surrogate.status, in_basic.status) == (400, 400, 401)


def test_a_closed_session_opens_nothing(program: Program) -> None:
    closed = program.ask("DELETE", CURRENT)

    again = program.ask("DELETE", CURRENT)

    assert (closed.status, closed.json) == (200, {"success": True})
    assert (again.status, again.nature) == (401, "auth.failed")


@pytest.mark.row("AU15")
@pytest.mark.parametrize(
    "authorization", ["", "Basic", "Basic ä", "Basic ====", "Bearer", "Bearer x", "Digest x", "x y"]
)
def test_nothing_that_is_no_credential_opens_anything(
    stranger: Program, authorization: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    answer = stranger.ask("DELETE", CURRENT, headers=headers)

    assert (answer.status, answer.nature) == (401, "auth.failed")


def test_a_devices_key_opens_nothing_here(stranger: Program, project: Project) -> None:
    key = accounts.create_app_user(project, "Máy của Lan").token
    path = f"/v1/projects/{project.pk}/summary?form=kt_thu&year=2026"

    as_bearer = stranger.get(path, headers={"Authorization": f"Bearer {key}"})
    as_query = stranger.get(f"{path}&st={key}")

    assert (as_bearer.status, as_query.status) == (401, 401)


def test_a_password_is_taken_from_this_machine(stranger: Program, lan: User) -> None:
    answer = stranger.ask("DELETE", CURRENT, headers=basic(f"{lan.email}:{builders.PASSWORD}"))

    assert answer.status == 200


@pytest.mark.parametrize(
    "way",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_a_password_is_refused_where_others_could_read_it(
    stranger: Program, lan: User, way: dict[str, str]
) -> None:
    on_login = stranger.ask("POST", "/v1/sessions", **body(), **way)
    in_header = stranger.ask(
        "DELETE", CURRENT, headers=basic(f"{lan.email}:{builders.PASSWORD}"), **way
    )

    assert (on_login.status, on_login.nature) == (401, "auth.password_in_clear")
    assert (in_header.status, in_header.nature) == (401, "auth.password_in_clear")


def test_a_password_is_taken_over_tls_from_anywhere(stranger: Program, lan: User) -> None:
    answer = stranger.ask("POST", "/v1/sessions", secure=True, REMOTE_ADDR="192.0.2.7", **body())

    assert answer.status == 200


def test_a_password_alone_is_not_enough_where_codes_are_asked_for_and_a_key_is(
    stranger: Program, lan: User, project: Project
) -> None:
    member = Membership.objects.get(user=lan, project=project)
    wish = api_keys.Wanted("x", Role(member.role), True, timezone.now() + dt.timedelta(days=1))
    key = api_keys.create(member, wish).token
    SecondFactor.objects.create(user=lan, sealed_secret=b"", confirmed_at=timezone.now())
    opened = stranger.ask("POST", "/v1/sessions", **body())
    asked = stranger.ask("GET", "/v1/projects", headers=basic(f"{lan.email}:{builders.PASSWORD}"))
    by_key = stranger.ask("GET", "/v1/projects", headers={"Authorization": f"Bearer {key}"})

    for answer in (opened, asked):
        assert (answer.status, answer.nature) == (401, "account.code_needed")
        assert "khóa API" in answer.json["message"]
    assert by_key.status == 200


def test_a_session_of_the_pages_is_none_here_before_codes_that_a_role_wants_are_set_up(
    stranger: Program, lan: User, settings: Settings
) -> None:
    opened = accounts.open_session(lan.email, builders.PASSWORD)
    assert opened is not None
    settings.TOTP_REQUIRED_ROLES = {str(Role.SUPERVISOR), str(Role.VIEWER), str(Role.MANAGER)}
    bearer = {"Authorization": f"Bearer {opened.token}"}
    answer = stranger.ask("GET", "/v1/projects", headers=bearer)

    assert (answer.status, answer.nature) == (401, "account.codes_needed")
