"""What figures come to in one inspection: by hand, and never zero for what is missing."""

from __future__ import annotations

import json

import pytest

from server.forms.indicators import Indicator
from server.inspections import indicators, sweep
from server.inspections.derive import Outcome
from server.inspections.indicators import Measured, measure
from server.inspections.models import Inspection
from server.projects.models import Project
from server.submissions.instance import Answers
from server.submissions.models import Submission
from tests import builders

UNKNOWN = Measured(None, None, {})
VILLAGES = (
    {"v/team": "yes", "v/n": "8", "v/f": "5", "v/eth": "tay nung"},
    {"v/team": "no", "v/n": "", "v/f": "", "v/eth": "dao"},
    {"v/team": "yes", "v/n": "7", "v/f": "", "v/eth": "tay"},
)
ANSWERS = Answers(
    flat={"a/cu_t": "21", "a/cu_f": "6", "a/hd_t": "25", "a/hd_f": "", "a/zone": "kv1", "a/x": ""},
    repeats={"v": VILLAGES, "v/w": ({"v/w/deep": "2"}, {"v/w/deep": "3.5"}), "z": ()},
)


def one(value: str, aggregate: str = "sum", of: str = "", by: str = "") -> Measured:
    indicator = Indicator(
        "i", {"vi": "I"}, tuple(value.split()), aggregate, tuple(of.split()), "", by
    )
    return measure((indicator,), ANSWERS)["i"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a/cu_f", 6),
        ("a/cu_f a/cu_t", 27),
        ("a/hd_f", None),  # blank
        ("a/cu_f a/hd_f", None),  # one of two blank: 6 would be too little
        ("a/nowhere", None),
        ("v/n", 15),  # 8 + 7; the village without a team has no members to count
        ("v/n v/f", 13),  # 8 + 5; the third did not say how many are women
        ("v/w/deep", 5.5),
        ("a/cu_f v/n", 21),
        ("z/x", None),  # no row at all
        ("a/cu_f z/x", None),
        ("a/zone", None),  # no figure
    ],
)
def test_a_sum_is_known_when_its_questions_are_answered(value: str, expected: float | None) -> None:
    assert one(value) == Measured(expected, None, {})


@pytest.mark.parametrize(
    ("value", "of", "expected"),
    [
        ("a/cu_f", "a/cu_t", (6, 21)),
        ("a/hd_f", "a/hd_t", (None, None)),  # 25 alone would lower the share of others
        ("a/cu_f", "a/hd_f", (None, None)),
        ("a/cu_f a/cu_f", "a/cu_t a/hd_t", (12, 46)),
        ("v/f", "v/n", (5, 8)),  # the third village knows only the whole
        ("v/n", "a/cu_t", (15, 21)),
    ],
)
def test_a_ratio_keeps_both_sides_and_is_known_with_both(
    value: str, of: str, expected: tuple[float | None, float | None]
) -> None:
    assert one(value, "ratio", of)[:2] == expected


def test_a_figure_of_the_form_belongs_to_the_one_answer() -> None:
    assert one("a/cu_f", "ratio", "a/cu_t", by="a/zone").groups == {"kv1": (6, 21)}


def test_who_gave_no_answer_is_a_group_of_its_own() -> None:
    assert one("a/cu_f", by="a/x").groups == {"": (6, None)}


def test_rows_are_split_by_their_own_answers_and_count_in_each_that_is_ticked() -> None:
    assert one("v/n", by="v/eth").groups == {"tay": (15, None), "nung": (8, None)}
    assert one("v/f", "ratio", "v/n", by="v/eth").groups == {"tay": (5, 8), "nung": (5, 8)}


def test_what_is_not_known_has_no_groups() -> None:
    assert one("a/hd_f", by="a/zone") == UNKNOWN


def test_figures_survive_being_stored() -> None:
    found = {"i": one("v/f", "ratio", "v/n", by="v/eth"), "j": UNKNOWN}

    assert indicators.load(json.loads(json.dumps(indicators.dump(found)))) == found
    assert indicators.dump(found)["j"] == {"n": None, "d": None, "by": {}}


SHEET = """
| indicators | code | label | value    | aggregate | of       | unit | disaggregate | sensitive |
|            | nu   | Số nữ | a3_key_f | sum       |          |      | a1_plan      | yes       |
|            | ti   | Tỷ lệ | a3_key_f | ratio     | a5_child | %    |              | yes       |
"""


def test_figures_are_derived_with_each_submission(project: Project) -> None:
    builders.form(project, builders.FORM.rstrip() + SHEET)

    builders.send(project, builders.instance({**builders.GOOD, "a/a5_child": ""}))

    assert Inspection.objects.get().indicators == {
        "nu": {"n": 1.0, "d": None, "by": {"yes": [1.0, None]}},
        "ti": {"n": None, "d": None, "by": {}},
    }


def test_figures_that_were_lost_come_back(project: Project) -> None:
    builders.form(project, builders.FORM.rstrip() + SHEET)
    builders.send(project, builders.instance(builders.GOOD))
    before = Inspection.objects.get().indicators
    Inspection.objects.update(indicators={})

    outcome = sum(sweep.rederive(Submission.objects.all()), Outcome())

    assert (outcome.changed, Inspection.objects.get().indicators) == (1, before)
    assert before["ti"] == {"n": 1.0, "d": 0.0, "by": {}}


def test_figures_beyond_all_numbers_are_not_known(project: Project) -> None:
    both = SHEET.replace("| a3_key_f | sum ", "| a3_key_f a5_child | sum ")
    builders.form(project, builders.FORM.rstrip() + both)
    huge = "9" * 308  # one is a number, two of them are none

    answers = {**builders.GOOD, "a/a3_key_f": huge, "a/a5_child": huge}
    builders.send(project, builders.instance(answers))

    assert Inspection.objects.get().indicators["nu"]["n"] is None
