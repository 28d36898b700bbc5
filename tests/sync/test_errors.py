"""The page of errors, and what all problems have in common."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from sync.management.commands import error_table

PAGE = Path(__file__).resolve().parents[2] / "docs/errors.md"
ALL = sorted(error_table.problems(), key=lambda problem: problem.code)


def test_the_page_of_errors_lists_every_problem_as_it_is() -> None:
    assert PAGE.read_text(encoding="utf-8") == error_table.page(), (
        "docs/errors.md is stale: python server/manage.py error_table > docs/errors.md"
    )


def test_no_two_problems_share_a_code() -> None:
    counted = Counter(problem.code for problem in ALL)

    assert [code for code, count in counted.items() if count > 1] == []


def test_a_code_is_dotted_words() -> None:
    odd = [p.code for p in ALL if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*", p.code)]

    assert odd == []


def test_a_status_is_an_error_and_centrals_number_agrees() -> None:
    """RS02: the integer part of Central's number is the status."""
    odd = [
        problem.code
        for problem in ALL
        if not 400 <= problem.status < 600
        or int(problem.central or problem.status) != problem.status
    ]

    assert odd == []


def test_every_problem_says_something_in_both_languages() -> None:
    assert [p.code for p in ALL if not (p.vi.strip() and p.en.strip())] == []
