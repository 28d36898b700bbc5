"""A new version may add and reword; what phones and submissions rest on stays."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from server.forms import schema
from server.forms.compatibility import Meant, check_compatible
from server.forms.compile import compile_workbook
from server.forms.compiled import Places
from server.forms.problems import BoundFieldLost, ChoiceLost, Complaint, TypeChanged
from tests.forms import tables
from tests.forms.tables import CHOICES, FINDINGS, SURVEY, SURVEY_HEADER, Table

OTHER = ("integer", "n", "N")


def meant(survey: Table = SURVEY, choices: Table = CHOICES, findings: Table = FINDINGS) -> Meant:
    compiled = compile_workbook(tables.form(survey, choices, findings=findings))
    return Meant(schema.read(compiled.xform), compiled.conditions)


def complaints(old: Meant, new: Meant) -> list[tuple[type[Complaint], object]]:
    return [(type(c), c.details["value"]) for c in check_compatible(old, new, Places())]


def replaced(table: Table, old: Sequence[object], *new: Sequence[object]) -> Table:
    at = list(table).index(old)
    return (*table[:at], *new, *table[at + 1 :])


def test_questions_choices_and_labels_may_be_added_and_changed() -> None:
    choices = (*CHOICES, ("ynu", "na", "Không áp dụng"))
    survey = replaced((*SURVEY, OTHER), SURVEY[-1], SURVEY[-1], ("text", "t", "T"))

    assert complaints(meant(), meant(survey, choices)) == []


def test_a_question_that_decides_nothing_may_go() -> None:
    assert complaints(meant((*SURVEY, OTHER)), meant()) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OTHER, ("decimal", "n", "N")),
        (OTHER, ("text", "n", "N")),
        (("select_one ynu", "n", "N"), ("select_multiple ynu", "n", "N")),
    ],
)
def test_a_question_may_not_change_its_type(
    before: tuple[object, ...], after: tuple[object, ...]
) -> None:
    old, new = meant((*SURVEY, before)), meant((*SURVEY, after))

    assert complaints(old, new) == [(TypeChanged, "n")]


def test_a_text_may_become_a_choice() -> None:
    old, new = meant((*SURVEY, ("text", "n", "N"))), meant((*SURVEY, ("select_one ynu", "n", "N")))

    assert complaints(old, new) == []


def test_a_choice_that_was_published_may_not_vanish() -> None:
    choices = replaced(CHOICES, ("ynu", "unk", "Chưa rõ"))

    assert complaints(meant(), meant(choices=choices)) == [(ChoiceLost, "plan")]


def test_a_choice_of_a_list_that_no_question_uses_any_more_may_vanish() -> None:
    asked = meant((*SURVEY, ("select_one more", "n", "N")), (*CHOICES, ("more", "a", "A")))

    assert complaints(asked, meant()) == []


def test_a_question_that_decides_a_condition_may_not_be_renamed() -> None:
    survey = replaced(SURVEY, SURVEY[7], ("select_one ynu", "plan2", "Có kế hoạch?"))
    findings = (FINDINGS[0], ("A1", "Có", "", "yes", "plan2", None, None, "plan_ev", None, "yes"))

    assert complaints(meant(), meant(survey, findings=findings)) == [(BoundFieldLost, "plan")]


def test_a_question_that_decides_a_condition_may_not_move_to_another_group() -> None:
    survey = replaced(SURVEY, SURVEY[7], ("begin_group", "g", "G"), SURVEY[7], ("end_group",))

    assert complaints(meant(), meant(survey)) == [(BoundFieldLost, "plan")]


@pytest.mark.parametrize("kinds", [("group", "repeat"), ("repeat", "group")])
def test_a_group_may_not_become_a_repeat_nor_a_question_a_group(kinds: tuple[str, str]) -> None:
    before, after = (
        meant((*SURVEY, (f"begin_{kind}", "k", "K"), OTHER, (f"end_{kind}",))) for kind in kinds
    )
    plain = meant((*SURVEY, ("integer", "k", "K")))

    assert complaints(before, after) == [(TypeChanged, "k")]
    assert complaints(plain, after) == [(TypeChanged, "k")]
    assert complaints(after, plain) == [(TypeChanged, "k")]


def test_a_condition_may_go_together_with_its_questions() -> None:
    none = meant((SURVEY_HEADER, OTHER), findings=())

    assert complaints(meant(), none) == []


def test_a_complaint_says_which_row_of_the_new_workbook_it_is_about() -> None:
    old, new = meant((*SURVEY, OTHER)), meant((*SURVEY, ("text", "n", "N")))

    (found,) = check_compatible(old, new, Places({"n": 12}, {"type": "A"}))

    assert (found.place, found.details["old"], found.details["new"]) == (
        "survey!A12",
        "int",
        "string",
    )
