"""Every act that the code records is told in words, in the pages and in docs/audit.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from server.console.audit_words import ACTIONS, GROUPS

ROOT = Path(__file__).resolve().parents[2]
_ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)+")
# What the first part of an action may be; other dotted texts are names of files, columns and tasks.
_OF = {
    *("access", "api_key", "audit", "dataset", "entity", "export", "field_key", "flag", "form"),
    *("indicators", "period", "plan", "project", "public_link", "quarantine", "saved_view"),
    *("snapshot", "submission", "summary", "user", "webhook"),
}


@cache
def recorded() -> frozenset[str]:
    """Return the actions that calls are given, and that endpoints read."""
    return frozenset(
        text
        for folder in ("server", "sync")
        for path in ROOT.joinpath(folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for value in _given(node)
        if isinstance(text := getattr(value, "value", None), str)
        if _ACTION.fullmatch(text) and text.split(".")[0] in _OF
    )


def _given(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        for given in node.args:
            yield from (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,)
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reads":
        yield node.value


def test_every_act_has_its_words_and_no_words_are_left_over() -> None:
    assert sorted(recorded() ^ ACTIONS.keys()) == []


def test_every_act_is_of_a_group_that_can_be_looked_for() -> None:
    assert {action.split(".")[0] for action in ACTIONS} == GROUPS.keys()


def test_every_act_stands_in_the_documentation() -> None:
    told = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")

    assert [action for action in sorted(recorded()) if f"`{action}`" not in told] == []
