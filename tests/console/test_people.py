"""Tài khoản: who is in the project, added by a link, given roles, shut out."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.projects import accounts, people
from server.projects.models import AuditEntry, Membership, Role, SecondFactor, User
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import HOSTILE, World

GOOD = "bốn từ chẳng liên quan"
NEW = {"name": "Lý Thị Mới", "email": "moi@example.org", "scope": "all"}


def at(world: World, rest: str = "") -> str:
    return f"/du-an/{world.project.pk}/tai-khoan{rest}"


@pytest.fixture
def manager(world: World) -> Client:
    return reader(world.people[Role.MANAGER])


def membership(world: World, user: User) -> Membership:
    return Membership.objects.get(project=world.project, user=user)


def test_somebody_new_comes_in_by_a_link_that_is_shown_once(world: World, manager: Client) -> None:
    given = {**NEW, "role": "supervisor", "scope": "some", "commune": world.dong_hy.uid}
    (path,) = re.findall(
        r"http://testserver(/dat-mat-khau/[\w-]{43})", text(manager.post(at(world, "/moi"), given))
    )
    user = User.objects.get(email="moi@example.org")
    theirs = Client()
    asked = theirs.get(path)
    differing = {"new_password": GOOD, "new_password_again": "khác"}
    refused = [theirs.post(path, differing), theirs.post(path, _twice("ngắn"))]
    done = theirs.post(path, _twice(GOOD))
    signed_in = theirs.post("/dang-nhap", {"email": user.email, "password": GOOD})

    assert user.email in text(asked)
    assert [answer.status_code for answer in refused] == [422, 400]
    assert done.headers["Location"] == "/dang-nhap?moi=1"
    assert "Đã đặt mật khẩu" in text(theirs.get("/dang-nhap?moi=1"))
    assert signed_in.headers["Location"] == "/"
    assert theirs.get(path).status_code == 410
    assert path not in text(manager.get(at(world, f"/{user.pk}")))
    assert membership(world, user).commune_uids == [world.dong_hy.uid]


def _twice(password: str) -> dict[str, str]:
    return {"new_password": password, "new_password_again": password}


def test_no_password_is_set_where_others_can_listen(world: World) -> None:
    added = people.add(
        membership(world, world.people[Role.MANAGER]),
        people.Wanted("moi@example.org", "Mới", Role.VIEWER),
    )
    assert added.link is not None
    client = Client(REMOTE_ADDR="192.168.1.20")
    answer = client.post(f"/dat-mat-khau/{added.link.token}", _twice(GOOD))

    assert answer.status_code == 403
    assert not User.objects.get(pk=added.user.pk).has_usable_password()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"email": "không có a còng"}, "Địa chỉ thư viết như"),
        ({"email": "a@" + ".".join(["İ" * 59] * 4)}, "dài quá 254"),
        ({"email": "manager@example.org"}, "đã có trong chương trình"),
        ({"name": " \0 "}, "Ghi họ tên"),
        ({"role": "chủ tịch"}, "Chọn vai trò."),
        ({"scope": "some"}, "Đánh dấu ít nhất một xã"),
        ({"scope": "some", "commune": "05665@1999-01-01"}, "05665@1999-01-01"),
        ({"scope": "some", "commune": "05665\0@x"}, "05665@x"),
        ({"scope": "some", "commune": "9" * 5000}, "999"),
        ({"role": "", "commune": "a\0b"}, "Chọn vai trò."),
    ],
)
def test_what_cannot_be_is_told_with_what_was_typed(
    world: World, manager: Client, given: dict[str, str], said: str
) -> None:
    answer = manager.post(at(world, "/moi"), {**NEW, "role": "supervisor", **given})

    assert answer.status_code in (404, 409, 422)
    assert said in text(answer)
    assert NEW["name"] in text(answer) or "name" in given
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_communes_are_found_without_marks_and_scripts_and_what_is_ticked_stays(
    world: World, manager: Client
) -> None:
    given = {
        **NEW,
        **{"role": "supervisor", "scope": "some", "find": "1", "commune_words": "PHAN dinh"},
        "commune": world.dong_hy.uid,
    }
    asked = {"new": at(world, "/moi"), "one": at(world, f"/{world.scoped.pk}/vai-tro")}
    for page in (text(manager.post(path, given)) for path in asked.values()):
        boxes = re.findall(r'name="commune" value="([^"]+)"( checked)?', page)
        assert boxes == [(world.dong_hy.uid, " checked"), (world.phan_dinh_phung.uid, "")]

    none = text(manager.post(asked["new"], {**given, "commune_words": "xyz", "commune": []}))
    assert "Không có xã, phường nào khớp." in none
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_a_role_and_its_communes_are_changed(world: World, manager: Client) -> None:
    one = at(world, f"/{world.scoped.pk}/vai-tro")
    uids = sorted([world.dong_hy.uid, world.phan_dinh_phung.uid])
    manager.post(one, {"role": "supervisor", "scope": "some", "commune": uids})
    assert membership(world, world.scoped).commune_uids == uids
    manager.post(one, {"role": "viewer", "scope": "some", "commune": uids})

    assert membership(world, world.scoped).role == "viewer"
    # As many boxes as a province has communes, and more.
    manager.post(one, {"role": "supervisor", "scope": "some", "commune": uids * 100})
    assert membership(world, world.scoped).commune_uids == uids
    entry = AuditEntry.objects.filter(action="user.assignment.create").latest("pk")
    assert entry.actor_id == world.people[Role.MANAGER].pk


def test_every_act_on_an_account_wants_a_yes_and_is_told_to_the_log(
    world: World, manager: Client
) -> None:
    user = world.people[Role.SUPERVISOR]
    SecondFactor.objects.create(user=user, sealed_secret=b"", confirmed_at=timezone.now())
    acts = {
        "ma-hai-buoc": "user.totp.delete",
        "mat-khau": "user.password_link.create",
        "khoa": "user.lock",
        "mo-khoa": "user.unlock",
        "dua-ra": "user.assignment.delete",
    }
    for path, action in acts.items():
        one = at(world, f"/{user.pk}/{path}")
        unsure = manager.post(one)
        assert (unsure.status_code, "Đánh dấu vào ô xác nhận" in text(unsure)) == (422, True)
        assert not AuditEntry.objects.filter(action=action).exists()
        manager.post(one, {"confirmed": "on"})
        entry = AuditEntry.objects.get(action=action)
        assert (entry.object_name, entry.project_id) == (str(user.pk), world.project.pk)

    assert manager.get(at(world, f"/{user.pk}")).status_code == 404
    assert User.objects.filter(pk=user.pk, is_active=True).exists()


def test_the_last_manager_is_told_why_they_stay(world: World, manager: Client) -> None:
    me = world.people[Role.MANAGER]
    demoted = manager.post(at(world, f"/{me.pk}/vai-tro"), {"role": "viewer", "scope": "all"})
    locked = manager.post(at(world, f"/{me.pk}/khoa"), {"confirmed": "on"})

    for answer in (demoted, locked):
        assert (answer.status_code, "người quản lý duy nhất" in text(answer)) == (409, True)
    assert manager.get(at(world)).status_code == 200


def test_the_list_is_found_without_marks_filtered_and_costs_the_same_however_long(
    world: World, manager: Client
) -> None:
    people.lock(membership(world, world.people[Role.MANAGER]), world.people[Role.VIEWER].pk)
    accounts.join(accounts.create_user("x@example.org", HOSTILE, None), world.project, Role.VIEWER)
    with CaptureQueriesContext(connection) as few:
        page = text(manager.get(at(world)))
    for number in range(5):
        builders.member(world.project, f"{number}@example.org", Role.SUPERVISOR)
        uids = [world.dong_hy.uid]
        accounts.join(User.objects.latest("pk"), world.project, Role.SUPERVISOR, commune_uids=uids)
    with CaptureQueriesContext(connection) as many:
        manager.get(at(world))

    assert len(few) == len(many)
    assert "Xã Đồng Hỷ" in page
    assert HOSTILE not in page
    assert "viewer@example.org" not in page
    assert "viewer@example.org" in text(manager.get(at(world, "?xem=locked")))
    assert "x@example.org" in text(manager.get(at(world, "?xem=waiting")))
    found = text(manager.get(at(world, "?q=HOA")))
    assert re.findall(r"[\w-]+@example.org", found) == ["dong-hy@example.org"]
    assert "Không có ai hợp với từ tìm" in text(manager.get(at(world, "?q=khong+co+ai")))


def test_the_page_is_for_managers_of_the_project(world: World) -> None:
    for role in (Role.SUPERVISOR, Role.VIEWER):
        client = reader(world.people[role])
        for path in ("", "/moi", f"/{world.scoped.pk}"):
            assert client.get(at(world, path)).status_code == 404
        assert (
            client.post(at(world, f"/{world.scoped.pk}/khoa"), {"confirmed": "on"}).status_code
            == 404
        )
    other = builders.member(world.foreign, "khac@example.org", Role.MANAGER)
    strange = reader(other).get(f"/du-an/{world.foreign.pk}/tai-khoan/{world.scoped.pk}")

    assert strange.status_code == 404
    assert User.objects.get(pk=world.scoped.pk).is_active


def test_somebody_whom_others_let_in_accepts_an_invitation(world: World, manager: Client) -> None:
    theirs = builders.member(world.foreign, "khac@example.org", Role.MANAGER)
    known = people.NewAccount("moi@example.org", "Mới", "người tạo biết câu này")
    foreign = Membership.objects.get(user=theirs)
    user = people.invite(foreign, known).user
    people.assign(foreign, user.pk, Role.VIEWER, [])
    shown = text(manager.post(at(world, "/moi"), {**NEW, "role": "viewer"}))
    (path,) = re.findall(r"http://testserver(/loi-moi/[\w-]{43})", shown)
    waiting = text(manager.get(at(world)))
    client = Client()
    there = at(world, f"/{user.pk}/rut-loi-moi")
    assert manager.post(there).status_code == 303
    assert (client.get(path).status_code, manager.post(there).status_code) == (410, 404)
    shown = text(manager.post(at(world, "/moi"), {**NEW, "role": "viewer"}))
    (path,) = re.findall(r"http://testserver(/loi-moi/[\w-]{43})", shown)
    asked = text(client.get(path))
    wrong = client.post(path, {"password": "x", **_twice(GOOD)})
    done = client.post(path, {"password": known.password, **_twice(GOOD)})

    assert "Đã mời, chưa nhận" in waiting
    assert (world.project.name in asked, user.email in asked) == (True, True)
    assert (wrong.status_code, "Mật khẩu hiện nay không đúng" in text(wrong)) == (422, True)
    assert done.headers["Location"] == "/dang-nhap?moi=1"
    assert membership(world, user).role == "viewer"
    assert client.get(path).status_code == 410
    assert "Đã mời" not in text(manager.get(at(world)))
