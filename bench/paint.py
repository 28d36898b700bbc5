"""When something is first seen of the pages that people work in, on a slow line and a slow PC.

    python -m bench.paint                  # 100,000 records
    python -m bench.paint --rows 1000

A server of its own, filled by `bench.crowd`; the system's Chromium through Playwright, its CPU
slowed four times and its network as one of LINES. "Cold" is a browser that has never been here
but is signed in; "warm" has seen the page once. What is told is first-contentful-paint as the
browser counts it, from the moment it is asked to go there: the median of some visits, and the
least, which on a busy machine says more.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.crowd import EMAIL, FEW, PASSWORD, Size, begin, crowd
from bench.own_server import database, own_server
from bench.pages import Person
from bench.parcels import FORM

SLOWED = 4  # times slower than this machine
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


@dataclass(frozen=True, slots=True)
class Line:
    """A network as Chromium's developer tools make it: so slow, and so late with each answer."""

    bits_down_s: int
    bits_up_s: int
    late_ms: int  # added to every request

    def asked(self) -> dict[str, object]:
        """Return it as the protocol of the developer tools takes it."""
        return {
            "offline": False,
            "latency": self.late_ms,
            "downloadThroughput": self.bits_down_s / 8,
            "uploadThroughput": self.bits_up_s / 8,
        }


LINES: Mapping[str, Line] = {
    # https://github.com/GoogleChrome/lighthouse, core/config/constants.js, mobileSlow4G: formerly
    # "Fast 3G"; a round trip, and what Lighthouse makes each request wait instead.
    "1.6 Mbit/s, 150 ms": Line(1_638_400, 750_000, 150),
    "as Lighthouse applies it: 1.47 Mbit/s, 562 ms": Line(1_474_560, 675_000, 562),
    # The "Slow 3G" of the developer tools: five times 400 ms before each answer.
    "DevTools' Slow 3G: 400 kbit/s, 2,000 ms": Line(400_000, 400_000, 2_000),
}


def main() -> None:
    """Fill a server and print a line for each page and line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=Size().records)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with own_server(ADMIN_PASSWORD=PASSWORD) as server:
        with database(server) as rows_of:
            real = begin(server)
            crowd(rows_of, FEW)
            crowd(rows_of, Size(records=asked.rows))
        cookies = Person(server.base, EMAIL, PASSWORD).cookies()
        with chromium() as browser:
            print(table(Visits(browser, server.base, cookies, asked.times), real.instance_id))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the system's Chromium for the length of the block. Raises LookupError without one."""
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if program is None:
        raise LookupError("Chromium is not installed (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True)
class Visits:
    """Somebody signed in who comes again and again."""

    browser: Browser
    base: str
    cookies: Mapping[str, str]
    times: int

    def painted_ms(self, path: str, line: Line) -> tuple[list[float], list[float]]:
        """Return first-contentful-paint of each visit, cold and warm."""
        cold: list[float] = []
        warm: list[float] = []
        for _ in range(self.times):
            context = self._context()
            cold.append(self._visit(context, path, line))
            warm.append(self._visit(context, path, line))
            context.close()
        return cold, warm

    def _context(self) -> BrowserContext:
        context = self.browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
        context.add_cookies(
            [
                {"name": name, "value": value, "url": self.base}
                for name, value in self.cookies.items()
            ]
        )
        return context

    def _visit(self, context: BrowserContext, path: str, line: Line) -> float:
        page: Page = context.new_page()
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.send("Network.emulateNetworkConditions", line.asked())
        tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
        page.goto(self.base + path)
        while not (painted := float(page.evaluate(_PAINTED))):
            page.wait_for_timeout(20)
        page.close()
        return painted


def table(visits: Visits, instance_id: str) -> str:
    """Return a line for each page and line."""
    paths = {
        "home": "/du-an/1",
        "list": "/du-an/1/ho-so",
        "record": f"/du-an/1/ho-so/{FORM}/{instance_id}",
    }
    lines = [
        "| line | page | cold: median ms | least | warm: median ms | least |",
        "|---|---|---|---|---|---|",
    ]
    for told, line in LINES.items():
        for name, path in paths.items():
            cold, warm = visits.painted_ms(path, line)
            told_ms = " | ".join(
                f"{value:.0f}"
                for all_ms in (cold, warm)
                for value in (statistics.median(all_ms), min(all_ms))
            )
            lines.append(f"| {told} | {name} | {told_ms} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
