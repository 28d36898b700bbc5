"""axe-core on a page: what hinders people who see, hear or move otherwise."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Frame, Page

from server.console.packages import FOLDER

SCRIPT = FOLDER / "node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is far from the screen is not laid out before it comes near (content-visibility).
# By a sheet of the document's own: a style of an element would be refused when htmx copies it.
ALL_LAID_OUT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { content-visibility: visible !important; }");
  document.adoptedStyleSheets = [sheet];
}"""


def findings(page: Page | Frame) -> list[str]:
    """Return what axe finds on a page or within a frame of it, each with where it is."""
    # Evaluated by the browser's own tools and so not held to the page's policy.
    page.evaluate(_script())
    page.evaluate(ALL_LAID_OUT)
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations'], preload: false})",
        _RULES,
    )
    return [
        f"{one['impact']} {one['id']}: {node['html'][:120]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")
