"""Tài khoản của tôi: name, password, sessions, keys, and codes of the own phone."""

from __future__ import annotations

import re

import pyotp
import pytest
from django.test import Client
from playwright.sync_api import expect
from pytest_django import Settings

from server.console import second_step, sessions
from server.projects import accounts, api_keys, second_factor
from server.projects.models import ApiKey, AuditEntry, Role, Session, User
from tests import builders
from tests.console.axe import findings
from tests.console.conftest import PHONE, Desks, reader, text
from tests.console.world import World

GOOD = "bốn từ chẳng liên quan"


def at(world: World, rest: str = "") -> str:
    return f"/du-an/{world.project.pk}/tai-khoan-cua-toi{rest}"


@pytest.fixture
def me(world: World) -> User:
    return world.people[Role.SUPERVISOR]


@pytest.fixture
def client(me: User) -> Client:
    return reader(me)


def switched_on(user: User) -> tuple[str, ...]:
    """Return the recovery codes of a person who has just set up codes."""
    second_factor.begin(user)
    given = second_factor.set_up(user)
    assert given is not None
    return second_factor.confirm(user, pyotp.TOTP(given.secret).now(), "")


def test_a_name_is_changed_and_stands_in_the_head(world: World, me: User, client: Client) -> None:
    refused = client.post(at(world, "/ten"), {"name": "x" * 121})
    client.post(at(world, "/ten"), {"name": " Hà  Thị Lan "})

    assert refused.status_code == 422
    assert User.objects.get(pk=me.pk).display_name == "Hà Thị Lan"
    assert f'href="{at(world)}"' in text(client.get(f"/du-an/{world.project.pk}"))


def test_a_password_is_changed_for_the_old_one_and_other_sessions_end(
    world: World, me: User, client: Client
) -> None:
    other = accounts.open_session(me.email, builders.PASSWORD)
    assert other is not None
    new = {"new_password": GOOD, "new_password_again": GOOD}
    wrong = client.post(at(world, "/mat-khau"), {"password": "sai", **new})
    weak = {"new_password": "4815162342108", "new_password_again": "4815162342108"}
    numeric = client.post(at(world, "/mat-khau"), {"password": builders.PASSWORD, **weak})
    done = client.post(at(world, "/mat-khau"), {"password": builders.PASSWORD, **new})

    assert (wrong.status_code, "Mật khẩu hiện nay không đúng" in text(wrong)) == (422, True)
    assert "toàn chữ số" in text(numeric)
    assert GOOD not in text(wrong)
    assert done.status_code == 303
    assert client.get(at(world)).status_code == 200
    assert accounts.person(other.token) is None


def test_no_password_that_was_typed_when_the_session_ended_is_repeated(
    world: World, client: Client
) -> None:
    Session.objects.all().delete()
    fields = {"password": "mật khẩu cũ này", "new_password": GOOD, "totp": "123456"}
    over = client.post(at(world, "/mat-khau"), {**fields, "khac": "điều khác"})

    assert over.status_code == 401
    assert "điều khác" in text(over)
    for secret in fields.values():
        assert secret not in text(over)


def test_sessions_are_listed_by_what_opened_them_and_the_others_end(
    world: World, me: User, client: Client
) -> None:
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0"
    accounts.open_session(me.email, builders.PASSWORD, client=chrome)
    page = text(client.get(at(world)))
    client.post(at(world, "/phien"))

    assert "Edge, Windows" in page
    assert page.count("Phiên này") == 1
    assert Session.objects.filter(user=me).count() == 1
    assert client.get(at(world)).status_code == 200


def test_a_key_is_shown_once_does_what_it_says_and_is_taken_back(
    world: World, me: User, client: Client
) -> None:
    day = f"{Session.objects.latest('pk').expires_at:%d/%m/%Y}"
    asked = {"key_name": "Bảng của tôi", "role": "viewer", "expires": day}
    (token,) = re.findall(r"sxk_[\w-]{48}", text(client.post(at(world, "/khoa-api"), asked)))
    again = client.post(at(world, "/khoa-api"), asked)
    key = ApiKey.objects.get()
    page = text(client.get(at(world)))
    unsure = client.post(at(world, f"/khoa-api/{key.pk}"))

    assert api_keys.holder(token) == me
    assert (key.name, key.role, key.is_read_only) == ("Bảng của tôi", "viewer", True)
    assert (again.status_code, token in page, "Bảng của tôi" in page) == (422, False, True)
    assert unsure.status_code == 422
    client.post(at(world, f"/khoa-api/{key.pk}"), {"confirmed": "on"})
    assert "Bảng của tôi" not in text(client.get(at(world)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": "manager"}, "vai trò của bạn là"),
        ({"role": "vua"}, "Chọn vai trò của khóa"),
        ({"expires": "mai"}, "Hạn dùng viết như"),
        ({"expires": "31/12/2099"}, "trong vòng 366 ngày"),
        ({"key_name": " "}, "Ghi tên khóa"),
    ],
)
def test_no_key_that_may_more_or_lives_too_long(
    world: World, client: Client, given: dict[str, str], said: str
) -> None:
    asked = {"key_name": "x", "role": "viewer", "expires": "01/01/2027", **given}
    answer = client.post(at(world, "/khoa-api"), asked)

    assert said in text(answer)
    assert not ApiKey.objects.exists()


def test_a_key_of_somebody_else_is_not_there(world: World, client: Client) -> None:
    manager = reader(world.people[Role.MANAGER])
    day = f"{Session.objects.latest('pk').expires_at:%d/%m/%Y}"
    manager.post(at(world, "/khoa-api"), {"key_name": "x", "role": "viewer", "expires": day})
    answer = client.post(at(world, f"/khoa-api/{ApiKey.objects.get().pk}"), {"confirmed": "on"})

    assert answer.status_code == 404
    assert ApiKey.objects.filter(revoked_at=None).exists()


def test_the_second_step_asks_for_a_code_once_the_password_is_right(world: World, me: User) -> None:
    codes = switched_on(me)
    client = Client()
    back = {"next": f"/du-an/{world.project.pk}/ho-so"}
    assert client.get("/dang-nhap/ma").headers["Location"] == "/dang-nhap"
    wrong = client.post("/dang-nhap", {"email": me.email, "password": "sai", **back})
    asked = client.post("/dang-nhap", {"email": me.email, "password": builders.PASSWORD, **back})
    refused = client.post("/dang-nhap/ma", {"totp": "000000", **back})
    opened = client.post("/dang-nhap/ma", {"totp": codes[0], **back})

    assert (wrong.status_code, second_step.COOKIE in wrong.cookies) == (401, False)
    assert 'name="totp"' in text(asked)
    assert sessions.COOKIE not in asked.cookies
    assert (refused.status_code, 'value="/du-an/' in text(refused)) == (422, True)
    assert opened.headers["Location"] == back["next"]
    assert client.get(back["next"]).status_code == 200
    entry = AuditEntry.objects.filter(action="user.session.create").latest("pk")
    assert entry.details == {"second": "recoveryCode"}


def test_what_was_typed_when_the_session_ended_comes_through_both_steps(
    world: World, me: User
) -> None:
    (recovery, *_) = switched_on(me)
    client = Client()
    kept = {"kept_for": f"/du-an/{world.project.pk}", "kept.reason": "Thiếu biên bản"}
    right = {"email": me.email, "password": builders.PASSWORD}
    asked = text(client.post("/dang-nhap", {**right, **kept}))
    carried = dict(re.findall(r'name="(kept[^"]*)" value="([^"]*)"', asked))
    shown = text(client.post("/dang-nhap/ma", {"totp": recovery, **carried}))

    assert carried == kept
    assert '<dd class="as-typed">Thiếu biên bản</dd>' in shown


def test_a_code_without_a_password_before_it_opens_nothing(world: World, me: User) -> None:
    codes = switched_on(me)
    client = Client()
    early = client.post("/dang-nhap/ma", {"totp": codes[0]})
    client.post("/dang-nhap", {"email": me.email, "password": builders.PASSWORD})
    accounts.set_password(me, GOOD)
    late = client.post("/dang-nhap/ma", {"totp": codes[0]})

    for answer in (early, late):
        assert (answer.status_code, sessions.COOKIE in answer.cookies) == (401, False)
        assert "Nhập lại mật khẩu" in text(answer)
    assert second_factor.recovery_codes_left(me) == 10


def test_codes_go_off_and_are_renewed_for_password_and_code_alone(
    world: World, me: User, client: Client
) -> None:
    client.post(at(world, "/ma-hai-buoc/moi"))
    given = second_factor.set_up(me)
    assert given is not None
    shown = text(client.get(at(world, "/ma-hai-buoc")))
    on = client.post(at(world, "/ma-hai-buoc/bat"), {"totp": pyotp.TOTP(given.secret).now()})
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", text(on))
    right = {"password": builders.PASSWORD}
    new = client.post(at(world, "/ma-hai-buoc/du-phong"), {**right, "totp": codes[0]})
    newer = re.findall(r"<code>([a-z2-7-]{19})</code>", text(new))
    off = at(world, "/ma-hai-buoc/tat")
    refused = [
        client.post(off, {"password": "sai", "totp": newer[0]}),
        client.post(off, {**right, "totp": codes[1]}),
    ]
    assert given.secret[:4] in shown
    assert 'class="segno"' in shown
    assert given.secret[:4] not in text(client.get(at(world, "/ma-hai-buoc")))
    assert (len(codes), len(newer), set(codes) & set(newer)) == (10, 10, set())
    assert [answer.status_code for answer in refused] == [422, 422]
    assert second_factor.is_on(me)
    client.post(off, {**right, "totp": newer[0]})
    assert not second_factor.is_on(me)


def test_whose_role_wants_codes_is_led_to_them_before_anything_else(
    world: World, me: User, client: Client, settings: Settings
) -> None:
    settings.TOTP_REQUIRED_ROLES = {"supervisor"}
    led = client.get(f"/du-an/{world.project.pk}/ho-so")
    acting = client.post(at(world, "/khoa-api"), {"key_name": "x", "role": "viewer"})

    assert led.headers["Location"] == acting.headers["Location"] == at(world, "/ma-hai-buoc")
    assert "phải bật mã hai bước" in text(client.get(at(world, "/ma-hai-buoc")))
    assert reader(world.people[Role.VIEWER]).get(at(world)).status_code == 200
    client.post(at(world, "/ma-hai-buoc/moi"))
    given = second_factor.set_up(me)
    assert given is not None
    client.post(at(world, "/ma-hai-buoc/bat"), {"totp": pyotp.TOTP(given.secret).now()})
    assert client.get(f"/du-an/{world.project.pk}/ho-so").status_code == 200


def test_a_person_is_added_and_sets_up_codes_at_the_desk(desks: Desks) -> None:
    project = desks.world.project.pk
    manager = desks.of(Role.MANAGER).page(f"/du-an/{project}/tai-khoan/moi")
    manager.get_by_label("Họ tên").fill("Lý Thị Mới")
    manager.get_by_label("Địa chỉ thư điện tử").fill("moi@example.org")
    manager.get_by_label("Chỉ các xã, phường đánh dấu").check()
    manager.get_by_label("Tìm xã, phường").fill("dong hy")
    expect(manager.get_by_label("Phường Phan Đình Phùng")).to_be_hidden()
    manager.get_by_label("Xã Đồng Hỷ").check()
    manager.get_by_role("button", name="Thêm và lấy liên kết").click()
    path = manager.locator(".code-line").inner_text().removeprefix(desks.url)
    page = desks.of(None).page(path, PHONE)
    assert findings(page) == []
    page.get_by_label("Mật khẩu mới", exact=True).fill(GOOD)
    page.get_by_label("Nhập lại mật khẩu mới").fill(GOOD)
    page.get_by_role("button", name="Đặt mật khẩu").click()
    page.get_by_label("Địa chỉ thư điện tử").fill("moi@example.org")
    page.get_by_label("Mật khẩu").fill(GOOD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("link", name="Lý Thị Mới").click()
    page.get_by_role("link", name="Bật mã hai bước").click()
    page.get_by_role("button", name="Bắt đầu").click()
    page.get_by_text("Nhập tay").click()
    secret = page.locator(".as-typed").inner_text().replace(" ", "")
    page.get_by_label("Mã 6 chữ số").fill(pyotp.TOTP(secret).now())
    assert findings(page) == []
    page.get_by_role("button", name="Xác nhận và bật").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    manager.get_by_role("link", name="Trang của người này").click()
    assert findings(manager) == []
