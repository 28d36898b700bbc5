"""When something is first seen of the pages that people work in, on a slow line and a slow PC.

    python -m bench.paint                  # 100,000 records, the first line: some four minutes
    python -m bench.paint --rows 1000 --lines all
    python -m bench.paint --var FOLDER     # kept there: filled once, measured again at once

A server of its own, filled by `bench.crowd`; the system's Chromium through Playwright, its CPU
slowed four times and its network as one of LINES. "Cold" is a browser that has never been here
but is signed in; "warm" has seen the page once. What is told is first-contentful-paint as the
browser counts it, from the moment it is asked to go there: the median of some visits, and the
least, which on a busy machine says more. Beside it what does not depend on who else works here: how
many objects were laid out, and what the page's own thread worked until it was asked, as slowed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.crowd import EMAIL, FEW, PASSWORD, Size, begin, crowd
from bench.own_server import Database, database, own_server
from bench.pages import Person
from bench.parcels import FORM
from sync.demo.host import Host, started

SLOWED = 4  # times slower than this machine
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_REAL = """
SELECT instance_id FROM submissions_submission JOIN inspections_inspection i ON i.submission_id =
submissions_submission.id WHERE i.answers <> '{}' ORDER BY submissions_submission.id LIMIT 1
"""
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
    parser.add_argument("--lines", choices=("first", "all"), default="first")
    parser.add_argument("--var", type=Path, help="a folder that is kept")
    asked = parser.parse_args()
    lines = LINES if asked.lines == "all" else dict([next(iter(LINES.items()))])
    with _server(asked.var) as server:
        with database(server) as rows_of:
            instance_id = _filled(rows_of, server, asked.rows)
        cookies = Person(server.base, EMAIL, PASSWORD).cookies()
        with chromium() as browser:
            print(table(Visits(browser, server.base, cookies, asked.times), instance_id, lines))


@contextmanager
def _server(kept: Path | None) -> Iterator[Host]:
    """Run a server for the length of the block, its folder new or kept from before."""
    if kept is None:
        with own_server(ADMIN_PASSWORD=PASSWORD) as server:
            yield server
        return
    with started({"VAR_DIR": str(kept.absolute()), "ADMIN_PASSWORD": PASSWORD}) as server:
        yield server


def _filled(rows_of: Database, server: Host, records: int) -> str:
    """Return the record with photos; make it and the others, unless they were kept."""
    found = rows_of.execute(_REAL).fetchone()
    if found is not None:
        return str(found[0])
    real = begin(server)
    crowd(rows_of, FEW)
    crowd(rows_of, Size(records=records))
    return real.instance_id


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
class Seen:
    """What one visit saw."""

    painted_ms: float
    objects: float  # that were laid out
    work_ms: float  # of the page's thread, slowed


@dataclass(frozen=True, slots=True)
class Visits:
    """Somebody signed in who comes again and again."""

    browser: Browser
    base: str
    cookies: Mapping[str, str]
    times: int

    def seen(self, path: str, line: Line) -> tuple[list[Seen], list[Seen]]:
        """Return what each visit saw, cold and warm."""
        cold: list[Seen] = []
        warm: list[Seen] = []
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

    def _visit(self, context: BrowserContext, path: str, line: Line) -> Seen:
        page: Page = context.new_page()
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        tools.send("Network.emulateNetworkConditions", line.asked())
        tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
        page.goto(self.base + path)
        while not (painted := float(page.evaluate(_PAINTED))):
            page.wait_for_timeout(20)
        told = tools.send("Performance.getMetrics")["metrics"]
        counted = {one["name"]: float(one["value"]) for one in told}
        page.close()
        return Seen(painted, counted["LayoutObjects"], 1000 * counted["TaskDuration"])


def table(visits: Visits, instance_id: str, on: Mapping[str, Line]) -> str:
    """Return a line for each page and line."""
    paths = {
        "home": "/du-an/1",
        "list": "/du-an/1/ho-so",
        "record": f"/du-an/1/ho-so/{FORM}/{instance_id}",
    }
    lines = [
        "| line | page | cold: median ms | least | work, ms | warm: median ms | least | work, ms "
        "| laid out |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for told, line in on.items():
        for name, path in paths.items():
            cold, warm = visits.seen(path, line)
            told_ms = " | ".join(
                f"{value:.0f}"
                for all_seen in (cold, warm)
                for value in (
                    statistics.median(one.painted_ms for one in all_seen),
                    min(one.painted_ms for one in all_seen),
                    min(one.work_ms for one in all_seen),
                )
            )
            objects = min(one.objects for one in cold)
            lines.append(f"| {told} | {name} | {told_ms} | {objects:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
