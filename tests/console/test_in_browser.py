"""The pages as people meet them: by keyboard, on a phone, with a reader of screens."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from server.inspections.expected import local_day
from server.projects.models import Role
from tests import builders
from tests.console.axe import findings
from tests.console.conftest import DESK, PHONE, Desks


def test_one_signs_in_and_walks_down_the_list_by_keyboard(desks: Desks) -> None:
    page = desks.of(None).page("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.locator("#email").focus()
    page.keyboard.type("supervisor@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(builders.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bảng việc")
    page.get_by_role("link", name="Hồ sơ", exact=True).click()
    page.wait_for_url("**/ho-so")  # and for its scripts, which are told of the keys
    page.keyboard.press("/")
    page.keyboard.type("phan dinh")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.wait_for_url("**/ho-so?q=phan%20dinh")  # and no word of what restricts nothing
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Phường Phan Đình Phùng")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/kt_thu/uuid:failing?q=*")


SHOWN = [
    (None, "/dang-nhap", "sign_in"),
    (None, "/khong-co", "error"),
    (Role.MANAGER, "/du-an/{project}", "home"),
    (Role.VIEWER, "/du-an/{project}", "home_viewer"),
    (Role.MANAGER, "/du-an/{project}/ho-so?year=hai&columns=flags,files,state,result", "records"),
    (Role.MANAGER, "/du-an/{project}/ho-so?q=khong+co", "records_none"),
    (Role.SUPERVISOR, "/du-an/{project}/kien-nghi", "recommendations"),
    (Role.MANAGER, f"/du-an/{{project}}/ky-bao-cao/{local_day().year}-h1", "period"),
    (Role.SUPERVISOR, "/du-an/{project}/ke-hoach", "plans"),
    (Role.MANAGER, "/du-an/{project}/ke-hoach/moi", "plan_new"),
    (Role.MANAGER, "/du-an/{project}/bieu-mau", "forms"),
    (Role.MANAGER, "/du-an/{project}/bieu-mau/kt_thu", "form"),
    (Role.MANAGER, "/du-an/{project}/tai-bieu-len", "form_upload"),
]


@pytest.mark.parametrize(
    ("size", "names"),
    [
        (DESK, {name for _, _, name in SHOWN}),
        (PHONE, {"home", "records", "recommendations", "period"}),
    ],
    ids=["desk", "phone"],
)
def test_nothing_hinders_anybody_and_no_page_is_wider_than_its_screen(
    desks: Desks, size: dict[str, int], names: set[str]
) -> None:
    for who, path, name in SHOWN:
        if name not in names:
            continue
        page = desks.of(who).page(path.format(project=desks.world.project.pk), size)
        desks.keep(page, name)

        assert findings(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        page.close()
