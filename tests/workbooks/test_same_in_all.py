"""Header and footer are the same in the four inspection forms, but for what is listed here.

The server knows facts and recommendations by the names of their questions, and inspectors know
the screens by heart.
"""

from __future__ import annotations

import pytest

from server.forms.workbook import Row
from tests.workbooks import books
from tests.workbooks.books import INSPECTIONS

FIRST = "kt_18_5"
OTHERS = [name for name in INSPECTIONS if name != FIRST]
SHARED_LISTS = [
    "yn",
    "ynu",
    "ynun",
    "ev4",
    "find",
    "period",
    "agency",
    "sel_reason",
    "area",
    "role",
    "gps_place",
    "rec_kind",
    "owner",
    "sev",
    "photo_kind",
]
LETTERS = {"kt_18_5": "a", "kt_da8": "b", "kt_bdg": "c", "kt_ldn": "d"}
# What tells which unit is inspected. Everything else of the header is the same.
OF_THE_UNIT = {
    "kt_18_5": ["h_unit_type", "h_not_xa", "h_scope"],
    "kt_da8": ["h_unit_type", "h_scope"],
    "kt_bdg": ["h_commune_type", "h_unit_type", "h_unit", "h_scope"],
    "kt_ldn": ["h_unit_type", "h_scope"],
}
# Calculations that name the form or its conditions.
OF_THE_FORM = ("h_form_ver", "h_criteria_set", "z_failed", "z_open", "zr_form")
CRITERIA = {
    "kt_18_5": "NTM-2021-2025",
    "kt_da8": "DA8-2021-2025",
    "kt_bdg": "KT-II6-2023",
    "kt_ldn": "LDN-145-2020",
}


def part(name: str, *, is_header: bool) -> list[dict[str, str]]:
    """Return the rows of the header or the footer, without what is listed above."""
    rows = list(books.survey(name))
    ends = [n for n, row in enumerate(rows) if row.get("type") == "end_group"]
    place = next(n for n, row in enumerate(rows) if row.get("name") == "h_place")
    header_end = next(n for n in ends if n > place)
    footer_start = next(n for n, row in enumerate(rows) if row.get("name") == "z")
    chosen = rows[: header_end + 1] if is_header else rows[footer_start:]
    return [_alike(row, name) for row in chosen if row.get("name") not in OF_THE_UNIT[name]]


def _alike(row: Row, name: str) -> dict[str, str]:
    cells = dict(row.cells)
    if row.get("name") in OF_THE_FORM:
        cells.pop("calculation")
    cells["type"] = cells["type"].replace(f"cond_{LETTERS[name]}", "cond")
    return cells


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("is_header", [True, False], ids=["header", "footer"])
def test_header_and_footer_are_those_of_every_form(name: str, *, is_header: bool) -> None:
    assert part(name, is_header=is_header) == part(FIRST, is_header=is_header)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("choice_list", SHARED_LISTS)
def test_a_shared_list_offers_the_same(name: str, choice_list: str) -> None:
    assert books.choices(name, choice_list) == books.choices(FIRST, choice_list)


@pytest.mark.parametrize("name", INSPECTIONS)
def test_what_differs_in_the_header_is_the_unit(name: str) -> None:
    own = [row.get("name") for row in books.survey(name) if row.get("name").startswith("h_")]
    of_first = {row.get("name") for row in books.survey(FIRST)}
    new = [question for question in own if question not in of_first]

    assert [question for question in own if question in OF_THE_UNIT[name]] == OF_THE_UNIT[name]
    assert set(new) <= set(OF_THE_UNIT[name])
    assert books.form(name).conditions.criteria_set == CRITERIA[name]


@pytest.mark.parametrize("name", INSPECTIONS)
def test_the_conditions_that_can_be_named_are_the_conditions(name: str) -> None:
    offered = [value for value, _, _ in books.choices(name, f"cond_{LETTERS[name]}")]

    assert offered == [c.code for c in books.form(name).conditions.conditions]


@pytest.mark.parametrize("name", INSPECTIONS)
@pytest.mark.parametrize("listed", ["z_failed", "z_open"])
def test_the_inspector_is_told_of_each_condition(name: str, listed: str) -> None:
    formula = books.named(name, listed).get("calculation")

    for condition in books.form(name).conditions.conditions:
        assert f"'{condition.code} '" in formula
        assert f"${{f_{condition.code.lower()}}}" in formula


def test_the_follow_up_asks_for_the_visit_as_every_form_does() -> None:
    """It is filled in beside an inspection; what both ask is asked in the same words."""
    first = {row.get("name"): row.cells for row in books.survey(FIRST) if row.get("name")}
    follow_up = {row.get("name"): row.cells for row in books.survey("theo_doi") if row.get("name")}
    shared = set(first) & set(follow_up) - {"h_form_ver"}

    assert {name for name in shared if first[name] != follow_up[name]} == {"h_team"}
    assert {"h_date", "h_area", "h_commune", "h_inspector", "h_notice", "z_ok"} <= shared
    for choice_list in ("yn", "ev4", "area"):
        assert books.choices("theo_doi", choice_list) == books.choices(FIRST, choice_list)
