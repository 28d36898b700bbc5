"""The findings sheet: what it means, and every way to get it wrong, with the cell that is wrong."""

from __future__ import annotations

import json

import pytest

from server.forms import findings
from server.forms.compile import compile_workbook
from server.forms.findings import Condition, Conditions, Rule, Threshold
from server.forms.problems import (
    AnswerMissing,
    CalculationDiffers,
    CalculationMissing,
    CalculationUnusable,
    CellMissing,
    CellUnreadable,
    CellUnwanted,
    ColumnMissing,
    Complaint,
    FieldUnknown,
    FieldUnusable,
    RowContradicts,
    WorkbookRefused,
)
from tests.forms import tables
from tests.forms.tables import FINDINGS, FINDINGS_HEADER, SURVEY, Table, form, with_rows

QUESTIONS = (
    ("integer", "n", "N"),
    ("integer", "all", "N"),
    ("date", "day", "D"),
    ("text", "words", "T"),
    ("begin_repeat", "r", "R"),
    ("integer", "inside", "N"),
    ("end_repeat",),
    ("calculate", "f_a2"),
)


LONGER: Table = (*SURVEY, *QUESTIONS)


def conditions(rows: Table, survey: Table = LONGER) -> Conditions:
    """Return the conditions of the small form with these rows under A1."""
    return compile_workbook(form(survey=survey, findings=with_rows(FINDINGS, *rows))).conditions


def complaints(findings_sheet: Table, survey: Table) -> list[tuple[type[Complaint], str]]:
    with pytest.raises(WorkbookRefused) as refused:
        compile_workbook(form(survey=survey, findings=findings_sheet))
    assert all(c.sentence("en") for c in refused.value.complaints)  # every word is there
    return [(type(c), c.place) for c in refused.value.complaints]


def row(**cells: object) -> tuple[object, ...]:
    """Return a row for A2, by header."""
    return tuple({"code": "A2", tables.LABEL: "Hai", **cells}.get(h) for h in FINDINGS_HEADER)


def test_a_row_becomes_a_condition_with_paths_in_place_of_names() -> None:
    (condition,) = conditions((), SURVEY).conditions

    assert condition == Condition(
        code="A1",
        label={"vi": "Có kế hoạch", "en": "Has a plan"},
        rules=(Rule("yes", ("plan",), evidence="plan_ev"),),
        calculate="f_a1",
        is_core=True,
    )


def test_a_threshold_can_differ_by_period() -> None:
    rows = [row(rule="min", value="n all", threshold="12; h1=6", evidence="plan_ev")]

    condition = conditions(rows).conditions[1]

    assert condition.rules == (
        Rule("min", ("n", "all"), None, Threshold(12.0, {"h1": 6.0}), "plan_ev"),
    )


def test_a_second_row_of_a_code_adds_a_rule_that_must_hold_too() -> None:
    rows = [
        row(rule="ratio", value="n", of="all", threshold=100, evidence="plan_ev"),
        row(**{tables.LABEL: None}, rule="deadline", value="day", threshold=610),
    ]

    condition = conditions(rows).conditions[1]

    assert condition.rules == (
        Rule("ratio", ("n",), "all", Threshold(100.0), "plan_ev"),
        Rule("deadline", ("day",), None, Threshold(610.0)),
    )
    assert condition.label == {"vi": "Hai"}


def test_a_condition_says_where_it_applies_and_whether_anybody_checked_it() -> None:
    rows = [
        row(
            rule="zero",
            value="n",
            evidence="plan_ev",
            applies="h_unit_type = xa",
            verified=True,
            legal_basis="NĐ 70/2008 điều 7",
        )
    ]

    condition = conditions(rows).conditions[1]

    assert condition.applies == ("h/h_unit_type", "xa")
    assert (condition.is_verified, condition.is_core) == (True, False)
    assert condition.legal_basis == "NĐ 70/2008 điều 7"


def test_a_form_knows_its_rule_book_and_where_period_year_and_result_stand() -> None:
    survey = with_rows(SURVEY, ("calculate", "h_criteria_set", None, "'NTM-2021-2025'"))

    read = conditions((), survey)

    assert (read.criteria_set, read.period, read.year, read.result) == (
        "NTM-2021-2025",
        "h/h_period",
        "h/h_year",
        "z_result",
    )


def test_conditions_survive_the_database() -> None:
    rows = [
        row(rule="min", value="n", threshold="12; h1=6", evidence="plan_ev", applies="plan=yes")
    ]
    read = conditions(rows)

    again = findings.load(json.loads(json.dumps(findings.dump(read))))

    assert again == read


@pytest.mark.parametrize(
    ("cells", "kind", "place"),
    [
        ({"rule": None, "value": "n"}, CellMissing, "findings!D3"),
        ({"rule": "at_least", "value": "n"}, CellUnreadable, "findings!D3"),
        ({"rule": "zero", "value": None}, CellMissing, "findings!E3"),
        ({"rule": "zero", "value": "nn"}, FieldUnknown, "findings!E3"),
        ({"rule": "zero", "value": "words"}, FieldUnusable, "findings!E3"),
        ({"rule": "zero", "value": "plan"}, FieldUnusable, "findings!E3"),
        ({"rule": "zero", "value": "inside"}, FieldUnusable, "findings!E3"),
        ({"rule": "yes", "value": "n"}, FieldUnusable, "findings!E3"),
        ({"rule": "yes", "value": "h_period"}, AnswerMissing, "findings!E3"),
        ({"rule": "yes", "value": "plan plan"}, CellUnreadable, "findings!E3"),
        ({"rule": "deadline", "value": "n", "threshold": 610}, FieldUnusable, "findings!E3"),
        ({"rule": "ratio", "value": "n", "threshold": 1}, CellMissing, "findings!F3"),
        ({"rule": "plan", "value": "n", "of": "al"}, FieldUnknown, "findings!F3"),
        ({"rule": "zero", "value": "n", "of": "all"}, CellUnwanted, "findings!F3"),
        ({"rule": "min", "value": "n"}, CellMissing, "findings!G3"),
        ({"rule": "min", "value": "n", "threshold": "ba"}, CellUnreadable, "findings!G3"),
        ({"rule": "min", "value": "n", "threshold": "0,5"}, CellUnreadable, "findings!G3"),
        ({"rule": "min", "value": "n", "threshold": "3; h1"}, CellUnreadable, "findings!G3"),
        ({"rule": "min", "value": "n", "threshold": "3; h2=1"}, AnswerMissing, "findings!G3"),
        ({"rule": "zero", "value": "n", "threshold": 3}, CellUnwanted, "findings!G3"),
        ({"rule": "deadline", "value": "day", "threshold": 1340}, CellUnreadable, "findings!G3"),
        ({"rule": "zero", "value": "n", "evidence": None}, CellMissing, "findings!H3"),
        ({"rule": "zero", "value": "n", "evidence": "ev"}, FieldUnknown, "findings!H3"),
        ({"rule": "zero", "value": "n", "evidence": "n"}, FieldUnusable, "findings!H3"),
        ({"rule": "zero", "value": "n", "evidence": "plan"}, AnswerMissing, "findings!H3"),
        ({"rule": "zero", "value": "n", "applies": "xa"}, CellUnreadable, "findings!I3"),
        ({"rule": "zero", "value": "n", "applies": "h_type=xa"}, FieldUnknown, "findings!I3"),
        ({"rule": "zero", "value": "n", "applies": "plan=xa"}, AnswerMissing, "findings!I3"),
        ({"rule": "zero", "value": "n", "core": "maybe"}, CellUnreadable, "findings!J3"),
        ({"rule": "zero", "value": "n", "verified": "x"}, CellUnreadable, "findings!L3"),
        ({"rule": "zero", "value": "n", tables.LABEL: None}, CellMissing, "findings!B3"),
        ({"rule": "zero", "value": "n", "code": None}, CellMissing, "findings!A3"),
    ],
)
def test_a_row_that_cannot_be_judged_is_refused_at_its_cell(
    cells: dict[str, object], kind: type[Complaint], place: str
) -> None:
    sheet = with_rows(FINDINGS, row(**{"evidence": "plan_ev", **cells}))

    found = complaints(sheet, LONGER)

    assert (kind, place) in found
    assert {where for _, where in found} == {place}


def test_an_unknown_question_is_answered_with_the_nearest_name() -> None:
    sheet = (FINDINGS_HEADER, ("A1", "Có", "", "yes", "plam", None, None, "plan_ev"))

    with pytest.raises(WorkbookRefused) as refused:
        compile_workbook(form(findings=sheet))

    assert "(có phải «plan»?)" in refused.value.complaints[0].sentence()


def test_every_problem_of_a_sheet_is_told_at_once() -> None:
    sheet = (
        FINDINGS_HEADER,
        ("A1", None, "", "yess", "plan", None, None, "plan_ev"),
        ("A2", "Hai", "", "min", "plan", None, None, "plan_ev"),
    )

    found = complaints(sheet, SURVEY)

    assert found == [
        (CellUnreadable, "findings!D2"),
        (CellMissing, "findings!B2"),
        (FieldUnusable, "findings!E3"),
        (CellMissing, "findings!G3"),
        (CalculationMissing, "survey"),
    ]


def test_a_sheet_without_its_columns_is_refused_by_their_names() -> None:
    found = complaints((("code", "rule"), ("A1", "yes")), SURVEY)

    assert {kind for kind, _ in found} == {ColumnMissing}
    assert len(found) == len(FINDINGS_HEADER) - 4  # the two there are, and the two labels


def test_rows_of_one_code_may_not_say_different_things_about_it() -> None:
    rows = [
        row(rule="zero", value="n", evidence="plan_ev", core="yes"),
        row(rule="zero", value="all", evidence="plan_ev", core="no", **{tables.LABEL: "Khác"}),
    ]

    found = complaints(with_rows(FINDINGS, *rows), LONGER)

    assert set(found) == {(RowContradicts, "findings!J4"), (RowContradicts, "findings!B4")}


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ([("calculate", "z_result")], (CalculationMissing, "survey")),
        ([("calculate", "f_a1")], (CalculationMissing, "survey")),
        ([("calculate", "f_a1", None, "'dat'"), SURVEY[-1]], (CalculationDiffers, "survey!D10")),
        ([("integer", "f_a1", "N"), SURVEY[-1]], (CalculationUnusable, "survey!A10")),
        (
            [("calculate", "f_a1", None, None, "${plan}='yes'"), SURVEY[-1]],
            (CalculationUnusable, "survey!A10"),
        ),
        (
            [
                ("begin_group", "g", "G", None, "${plan}='yes'"),
                ("calculate", "f_a1"),
                ("end_group",),
                SURVEY[-1],
            ],
            (CalculationUnusable, "survey!A11"),
        ),
    ],
    ids=[
        "no f_a1",
        "no z_result",
        "own formula",
        "no calculate",
        "relevant",
        "in a relevant group",
    ],
)
def test_a_condition_needs_a_row_that_always_shows_it(
    last: list[tuple[object, ...]], expected: tuple[type[Complaint], str]
) -> None:
    found = complaints(FINDINGS, (*SURVEY[:-2], *last))

    assert found == [expected]


def test_a_deadline_needs_the_year_of_the_data() -> None:
    survey = tuple(line for line in with_rows(SURVEY, *QUESTIONS) if line[1:2] != ("h_year",))

    found = complaints(
        with_rows(FINDINGS, row(rule="deadline", value="day", threshold=610)), survey
    )

    assert found == [(FieldUnknown, "findings!D3")]
