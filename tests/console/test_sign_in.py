"""Signing in, and what is over in the middle of the work."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from server.console import sessions
from server.projects import accounts
from server.projects.audit import SERVER
from server.projects.models import Project, Role, User
from tests import builders
from tests.console.conftest import text

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


@pytest.fixture
def lan(project: Project) -> User:
    return builders.member(project, role=Role.SUPERVISOR)


def sign_in(client: Client, password: str = builders.PASSWORD, **more: str) -> Any:
    form = {"email": "lan@example.org", "password": password, **more}
    return client.post("/dang-nhap", form)


def test_whoever_signs_in_comes_to_their_project(lan: User, project: Project) -> None:
    client = Client()
    answer = sign_in(client)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = client.cookies[sessions.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert client.get("/").headers["Location"] == f"/du-an/{project.pk}"
    assert client.get(f"/du-an/{project.pk}").status_code == 200


def test_a_page_may_be_in_no_cache_and_no_frame_and_load_nothing_foreign(lan: User) -> None:
    headers = Client().get("/dang-nhap").headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_wrong_password_says_so_and_keeps_the_address(lan: User) -> None:
    answer = sign_in(Client(), "sai")

    assert answer.status_code == 401
    assert "mật khẩu không đúng" in text(answer)
    assert 'value="lan@example.org"' in text(answer)


def test_whoever_guesses_has_to_wait(lan: User, settings: Settings) -> None:
    settings.THROTTLE_TRIES = 3
    answers = [sign_in(Client(), "sai").status_code for _ in range(3)]
    last = sign_in(Client())

    assert (answers, last.status_code) == ([401, 401, 401], 429)
    assert int(last.headers["Retry-After"]) > 0


def test_no_password_is_taken_where_others_can_listen(lan: User) -> None:
    answer = Client(REMOTE_ADDR="192.168.1.20").post(
        "/dang-nhap", {"email": lan.email, "password": builders.PASSWORD}
    )

    assert answer.status_code == 403
    assert sessions.COOKIE not in answer.cookies


@pytest.mark.parametrize("next_page", ["//elsewhere.example/x", "https://elsewhere.example", "x"])
def test_nobody_is_sent_to_another_host(lan: User, next_page: str) -> None:
    assert sign_in(Client(), next=next_page).headers["Location"] == "/"


def test_a_page_that_needs_somebody_leads_back_to_itself(lan: User, project: Project) -> None:
    client = Client()
    wanted = f"/du-an/{project.pk}/ho-so?state=edited"
    asked = client.get(wanted)
    signed_in = sign_in(client, next=wanted)

    assert asked.headers["Location"].startswith("/dang-nhap?next=%2Fdu-an%2F")
    assert signed_in.headers["Location"] == wanted


def test_htmx_is_led_there_with_the_whole_page(lan: User, project: Project) -> None:
    page = f"http://testserver/du-an/{project.pk}"
    answer = Client().get(
        f"/du-an/{project.pk}/ho-so", headers={"HX-Request": "true", "HX-Current-URL": page}
    )

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/dang-nhap?next=%2Fdu-an%2F{project.pk}"


def test_what_was_typed_when_the_session_ended_is_given_back(lan: User, project: Project) -> None:
    client = Client()
    wanted = f"/du-an/{project.pk}"
    over = client.post(wanted, {"reason": "Thiếu <b>biên bản</b>", "to": "hasIssues"})
    carried = dict(re.findall(r'name="(kept[^"]*)" value="([^"]*)"', text(over)))
    shown = sign_in(client, **{**carried, "kept.reason": "Thiếu <b>biên bản</b>"})

    assert over.status_code == 401
    assert carried["kept_for"] == wanted
    assert carried["kept.reason"] == "Thiếu &lt;b&gt;biên bản&lt;/b&gt;"
    assert sessions.COOKIE in shown.cookies
    assert f'action="{wanted}"' in text(shown)
    assert 'name="to" value="hasIssues"' in text(shown)
    assert '<dt>Lý do</dt><dd class="as-typed">Thiếu &lt;b&gt;biên bản&lt;/b&gt;' in text(shown)
    assert '<dt>Quyết định</dt><dd class="as-typed">Cần bổ sung</dd>' in text(shown)


def test_a_form_of_another_site_does_nothing_and_cannot_be_sent_by_one_click(
    lan: User, project: Project
) -> None:
    client = Client(enforce_csrf_checks=True)
    opened = accounts.open_session(lan.email, builders.PASSWORD)
    assert opened is not None
    client.cookies[sessions.COOKIE] = opened.token
    answer = client.post("/dang-xuat", {"reason": "một lý do đủ dài"})

    assert answer.status_code == 403
    assert accounts.person(opened.token) == lan
    assert "một lý do đủ dài" in text(answer)
    assert '<form method="post" action="/dang-xuat"' not in text(answer)


def test_signing_out_ends_the_session_itself(lan: User, project: Project) -> None:
    client = Client()
    sign_in(client)
    token = client.cookies[sessions.COOKIE].value
    client.post("/dang-xuat")

    assert accounts.person(token) is None
    assert client.get(f"/du-an/{project.pk}").status_code == 302


def test_pages_are_english_for_whoever_asks_for_it(lan: User) -> None:
    client = Client()
    answer = client.post("/ngon-ngu", {"language": "en", "next": "/dang-nhap"})
    page = text(client.get("/dang-nhap"))

    assert answer.headers["Location"] == "/dang-nhap"
    assert '<html lang="en">' in page
    assert "Sign in" in page


def test_the_language_goes_with_the_account_to_other_browsers(lan: User, project: Project) -> None:
    first, second, open_before = Client(), Client(), Client()
    sign_in(first)
    sign_in(open_before)
    first.post("/ngon-ngu", {"language": "en", "next": "/"})
    sign_in(second)
    pages = [text(one.get(f"/du-an/{project.pk}")) for one in (first, second, open_before)]

    assert ['<html lang="en">' in page for page in pages] == [True, True, True]
    assert second.cookies[sessions.LANGUAGE_COOKIE].value == "en"
    assert open_before.cookies[sessions.LANGUAGE_COOKIE].value == "en"
    assert '<html lang="vi">' in text(Client().get("/dang-nhap"))


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_for_people_and_json_for_programs() -> None:
    page = Client().get("/khong-co", headers={"Accept": "text/html"})
    json = Client().get("/v1/khong-co", headers={"Accept": "text/html"})

    assert page.status_code == json.status_code == 404
    assert "console.page_unknown" in text(page)
    assert json.headers["Content-Type"] == "application/json"


def test_whoever_works_in_several_projects_chooses_and_in_none_is_told_so(
    lan: User, project: Project
) -> None:
    other = builders.project("Dự án 8")
    accounts.join(lan, other, Role.VIEWER)
    client = Client()
    sign_in(client)
    several = text(client.get("/"))
    accounts.update_project(project.pk, SERVER, is_archived=True)
    over = text(client.get("/"))
    lan.membership_set.all().delete()
    none = text(client.get("/"))

    assert f'href="/du-an/{project.pk}"' in several
    assert f'href="/du-an/{other.pk}"' in several
    assert over.index(other.name) < over.index(project.name) < over.index("đã kết thúc")
    assert "đã kết thúc" not in several
    assert "chưa thuộc chương trình nào" in none
