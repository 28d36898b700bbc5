"""The pages as people meet them: by keyboard, on a phone, with a reader of screens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from playwright.sync_api import expect

from server.projects.models import Role
from tests import builders
from tests.console import full
from tests.console.axe import findings
from tests.console.conftest import DESK, PHONE, Desks, reader, text
from tests.console.matrix import ROWS, M, S, V, address
from tests.console.world import World


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


_OUTSIDE = [
    (None, "/dang-nhap", "sign_in"),
    (None, "/khong-co", "error"),
    (Role.MANAGER, "/du-an/{project_id}/ho-so?q=khong+co&year=hai", "records_none"),
]


def pages(world: World, ids: Mapping[str, object]) -> Iterator[tuple[Role | None, str, str]]:
    """Yield every page for every role that sees it: who, its address, its name.

    What reads the same for two roles is looked at once. The frame differs, by its menu: the first
    page is looked at for each.
    """
    seen = set()
    for role, who in ((Role.MANAGER, M), (Role.SUPERVISOR, S), (Role.VIEWER, V)):
        client = reader(world.people[role])
        for name, row in ROWS.items():
            if row.is_page and who in row.who:
                path = address(name, ids)
                middle = main_of(text(client.get(path)))
                if middle not in seen or name == "home":
                    seen.add(middle)
                    yield role, path, f"{name}_{role}"
    yield from ((role, path.format(**ids), name) for role, path, name in _OUTSIDE)


def main_of(html: str) -> str:
    """Return the middle of a page, without what no two answers share."""
    return re.sub(r"\b\w{64}\b", "", html[html.index("<main") : html.index("</main>")])


def test_nothing_hinders_anybody_and_no_page_is_wider_than_its_screen(desks: Desks) -> None:
    ids = full.fill(desks.world)
    opened = {role: desks.of(role).page() for role in (*Role, None)}
    found, sizes = [], [DESK, PHONE]
    for role, path, name in pages(desks.world, ids):
        page = opened[role]
        page.goto(desks.url + path)
        sizes.reverse()  # so that axe looks at every other page on a phone
        for size in sizes:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            desks.keep(page, name)
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                found.append(f"{name}: wider than {size['width']}")
        found += [f"{name}: {finding}" for finding in findings(page)]

    assert found == [], "\n".join(found)
