"""What changed between two workbooks."""

from __future__ import annotations

import pytest

from server.forms.difference import Change, Difference, Kind, difference
from tests import builders
from tests.builders import FORM


def compared(*edits: tuple[str, str]) -> Difference:
    changed = FORM
    for old, new in edits:
        assert old in changed, old
        changed = changed.replace(old, new)
    return difference(builders.workbook(FORM), builders.workbook(changed))


def changes(*edits: tuple[str, str]) -> list[Change]:
    return list(compared(*edits).changes)


def row(name: str) -> str:
    """Return the line of FORM that holds a question."""
    return next(line for line in FORM.splitlines(keepends=True) if f" {name} " in line)


HEAD_ROW = row("a3_key_f")


def test_a_workbook_does_not_differ_from_itself() -> None:
    assert compared() == Difference((), (), ())


def test_a_question_put_in_is_one_change_and_moves_nothing() -> None:
    total = "| | integer | a3_all | Tổng số lãnh đạo | | |\n"

    assert changes((HEAD_ROW, total + HEAD_ROW)) == [
        Change("survey", "a/a3_all", Kind.ADDED, new="Tổng số lãnh đạo")
    ]


def test_a_question_taken_out_says_what_it_was_and_whose_outcome_it_touches() -> None:
    found = compared((HEAD_ROW, ""))

    assert found.changes == (
        Change("survey", "a/a3_key_f", Kind.REMOVED, old="Nữ lãnh đạo chủ chốt"),
    )
    assert found.conditions == ("A3",)


def test_a_question_under_another_group_is_taken_out_and_put_in() -> None:
    moved = (
        (HEAD_ROW, ""),
        ("| date              | h_date", "| integer | a3_key_f | Nữ | | |\n| | date | h_date"),
    )

    assert [(c.key, c.kind) for c in changes(*moved)] == [
        ("h/a3_key_f", Kind.ADDED),
        ("a/a3_key_f", Kind.REMOVED),
    ]


def test_a_question_that_stands_elsewhere_in_its_group_has_moved() -> None:
    plan, after = row("a1_plan"), row("a5_child")

    assert changes((plan, ""), (after, after + plan)) == [Change("survey", "a/a1_plan", Kind.MOVED)]


@pytest.mark.parametrize(
    ("edit", "change", "conditions"),
    [
        (
            ("| integer           | a5_child", "| decimal           | a5_child"),
            Change("survey", "a/a5_child", Kind.CHANGED, "type", "integer", "decimal"),
            ("A5",),
        ),
        (
            ("| min  | a3_key_f |    | 1 ", "| min  | a3_key_f |    | 2 "),
            Change("findings", "A3", Kind.CHANGED, "threshold", "1", "2"),
            ("A3",),
        ),
        (
            ("| HNGĐ        | yes", "| HNGĐ        | no"),
            Change("findings", "A5", Kind.CHANGED, "verified", "yes", "no"),
            ("A5",),
        ),
        (
            ("|          | ynu       | unk    | Chưa xác định          |\n", ""),
            Change("choices", "ynu/unk", Kind.REMOVED, old="Chưa xác định"),
            (),
        ),
        (
            ("| Có bản chụp ", "| Có bản sao "),
            Change(
                "choices",
                "ev4/copied",
                Kind.CHANGED,
                "label::Tiếng Việt (vi)",
                "Có bản chụp",
                "Có bản sao",
            ),
            (),
        ),
        (
            ("| Kiểm tra thử | 1 ", "| Kiểm tra thử | 2 "),
            Change("settings", "settings", Kind.CHANGED, "version", "1", "2"),
            (),
        ),
    ],
)
def test_each_kind_of_change_is_told_once(
    edit: tuple[str, str], change: Change, conditions: tuple[str, ...]
) -> None:
    found = compared(edit)

    assert found.changes == (change,)
    assert found.conditions == conditions
