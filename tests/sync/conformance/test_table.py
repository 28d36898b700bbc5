"""docs/protocol.md and docs/api.md name every row, and tell the truth about their tests."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
API_PAGE = (ROOT / "docs/api.md").read_text(encoding="utf-8")
# Of the groups that concern a server, as many rows as the dossier has (openrosa.md §8).
GROUPS = {
    "FL": 35, "SY": 14, "MF": 28, "FD": 14, "HD": 8, "SB": 49, "ED": 12, "EN": 11, "ET": 21,
    "AU": 22,
}  # fmt: skip
ROWS = [f"{group}{number:02d}" for group, count in GROUPS.items() for number in range(1, count + 1)]
API_ROWS = [f"RS{number:02d}" for number in range(1, 49)]
TRAPS = [str(number) for number in range(1, 21)]
# The rows that break real clients or lose data first.
STARRED = set(
    re.findall(
        r"\w+",
        """
FL01 FL02 FL03 FL05 FL06 FL13 FL16 FL17 FL20 SY01 SY04 SY10 MF02 MF08 MF10 MF13 FD01 HD01
SB01 SB02 SB04 SB09 SB12 SB14 SB15 SB24 SB25 SB26 SB27 SB29 SB31 ED01 EN01 ET02 AU01 AU17
""",
    )
)
LATER = ("issue Meaning", "issue Programs and files", "later: decryption")
NOT_APPLICABLE = "not applicable"


def lines(first_cell: str, page: str = PAGE) -> Iterator[tuple[str, str]]:
    """Give the first and the last cell of each line of a page that begins so."""
    for match in re.finditer(rf"^\| ({first_cell}) \| .* \| (.*) \|$", page, re.MULTILINE):
        yield match[1], match[2]


def named(cell: str) -> set[str]:
    """Return the tests that a cell names."""
    return set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", cell))


ON_PAGE = {name.rstrip("*"): cell for name, cell in lines(r"[A-Z]{2}\d\d\*?")}
ON_API_PAGE = {name.rstrip("*"): cell for name, cell in lines(r"RS\d\d\*?", API_PAGE)}
TRAPS_ON_PAGE = dict(lines(r"\d+"))


def marked(mark: str) -> dict[str, set[str]]:
    """Return the tests that say they play something, by what they play."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        source = path.read_text(encoding="utf-8")
        if f"pytest.mark.{mark}(" not in source:
            continue
        for function in ast.parse(source).body:
            for played in _played(function, mark):
                name = f"{path.relative_to(ROOT)}::{getattr(function, 'name', '')}"
                found.setdefault(played, set()).add(name)
    return found


def _played(function: ast.stmt, mark: str) -> Iterator[str]:
    for decorator in function.decorator_list if isinstance(function, ast.FunctionDef) else ():
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == f"pytest.mark.{mark}":
            yield from (str(ast.literal_eval(argument)) for argument in decorator.args)


def test_every_row_is_there_once_with_its_star() -> None:
    found = Counter(name for name, _ in lines(r"[A-Z]{2}\d\d\*?"))

    assert found == Counter(row + "*" * (row in STARRED) for row in ROWS)


def test_every_row_names_a_test_or_says_when_there_will_be_one() -> None:
    silent = {
        row: cell
        for row, cell in ON_PAGE.items()
        if not named(cell) and cell not in (*LATER, NOT_APPLICABLE)
    }

    assert silent == {}


def test_few_rows_are_not_applicable() -> None:
    assert list(ON_PAGE.values()).count(NOT_APPLICABLE) <= 10


def test_every_row_of_the_api_is_there() -> None:
    assert sorted(ON_API_PAGE) == API_ROWS


@pytest.mark.parametrize(
    ("mark", "page"), [("row", ON_PAGE | ON_API_PAGE), ("trap", TRAPS_ON_PAGE)]
)
def test_the_page_and_the_tests_agree_on_who_plays_what(mark: str, page: dict[str, str]) -> None:
    on_page = {name: named(cell) for name, cell in page.items() if named(cell)}

    assert on_page == marked(mark)


def test_every_trap_is_walked_into() -> None:
    assert sorted(TRAPS_ON_PAGE, key=int) == TRAPS
    assert [number for number, cell in TRAPS_ON_PAGE.items() if not named(cell)] == []
