"""README.md and docs/ lead only to what is there, and their pictures are small."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "forms/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
IMAGES = ROOT / "docs/images"
MOST_BYTES = 120_000
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        yield from ((page, link) for link in _LINK.findall(text))


def anchors(page: Path) -> set[str]:
    """Return what can stand after # in a link to a page, as GitHub makes it of the headings."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def test_every_link_leads_somewhere() -> None:
    lost = []
    for page, link in links():
        path, _, anchor = link.partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(f"{page.relative_to(ROOT)}: {link}")

    assert lost == []


def test_every_picture_is_small_and_stands_somewhere() -> None:
    shown = {(page.parent / link).resolve() for page, link in links()}
    pictures = {path for path in IMAGES.iterdir() if path.is_file()}

    assert pictures <= shown
    assert {path.name for path in pictures if path.stat().st_size > MOST_BYTES} == set()
