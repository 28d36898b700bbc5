"""The workbook of indicator 18.5: complete, private, bilingual, and good to edit."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from server.communes.areas import AREAS
from server.forms import validate, workbook
from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from server.forms.workbook import Row, Workbook

PATH = Path(__file__).parents[2] / "forms/kt_18_5/kt_18_5.xlsx"
VI, EN = "::Tiếng Việt (vi)", "::English (en)"
CORE = ["A3", "A4", "A5", "A6", "A8", "A9", "A10", "A11"]
ADVISORY = ["A1", "A2", "A7", "A7b", "A9b", "A12", "A12b", "A13", "A14"]
# domain.md §6.3 marks these [R]: counts that come from violence and harm.
RESTRICTED = [
    "a5_child",
    "a5_forced",
    "a7_recv",
    "a7_done",
    "a9_files",
    "a9_plan5",
    "a9_em",
    "a9_em12",
]
# Free text is where a victim's data would leak: a new one is added here knowingly, or not at all.
FREE_TEXT = [
    "h_plan_no",
    "h_gps_why",
    "a1_doc",
    "z_diff_why",
    "z_strength",
    "z_diff",
    "zr_text",
    "z_minutes",
]
PRIVACY = "Không ghi tên, địa chỉ, tình tiết vụ việc"


@pytest.fixture(scope="module")
def book() -> Workbook:
    return workbook.read(PATH.read_bytes())


@pytest.fixture(scope="module")
def form() -> CompiledForm:
    return compile_workbook(PATH.read_bytes())


def questions(book: Workbook) -> Iterator[Row]:
    """Return the rows that keep an answer: no groups, no notes."""
    silent = ("begin_", "end_", "note")
    return (r for r in book.sheet("survey").rows if not r.get("type").startswith(silent))


def named(book: Workbook, name: str) -> Row:
    return next(r for r in book.sheet("survey").rows if r.get("name") == name)


def test_it_compiles_without_a_warning(form: CompiledForm) -> None:
    assert (form.form_id, form.title) == ("kt_18_5", "Kiểm tra chỉ tiêu 18.5")
    assert form.warnings == ()


@pytest.mark.needs_java
def test_the_phones_engine_accepts_it(form: CompiledForm) -> None:
    if not validate.is_available() and not os.environ.get("CI"):
        pytest.skip(validate.SKIPPED)

    assert validate.check(form.xform, form.places) == ()


def test_the_conditions_are_those_of_the_dossier(form: CompiledForm) -> None:
    conditions = form.conditions.conditions

    assert sorted(c.code for c in conditions if c.is_core) == sorted(CORE)
    assert sorted(c.code for c in conditions if not c.is_core) == sorted(ADVISORY)
    assert form.conditions.criteria_set == "NTM-2021-2025"


def test_no_threshold_is_claimed_to_be_verified(form: CompiledForm) -> None:
    assert [c.code for c in form.conditions.conditions if c.is_verified] == []
    assert [c.code for c in form.conditions.conditions if not c.legal_basis] == []


def test_only_a_xa_is_judged(form: CompiledForm) -> None:
    assert {c.applies for c in form.conditions.conditions} == {("h/h_unit_type", "xa")}


def test_what_a_condition_looks_at_says_so(form: CompiledForm) -> None:
    looked_at = {
        (path, condition.code)
        for condition in form.conditions.conditions
        for rule in condition.rules
        for path in (*rule.value, rule.evidence)
        if path
    }
    said = {(path, code) for path, extra in form.extras.items() for code in extra.evidence_for}

    assert looked_at - said == set()


def test_every_text_is_there_in_both_languages(book: Workbook) -> None:
    headers = ("label", "hint", "required_message", "constraint_message")
    one_sided = [
        (row.number, header)
        for sheet in ("survey", "choices", "findings")
        for row in book.sheet(sheet).rows
        for header in headers
        if bool(row.get(header + VI)) != bool(row.get(header + EN))
    ]

    assert one_sided == []


def test_whatever_can_be_refused_says_what_to_do(book: Workbook) -> None:
    asked = [r for r in questions(book) if r.get("label" + VI)]

    assert [r.get("name") for r in asked if r.get("required") and not _message(r, "required")] == []
    assert [
        r.get("name") for r in asked if r.get("constraint") and not _message(r, "constraint")
    ] == []


def _message(row: Row, kind: str) -> str:
    return row.get(f"{kind}_message{VI}")


def test_every_answer_says_who_may_see_it(book: Workbook) -> None:
    assert [r.get("name") for r in questions(book) if not r.get("sensitivity")] == []


def test_what_comes_from_violence_is_restricted(book: Workbook) -> None:
    restricted = [r.get("name") for r in questions(book) if r.get("sensitivity") == "restricted"]

    assert restricted == RESTRICTED


def test_free_text_is_rare_and_warns(book: Workbook) -> None:
    free = [r for r in questions(book) if r.get("type") == "text"]

    assert [r.get("name") for r in free] == FREE_TEXT
    assert [r.get("name") for r in free if PRIVACY not in r.get("hint" + VI)] == []
    assert [r.get("name") for r in free if "string-length" not in r.get("constraint")] == []
    assert [r.get("name") for r in free if "not(regex" not in r.get("constraint")] == []


def test_the_phone_keeps_no_track_of_where_the_inspector_went(form: CompiledForm) -> None:
    audit = re.search(rb"<bind[^>]*/meta/audit[^>]*>", form.xform)

    assert audit
    assert b"location" not in audit[0]


def test_the_point_cannot_be_moved_or_made_up(book: Workbook) -> None:
    point = named(book, "h_gps")

    assert "allow-mock-accuracy=false" in point.get("parameters")
    assert "map" not in point.get("appearance")
    assert not point.get("required")  # in a valley there may be no fix; then a reason is asked


def test_photos_are_made_small_on_the_phone(book: Workbook) -> None:
    images = [r for r in questions(book) if r.get("type") == "image"]

    assert [(r.get("name"), r.get("parameters")) for r in images] == [("zp_img", "max-pixels=1280")]


def test_the_areas_are_those_that_the_server_filters_by(book: Workbook) -> None:
    offered = {(n, vi, en) for n, vi, en in _choices(book, "area")}

    assert offered == {(area.key, area.vi, area.en) for area in AREAS}


def test_every_choice_list_is_used(book: Workbook) -> None:
    used = {word for r in questions(book) for word in r.get("type").split()[1:]}

    assert {r.get("list_name") for r in book.sheet("choices").rows} - used == set()


def test_the_conditions_that_can_be_named_are_the_conditions(
    book: Workbook, form: CompiledForm
) -> None:
    named_in_lists = [name for name, _, _ in _choices(book, "cond_a")]

    assert named_in_lists == [c.code for c in form.conditions.conditions]


def test_the_version_stands_in_the_answers_too(book: Workbook, form: CompiledForm) -> None:
    assert named(book, "h_form_ver").get("calculation") == f"'{form.version}'"


def test_the_sheets_open_as_a_designer_expects() -> None:
    opened = load_workbook(PATH)
    survey = opened["survey"]

    assert opened.sheetnames == ["survey", "choices", "settings", "findings"]
    assert {sheet.title: sheet.freeze_panes for sheet in opened} == {
        "survey": "C2",
        "choices": "C2",
        "settings": "A2",
        "findings": "B2",
    }
    assert survey.column_dimensions["C"].width > 30
    assert survey["C12"].alignment.wrap_text


def test_no_cell_is_a_formula_of_the_spreadsheet() -> None:
    cells = (cell for sheet in load_workbook(PATH) for row in sheet.iter_rows() for cell in row)

    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


def test_no_name_reads_as_an_escape_to_a_spreadsheet(book: Workbook) -> None:
    """LibreOffice read `van_hoa_xa_hoi` as `van_hoa`, line feed, `hoi` and saved it so."""
    cells = (c for s in book.sheets.values() for row in s.rows for c in row.cells.values())

    assert [cell for cell in cells if re.search(r"_x[0-9A-Fa-f]{1,4}_", cell)] == []


def _choices(book: Workbook, name: str) -> list[tuple[str, str, str]]:
    rows: list[Row] = [r for r in book.sheet("choices").rows if r.get("list_name") == name]
    return [(r.get("name"), r.get("label" + VI), r.get("label" + EN)) for r in rows]
