"""Thiết bị: keys shown once, on screen and on paper; taken back, issued again."""

from __future__ import annotations

import datetime as dt
import re

import pypdfium2
import pytest
import zxingcpp
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import expect

from server.plans.devices import Fares, devices, told
from server.projects import access, accounts
from server.projects.models import AppUser, AuditEntry, Role
from server.projects.problems import KeyRevoked, KeyUnknown
from tests.console.axe import findings
from tests.console.conftest import Desks, reader, text
from tests.console.world import HOSTILE, World

_SECRET = re.compile(r'name="secret" value="([A-Za-z0-9!$]{64})"')


def at(world: World, rest: str = "") -> str:
    return f"/du-an/{world.project.pk}/thiet-bi{rest}"


def manager(world: World) -> Client:
    return reader(world.people[Role.MANAGER])


def made(client: Client, world: World, **given: object) -> tuple[str, list[str]]:
    """Return the page that a form for new devices answers with, and the keys on it."""
    page = text(client.post(at(world, "/moi"), {"all_forms": "yes", **given}))
    return page, _SECRET.findall(page)


def test_each_name_gets_a_key_that_is_shown_once_and_opens_the_forms_chosen(world: World) -> None:
    client = manager(world)
    asked = {"names": "Lan\n\n Bình  An \n", "team": "Đoàn 3", "expires": "31/12/2099"}
    page, keys = made(client, world, all_forms="no", form=["kt_thu", "khong_co"], **asked)
    lan, binh = (access.app_user(key, world.project.pk) for key in keys)

    assert (lan.display_name, binh.display_name, binh.team) == ("Lan", "Bình An", "Đoàn 3")
    assert (lan.opens_all_forms, lan.form_ids) == (False, ["kt_thu"])
    assert page.count('class="segno"') == 2
    assert not any(key in text(client.get(at(world, f"/{lan.pk}"))) for key in keys)
    entry = AuditEntry.objects.get(action="field_key.create", object_name=str(lan.pk))
    assert entry.actor_id == world.people[Role.MANAGER].pk


def test_the_sheet_of_a4_says_what_the_screen_said_and_only_to_who_holds_the_key(
    world: World,
) -> None:
    client = manager(world)
    _, (key,) = made(client, world, names="Lan")
    lan = access.app_user(key, world.project.pk)
    sheet = client.post(at(world, "/the"), {"device": lan.pk, "secret": key})
    page = pypdfium2.PdfDocument(sheet.content)[0]
    (code,) = zxingcpp.read_barcodes(page.render(scale=3).to_pil())

    assert sheet["Content-Type"] == "application/pdf"
    assert sheet["Cache-Control"] == "no-store"
    assert len(code.text) > 100
    assert "Lan" in page.get_textpage().get_text_range()
    guess = client.post(at(world, "/the"), {"device": lan.pk, "secret": "x" * 64})
    assert guess.status_code == 409
    other = client.post(at(world, "/the"), {"device": world.phone.pk, "secret": key})
    assert other.status_code == 409


def test_a_form_that_is_sent_twice_makes_no_second_key_of_the_same_name(world: World) -> None:
    client = manager(world)
    made(client, world, names="Lan")
    again, keys = made(client, world, names="Lan\nMinh")
    _, more = made(client, world, names="Lan", same="on")

    assert (keys, len(more)) == ([], 1)
    assert "Đã có máy mang tên: Lan." in again
    assert "Minh" in again  # what was typed is still there
    assert AppUser.objects.filter(display_name="Lan").count() == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"names": " \n"}, "Ghi từ 1 đến 40 tên."),
        ({"names": "\n".join(map(str, range(41)))}, "Ghi từ 1 đến 40 tên."),
        ({"names": "a" * 121}, "dài nhất 120"),
        ({"names": "Lan", "expires": "30/02/2099"}, "Hạn dùng viết như"),
        ({"names": "Lan", "expires": "01/01/2020"}, "Hạn dùng đã qua"),
    ],
)
def test_what_cannot_be_is_told_with_what_was_typed(
    world: World, given: dict[str, str], said: str
) -> None:
    response = manager(world).post(at(world, "/moi"), {"all_forms": "yes", **given})

    assert response.status_code == 422
    assert said in text(response)
    assert AppUser.objects.count() == 2


def test_revoking_and_issuing_again_need_a_yes_and_a_page_that_is_not_old(world: World) -> None:
    client = manager(world)
    _, (key,) = made(client, world, names="Lan")
    lan = access.app_user(key, world.project.pk)
    one = at(world, f"/{lan.pk}")
    unsure = client.post(f"{one}/thu-hoi")
    access.app_user(key, world.project.pk)
    client.post(f"{one}/thu-hoi", {"confirmed": "on"})
    with pytest.raises(KeyRevoked):
        access.app_user(key, world.project.pk)
    issued = client.post(f"{one}/cap-lai", {"confirmed": "on", "issue": "1"})
    (fresh,) = _SECRET.findall(text(issued))
    twice = client.post(f"{one}/cap-lai", {"confirmed": "on", "issue": "1"})

    assert (unsure.status_code, twice.status_code) == (422, 409)
    assert access.app_user(fresh, world.project.pk).pk == lan.pk
    with pytest.raises(KeyUnknown):
        access.app_user(key, world.project.pk)


def test_grants_are_replaced_and_what_the_page_does_not_offer_stays(world: World) -> None:
    AppUser.objects.filter(pk=world.phone.pk).update(opens_all_forms=False, form_ids=["nhap"])
    given = {"all_forms": "no", "form": ["kt_thu"], "commune": [world.dong_hy.uid, "99999@x"]}
    manager(world).post(at(world, f"/{world.phone.pk}/quyen"), given)
    manager(world).post(at(world, f"/{world.phone.pk}/quyen"), given)
    world.phone.refresh_from_db()

    assert world.phone.form_ids == ["kt_thu", "nhap"]
    assert world.phone.commune_uids == [world.dong_hy.uid]
    assert AuditEntry.objects.filter(action="field_key.update").count() == 1


def test_it_is_for_managers_of_the_project(world: World) -> None:
    mine, theirs = world.phone, accounts.create_app_user(world.foreign, "Máy khác").app_user
    supervisor, sure = reader(world.people[Role.SUPERVISOR]), {"confirmed": "1", "issue": "1"}
    refused = [
        supervisor.get(at(world)),
        reader(world.people[Role.VIEWER]).get(at(world, f"/{mine.pk}")),
        reader(world.people[Role.SUPERVISOR]).post(
            at(world, f"/{mine.pk}/thu-hoi"), {"confirmed": "1"}
        ),
        manager(world).get(at(world, f"/{theirs.pk}")),
        manager(world).post(at(world, f"/{theirs.pk}/cap-lai"), sure),
    ]

    assert [one.status_code for one in refused] == [404] * 5


@pytest.mark.parametrize(
    ("fields", "fares", "is_too_old"),
    [
        ({"last_seen_at": -1, "client": "org.odk.collect.android/v2026.3.4 x"}, Fares.WELL, False),
        ({"last_seen_at": -1, "client": "org.odk.collect.android/v2025.4.1"}, Fares.WELL, True),
        ({"last_seen_at": -1, "last_refused_at": -2}, Fares.STUCK, False),
        ({"last_seen_at": -8, "last_refused_at": -9}, Fares.SILENT, False),
        ({"created_at": -8}, Fares.NEVER, False),
        ({"created_at": -1}, Fares.NEW, False),
        ({"last_seen_at": -1, "expires_at": -1}, Fares.EXPIRED, False),
        ({"expires_at": -1, "revoked_at": -1}, Fares.REVOKED, False),
    ],
)
def test_how_a_device_fares(fields: dict[str, object], fares: Fares, is_too_old: bool) -> None:
    now = timezone.now()
    values = {
        name: now + dt.timedelta(days=value) if isinstance(value, int) else value
        for name, value in fields.items()
    }
    found = told(AppUser(**{"created_at": now - dt.timedelta(days=90), **values}), now)

    assert (found.fares, found.is_too_old) == (fares, is_too_old)


def test_the_list_finds_without_diacritics_at_a_constant_price(world: World) -> None:
    client = manager(world)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page = text(client.get(at(world, "?q=doan+so+1")))
    for number in range(5):
        accounts.create_app_user(world.project, f"Máy {number}", team="Đoàn số 1")
    with CaptureQueriesContext(connection) as many:
        client.get(at(world))

    assert "Máy của chị Hạnh" in page
    assert HOSTILE not in text(client.get(at(world)))
    assert len(few) == len(many)
    assert [one.app_user.display_name for one in devices(world.project.pk, "silent").page.rows] == [
        HOSTILE
    ]


def test_many_devices_are_shown_a_page_at_a_time_within_what_was_asked_for(world: World) -> None:
    AppUser.objects.bulk_create(
        AppUser(
            project=world.project,
            display_name=f"Máy {number:03}",
            team="Đoàn Z",
            token_sha256=f"{number:064}",
            created_at=timezone.now(),
        )
        for number in range(120)
    )
    client = manager(world)
    first, last = (
        text(client.get(at(world, f"?q=doan+z&xem=nonsense&page={page}"))) for page in ("x", "9")
    )

    assert "1–50 trong 120 máy" in first
    assert 'href="?q=doan+z&amp;page=2"' in first
    assert "Máy 049" in first
    assert "Máy 050" not in first
    assert "101–120 trong 120 máy" in last
    assert 'href="?q=doan+z&amp;page=2"' in last
    assert "Máy 119" in last


def test_a_key_is_issued_at_the_desk(desks: Desks) -> None:
    page = desks.of(Role.MANAGER).page(f"/du-an/{desks.world.project.pk}/thiet-bi")
    page.get_by_role("link", name="Cấp mã mới").click()
    page.get_by_label("Người giữ máy").fill("Chị Lan")
    page.get_by_role("button", name="Cấp mã").click()
    expect(page.get_by_role("img", name="Mã QR của Chị Lan")).to_be_visible()
    assert findings(page) == []
    with page.expect_download() as sheet:
        page.get_by_role("button", name="Tải tờ A4").click()

    assert sheet.value.suggested_filename == "the-cai-dat.pdf"
