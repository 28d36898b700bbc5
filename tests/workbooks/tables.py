"""The hand-worked pages of corpus/ as rows: what was answered, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.workbooks import books

FORM = "form"  # the result of the form, named like a condition
_FOLDER = Path(__file__).parent / "corpus"
_ROW_OF_REPEAT = re.compile(r"(\w+)\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a page."""

    what: str
    answers: Mapping[str, str]  # by path; the base's where the row says nothing else
    outcomes: Mapping[str, str]  # of every condition, and of the form
    calculated: Mapping[str, str] = field(default_factory=dict)  # of the questions it names


def titles(name: str) -> list[str]:
    """Return what each case of a form's page is about, without reading the form."""
    return [what for what, *_ in _table(_page(name).partition("## Cases")[2])]


@cache
def cases(name: str) -> tuple[Case, ...]:
    """Return the cases of a form's page. Every case has the same paths, in the form's order."""
    text = _page(name)
    base_part, _, case_part = text.partition("## Cases")
    base = dict(_table(base_part))
    otherwise = next(line for line in text.splitlines() if line.startswith("Otherwise:"))
    codes = [condition.code for condition in books.form(name).conditions.conditions]
    usual = dict.fromkeys(codes, "dat") | _pairs(otherwise.removeprefix("Otherwise:"), " ")
    rows = [_case(base, usual, *cells) for cells in _table(case_part)]
    return tuple(_with_paths(name, rows))


def _page(name: str) -> str:
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8")


def _table(text: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the only table, without its header."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def _case(
    base: Mapping[str, str],
    usual: Mapping[str, str],
    what: str,
    answers: str,
    findings: str,
    form: str,
) -> Case:
    if answers == "nothing":
        changed = {name: "" for name in base if not name.startswith("h_")}
    else:
        changed = _pairs(answers, "=")
    said = _pairs(findings, "=") if "=" in findings else {}
    named = _pairs("; ".join(part for part in findings.split(";") if "=" not in part), " ")
    if everything := named.pop("every", ""):
        named = dict.fromkeys(usual, everything)
    outcomes = {**usual, **named, FORM: form or "dat"}
    if set(outcomes) != {*usual, FORM}:
        raise ValueError(f"{what}: no such condition: {set(named) - set(usual)}")
    calculated = {name: value for name, value in said.items() if name}
    return Case(what, {**base, **changed}, outcomes, calculated)


def _pairs(text: str, separator: str) -> dict[str, str]:
    parts = [part.strip() for part in text.split(";") if part.strip()]
    pairs = (part.partition(separator) for part in parts if separator in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _with_paths(name: str, rows: list[Case]) -> Iterator[Case]:
    paths = path_by_name(name)
    order = list(paths)
    asked = dict.fromkeys(question for row in rows for question in row.answers)
    ordered = sorted(asked, key=lambda q: (_number(q), order.index(_ROW_OF_REPEAT.sub(r"\1", q))))
    for row in rows:
        answers = {_path(paths, question): row.answers.get(question, "") for question in ordered}
        calculated = {paths[question]: answer for question, answer in row.calculated.items()}
        yield Case(row.what, answers, row.outcomes, calculated)


def _number(question: str) -> int:
    """Return the row of the repeat, so that rows are added one after another; 0 outside."""
    found = _ROW_OF_REPEAT.fullmatch(question)
    return int(found[2]) if found else 0


def _path(paths: Mapping[str, str], question: str) -> str:
    found = _ROW_OF_REPEAT.fullmatch(question)
    if found is None:
        return paths[question]
    repeat, _, rest = paths[found[1]].partition("/")
    return f"{repeat}[{found[2]}]/{rest}"


@cache
def path_by_name(name: str) -> Mapping[str, str]:
    """Return where each question of a form stands, in the form's order."""
    rows = books.form(name).places.rows
    return {path.rpartition("/")[2]: path for path in rows}
