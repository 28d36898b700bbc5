"""People at desks: a real server in a thread, the system's Chromium, signed in by role.

One browser and one server a worker, a new world for each test. Whatever a
page asks of another host, and whatever its scripts complain of, fails the test.
"""

from __future__ import annotations

import base64
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)
from pytest_django import DjangoDbBlocker, Settings

from server import wsgi
from server.console import sessions
from server.projects import accounts
from server.projects.models import Role, User
from server.serving import web
from tests import builders
from tests.console import axe
from tests.console import world as worlds
from tests.console.world import World
from tests.once import once

DESK = {"width": 1366, "height": 768}
PATIENCE_MS = 20_000  # a busy machine is no fault of a page
PHONE = {"width": 390, "height": 844}
_OTHERS = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
# The first has no windows of its own, and plays the same for two thirds of the processor.
CHROMIUM = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--renderer-process-limit=1")
# What says no more than that a page answered 4xx, which tests ask for.
_EXPECTED = "Failed to load resource"


expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def static_files() -> None:
    """Gather what pages load, as `serve` does; all workers serve it from one folder."""
    once("static", lambda _: call_command("collectstatic", verbosity=0, interactive=False))
    wsgi.whole.cache_clear()  # another test of this process may have asked before there were any


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        reason = "Chromium is not installed (Debian: apt-get install chromium-headless-shell)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright's loop counts as running in this thread for as long as there is a browser.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
        connection.close()  # Django has one of its own for what runs within a loop
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    # scrypt is slow on purpose; tests/projects proves the real one.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world(db: None, static_files: None) -> World:
    """What the pages show, for tests without a browser."""
    return worlds.made()


@pytest.fixture
def live_world(transactional_db: None, static_files: None) -> World:
    """What the pages show; committed, so that the server's threads see it, and gone afterwards."""
    return worlds.made()


def reader(user: User) -> Client:
    """Return a client without a browser, in which a person is signed in."""
    opened = accounts.open_session(user.email, builders.PASSWORD)
    assert opened is not None
    client = Client()
    client.cookies[sessions.COOKIE] = opened.token
    return client


def text(response: Any) -> str:
    """Return the page that was answered."""
    return bytes(response.content).decode()


@pytest.fixture(scope="session")
def url(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, static_files: None
) -> Iterator[str]:
    """The address of a server of the tests' database, in threads of this process."""
    listener = web.bound("127.0.0.1", 0)
    server = web.made(
        wsgi.application, listener, web.Limits(threads=4, max_body=10_000_000, trusted_proxy=None)
    )
    listener.listen(16)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.task_dispatcher.shutdown()
    server.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_OTHERS)  # that its threads leave open


@dataclass  # without slots: Playwright hangs its own attributes on it
class Desk:
    """A browser in which somebody is signed in, and what went wrong in it."""

    url: str
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def page(self, path: str = "", size: dict[str, int] = DESK) -> Page:
        """Return a page at an address of the server, watched."""
        page = self.context.new_page()
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", self._look_at)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if path:
            page.goto(self.url + path)
        return page

    def _look_at(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"asks another host: {request.url}")

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_EXPECTED):
            self.complaints.append(message.text)


@dataclass(slots=True)
class Desks:
    """Desks by who sits at them."""

    url: str
    browser: Browser
    world: World
    opened: list[Desk] = field(default_factory=list)

    def keep(self, page: Page, name: str) -> None:
        """Keep what a page looks like, where SCREENSHOTS names a folder to put it."""
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            width = (page.viewport_size or DESK)["width"]
            path = Path(folder) / f"{name}-{width}.png"
            page.evaluate(axe.ALL_LAID_OUT)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_painted(page))

    def of(self, who: Role | User | None) -> Desk:
        """Return the desk of a role, of a person, or of nobody; each call another one."""
        context = self.browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
        desk = Desk(self.url, context)
        self.opened.append(desk)
        user = self.world.people[who] if isinstance(who, Role) else who
        if user is not None:
            opened = accounts.open_session(user.email, builders.PASSWORD)
            assert opened is not None
            context.add_cookies([{"name": sessions.COOKIE, "value": opened.token, "url": self.url}])
        return desk


def _painted(page: Page) -> bytes:
    """Return a PNG of the whole page, zipped in a hurry: Playwright's own costs twice as much."""
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    browser = page.context.new_cdp_session(page)
    how = {"format": "png", "captureBeyondViewport": True, "optimizeForSpeed": True}
    painted = browser.send("Page.captureScreenshot", how)["data"]
    browser.detach()
    return base64.b64decode(painted)


@pytest.fixture
def desks(browser: Browser, url: str, live_world: World) -> Iterator[Desks]:
    """Browsers for one test; it fails when a page of theirs complained or went elsewhere."""
    made = Desks(url, browser, live_world)
    yield made
    complaints = [text for desk in made.opened for text in desk.complaints]
    for desk in made.opened:
        desk.context.close()
    assert complaints == []
