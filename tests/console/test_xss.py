"""Script in whatever a phone or a person fills in: on every page it is text, and nothing runs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Dialog

from server.console import audit_page, choosing, filters
from server.console import recommendation_filters as advice
from server.projects.models import Role
from tests import builders
from tests.console import full
from tests.console.conftest import PHONE, Desks, reader, text
from tests.console.matrix import ROWS, address
from tests.console.world import World
from tests.console.xss import CORPUS, Hostile, breaks

_WIDTH = "document.documentElement.scrollWidth"
_CONSOLE = Path(audit_page.__file__).parent
_READ = re.compile(r"""\.get(?:list)?\("(\w+)\"""")
# Names of everything that some page reads from its address or from a form, but for what says which
# thing it is about: with nonsense there, no page would show the rest.
_NAMES = {
    *(name for file in _CONSOLE.glob("*.py") for name in _READ.findall(file.read_text("utf-8"))),
    *(name for module in (audit_page, choosing, filters, advice) for name in module.LABELS),
} - {"to", "cau", "tu", "den", "ban"}


def nonsense() -> dict[str, str]:
    say = Hostile()
    return {name: say("", 500) for name in sorted(_NAMES)}


def answers(world: World, client: Client, ids: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    """Yield what every address answers: as it stands, to nonsense in it, to a form of nonsense."""
    asked = urlencode(nonsense())
    given = {**nonsense(), "to": "hasIssues", "cau": "a/a1_plan"}
    for name, row in ROWS.items():
        if row.is_page:
            path = address(name, ids)
            yield name, client.get(path)
            yield f"{name}?", client.get(f"{path}{'&' if '?' in path else '?'}{asked}")
    yield "upload_form!", client.post(f"/du-an/{world.project.pk}/tai-bieu-len", upload())
    for name, row in ROWS.items():
        if row.takes_form:
            answer = client.post(address(name, ids), given, follow=True)
            assert answer.status_code < 500, name
            yield f"{name}!", answer
    issued = {"names": Hostile()("", 60), "team": Hostile(9)("", 60), "all_forms": "yes"}
    yield "new_app_users, issued", client.post(address("new_app_users", ids), issued)
    yield "decide, nobody", (over := Client().post(address("decide", ids), given))
    yield "decide, other site", Client(enforce_csrf_checks=True).post(address("decide", ids), given)
    kept = dict(over.context["kept"])
    person = {"email": "manager@example.org", "password": builders.PASSWORD}
    yield "sign_in, kept", Client().post("/dang-nhap", {**kept, **person})
    yield "sign_in, wrong", Client().post("/dang-nhap", {**kept, **given, "password": "sai"})
    yield "unknown", client.get(f"/{CORPUS[14]}?{asked}", headers={"Accept": "text/html"})


def upload() -> dict[str, SimpleUploadedFile]:
    """Return a workbook with faults, from which much is quoted."""
    say = Hostile()
    book = openpyxl.load_workbook(io.BytesIO(full.workbook(say)))
    for row in range(4, 16):
        book["survey"].cell(row, 2).value = say("", 60)
        book["survey"].cell(row, 3).value = say("", 60)
    out = io.BytesIO()
    book.save(out)
    return {"workbook": SimpleUploadedFile(f"{say('', 99, without='/')}.xlsx", out.getvalue())}


def test_on_no_page_is_it_more_than_text(world: World) -> None:
    ids = full.fill(world, Hostile())
    client = reader(world.people[Role.MANAGER])
    pages = {
        name: text(answer)
        for name, answer in answers(world, client, ids)
        if answer.headers["Content-Type"].startswith("text/html")
    }
    whole = unescape("".join(pages.values()))

    found = [f"{name}: {one}" for name, html in pages.items() for one in breaks(html)]
    assert found == [], "\n".join(found)
    assert [one for one in CORPUS if unescape(one) not in whole] == []


def test_in_a_browser_nothing_of_it_runs_or_breaks_a_page(desks: Desks) -> None:
    ids = full.fill(desks.world, Hostile())
    desk = desks.of(Role.MANAGER)
    page = desk.page(size=PHONE)
    said: list[str] = []

    def refuse(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    for name, row in ROWS.items():
        if row.is_page and name != "preview":
            page.goto(desks.url + address(name, ids))
            if page.evaluate("window.__xss") or page.evaluate(_WIDTH) > PHONE["width"]:
                said.append(name)
    page.goto(desks.url + address("record", ids))
    page.locator("#anh a").first.click()  # the photo, large, with its name
    page.keyboard.press("Escape")
    page.keyboard.press("b")  # what htmx puts into the page
    page.locator(".asking textarea").fill(CORPUS[0])
    page.keyboard.press("Control+Enter")
    page.locator("#told .notice").wait_for()
    assert (said, page.evaluate("window.__xss")) == ([], None)
    assert desk.complaints == []

    page.goto(desks.url + address("preview", ids))
    page.frame_locator("iframe").locator(".odk-form").wait_for()
    assert [frame.evaluate("window.__xss") for frame in page.frames] == [None, None]
    assert page.frames[1].locator("[onerror], [onload], [onfocus], [hx-get], iframe").count() == 0
    # ODK Web Forms reads labels as HTML and cleans them; what it cleans away, Chromium reports.
    desk.complaints[:] = [one for one in desk.complaints if "Content Security Policy" not in one]


@pytest.mark.parametrize("raw", [one for one in CORPUS if set(one) & set("<>\"'&")])
def test_what_is_not_escaped_is_found(raw: str) -> None:
    assert list(breaks(f"<html><body><p>{raw}</p></body></html>"))
