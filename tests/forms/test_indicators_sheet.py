"""The indicators sheet: what it means, and every way to get it wrong, with the cell."""

from __future__ import annotations

import json

import pytest

from server.forms import indicators, wire
from server.forms.compile import compile_workbook
from server.forms.indicator_problems import (
    CodeRepeated,
    GroupsElsewhere,
    IndicatorFieldUnknown,
    IndicatorFieldUnusable,
    IndicatorRevealing,
)
from server.forms.indicators import Indicator, Indicators
from server.forms.problems import (
    CellMissing,
    CellUnreadable,
    CellUnwanted,
    ColumnMissing,
    Complaint,
    WorkbookRefused,
)
from tests.forms.tables import INDICATORS_HEADER, LABEL, SURVEY, Table, form

SURVEY_WITH_FIGURES: Table = (
    *SURVEY,
    ("begin_group", "a", "A"),
    ("integer", "women", "Nữ"),
    ("integer", "all", "Tổng"),
    ("integer", "cases", "Số vụ", None, None, "restricted"),
    ("text", "words", "Lời"),
    ("end_group",),
    ("begin_repeat", "v", "Xóm"),
    ("integer", "members", "Thành viên"),
    ("select_one ynu", "poor", "Khó khăn?"),
    ("begin_repeat", "w", "Tổ"),
    ("integer", "deep", "Sâu"),
    ("end_repeat",),
    ("end_repeat",),
)


def sheet(*rows: dict[str, object]) -> Table:
    """Return an indicators sheet with these rows; what they leave out is a sound sum."""
    sound = {"code": "nu", LABEL: "Số nữ", "value": "women", "aggregate": "sum", "sensitive": "no"}
    given = [{**sound, **row} for row in rows]
    return (INDICATORS_HEADER, *(tuple(row.get(h) for h in INDICATORS_HEADER) for row in given))


def read(*rows: dict[str, object]) -> Indicators:
    return compile_workbook(form(SURVEY_WITH_FIGURES, indicators=sheet(*rows))).indicators


def complaints(table: Table) -> list[tuple[type[Complaint], str]]:
    with pytest.raises(WorkbookRefused) as refused:
        compile_workbook(form(SURVEY_WITH_FIGURES, indicators=table))
    assert all(c.sentence("en") and c.sentence() for c in refused.value.complaints)
    return [(type(c), c.place) for c in refused.value.complaints]


def test_a_row_becomes_an_indicator_with_paths_in_place_of_names() -> None:
    (indicator,) = read(
        {
            "label::English (en)": "Women",
            "value": "women members",
            "aggregate": "ratio",
            "of": "all deep",
            "unit": "%",
            "disaggregate": "plan",
            "sensitive": "yes",
        }
    )

    assert indicator == Indicator(
        code="nu",
        label={"vi": "Số nữ", "en": "Women"},
        value=("a/women", "v/members"),
        aggregate="ratio",
        of=("a/all", "v/w/deep"),
        unit="%",
        disaggregate="plan",
        is_sensitive=True,
    )


def test_a_figure_of_a_repeat_is_split_by_a_question_of_its_rows() -> None:
    (indicator,) = read({"value": "members", "disaggregate": "poor"})

    assert indicator.disaggregate == "v/poor"


def test_a_workbook_without_the_sheet_has_no_indicators() -> None:
    assert compile_workbook(form()).indicators == ()


def test_indicators_survive_being_stored() -> None:
    found = read({"aggregate": "ratio", "of": "all"}, {"code": "hai", "disaggregate": "plan"})

    assert indicators.load(json.loads(json.dumps(indicators.dump(found)))) == found


def test_indicators_cross_between_processes() -> None:
    compiled = compile_workbook(form(SURVEY_WITH_FIGURES, indicators=sheet({})))

    assert compiled.indicators
    assert wire.load(wire.dump(compiled)).indicators == compiled.indicators


def test_every_column_must_be_there() -> None:
    without = (INDICATORS_HEADER[:-2], ("nu", "Nữ", None, "women", "sum"))

    assert complaints(without) == [(ColumnMissing, "indicators!1"), (ColumnMissing, "indicators!1")]


@pytest.mark.parametrize(
    ("row", "complaint", "place"),
    [
        ({"code": None}, CellMissing, "indicators!A2"),
        ({"code": "hai từ"}, CellUnreadable, "indicators!A2"),
        ({LABEL: None}, CellMissing, "indicators!B2"),
        ({"value": None}, CellMissing, "indicators!D2"),
        ({"value": "womem"}, IndicatorFieldUnknown, "indicators!D2"),
        ({"value": "words"}, IndicatorFieldUnusable, "indicators!D2"),
        ({"value": "a"}, IndicatorFieldUnknown, "indicators!D2"),  # a group is no question
        ({"value": "f_a1"}, IndicatorFieldUnusable, "indicators!D2"),  # «dat» is no figure
        ({"aggregate": None}, CellMissing, "indicators!E2"),
        ({"aggregate": "median"}, CellUnreadable, "indicators!E2"),
        ({"aggregate": "ratio"}, CellMissing, "indicators!F2"),
        ({"aggregate": "ratio", "of": "al"}, IndicatorFieldUnknown, "indicators!F2"),
        ({"of": "all"}, CellUnwanted, "indicators!F2"),
        ({"disaggregate": "women"}, IndicatorFieldUnusable, "indicators!H2"),
        ({"disaggregate": "nobody"}, IndicatorFieldUnknown, "indicators!H2"),
        ({"disaggregate": "poor"}, GroupsElsewhere, "indicators!H2"),
        ({"value": "deep", "disaggregate": "poor"}, GroupsElsewhere, "indicators!H2"),
        ({"sensitive": "có"}, CellUnreadable, "indicators!I2"),
        ({"value": "cases"}, IndicatorRevealing, "indicators!I2"),
        ({"aggregate": "ratio", "of": "cases"}, IndicatorRevealing, "indicators!I2"),
    ],
)
def test_a_cell_that_cannot_stand_is_named(
    row: dict[str, object], complaint: type[Complaint], place: str
) -> None:
    assert complaints(sheet(row)) == [(complaint, place)]


def test_a_doubled_code_names_the_first_row() -> None:
    found = complaints(sheet({}, {LABEL: "Khác"}))

    assert found == [(CodeRepeated, "indicators!A3")]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = complaints(sheet({"value": "womem", "aggregate": "x"}, {"sensitive": "?"}))

    assert [place for _, place in found] == [
        "indicators!E2",
        "indicators!D2",
        "indicators!A3",
        "indicators!I3",
    ]
