"""Every workbook of forms/: complete, private, bilingual, and good to edit."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from server.communes.areas import AREAS
from server.forms.paper import paper
from server.forms.workbook import Row
from tests.workbooks import books
from tests.workbooks.books import EN, EVERY, INSPECTIONS, VI

PRIVACY = "Không ghi tên, địa chỉ, tình tiết vụ việc"
# Free text is where a victim's data would leak: a new one is added here knowingly, or not at all.
OF_EVERY_INSPECTION = [
    "h_plan_no",
    "h_gps_why",
    "z_diff_why",
    "z_strength",
    "z_diff",
    "zr_text",
    "z_minutes",
]
FREE_TEXT = {
    "kt_18_5": ["a1_doc"],
    "kt_da8": ["bv_name", "bv_dec"],
    "kt_bdg": ["h_unit", "c1_doc", "c4_txt", "c6_prop"],
    "kt_ldn": ["d_name", "d_tax"],
    "theo_doi": ["t_done", "t_doc"],
}
# domain.md §6 marks these [R]: counts that come from violence and harm. And b2_traf: that a
# commune helps victims of trafficking says that it has some.
RESTRICTED = {
    "kt_18_5": [
        "a5_child",
        "a5_forced",
        "a7_recv",
        "a7_done",
        "a9_files",
        "a9_plan5",
        "a9_em",
        "a9_em12",
    ],
    "kt_da8": ["b2_traf"],
    "kt_bdg": ["c3_tot", "c3_hand"],
    "kt_ldn": [],
    "theo_doi": [],
}
POINTS = {"kt_da8": ["h_gps", "bv_gps"], "theo_doi": []}
IMAGES = {"kt_da8": ["bv_photo", "zp_img"], "theo_doi": ["t_img"]}
FROZEN = {
    "survey": "C2",
    "choices": "C2",
    "settings": "A2",
    "entities": "A2",
    "findings": "B2",
    "indicators": "B2",
}
CODE_OF_A_LEGAL_PERSON = "d_tax"  # ten digits, so the ban on nine in a row cannot hold for it

pytestmark = pytest.mark.parametrize("name", EVERY)


def test_it_compiles_without_a_warning(name: str) -> None:
    form = books.form(name)

    assert form.form_id == name
    assert form.warnings == ()


def test_its_export_is_the_same_form_to_plain_pyxform(name: str) -> None:
    """So the phone's engine finds the same: test_both_engines runs on these bytes."""
    exported = convert(books.form(name).filled, file_type=".xlsx")

    assert exported.xform.encode() == books.form(name).xform
    assert exported.warnings == []
    assert "z_result" not in exported.xform or "khong_ap_dung" in exported.xform


def test_its_paper_asks_every_question_and_says_in_words_when(name: str) -> None:
    printed = paper(books.path(name).read_bytes())
    questions = [question for section in printed.sections for question in section.questions]

    labels = [row.get("label" + VI) for row in books.questions(name) if row.get("label" + VI)]
    numbered = [question.text for question in questions if question.number]
    assert [len(text) for text in numbered if "${" in text] == []
    assert len(numbered) == len(labels) > 10
    said = [section.when for section in printed.sections] + [q.when for q in questions]
    assert [when for when in said if "công thức" in when or "điện thoại tính" in when] == []


def test_no_threshold_is_claimed_to_be_verified(name: str) -> None:
    conditions = books.form(name).conditions.conditions

    assert [c.code for c in conditions if c.is_verified] == []
    assert [c.code for c in conditions if not c.legal_basis] == []


def test_what_a_condition_looks_at_says_so(name: str) -> None:
    form = books.form(name)
    looked_at = {
        (path, condition.code)
        for condition in form.conditions.conditions
        for rule in condition.rules
        for path in (*rule.value, rule.of, rule.evidence)
        if path
    }
    said = {(path, code) for path, extra in form.extras.items() for code in extra.evidence_for}
    shared = {("a/a_villages", "A8"), ("a3/a3_key_t", "A3")}

    assert looked_at - said - shared == set()


def test_every_text_is_there_in_both_languages(name: str) -> None:
    headers = ("label", "hint", "required_message", "constraint_message")
    one_sided = [
        (sheet, row.number, header)
        for sheet in ("survey", "choices", "findings", "indicators")
        for row in books.book(name).sheet(sheet).rows
        for header in headers
        if bool(row.get(header + VI)) != bool(row.get(header + EN))
    ]

    assert one_sided == []


def test_whatever_can_be_refused_says_what_to_do(name: str) -> None:
    asked = [row for row in books.questions(name) if row.get("label" + VI)]

    assert [
        row.get("name")
        for row in asked
        for kind in ("required", "constraint")
        if row.get(kind) and not row.get(f"{kind}_message{VI}")
    ] == []


def test_every_answer_says_who_may_see_it(name: str) -> None:
    assert [r.get("name") for r in books.questions(name) if not r.get("sensitivity")] == []


def test_what_comes_from_violence_is_restricted(name: str) -> None:
    restricted = [
        row.get("name") for row in books.questions(name) if row.get("sensitivity") == "restricted"
    ]

    assert restricted == RESTRICTED[name]


def test_free_text_is_rare_and_warns(name: str) -> None:
    free = {row.get("name"): row for row in books.questions(name) if row.get("type") == "text"}
    shared = OF_EVERY_INSPECTION if name in INSPECTIONS else []

    assert sorted(free) == sorted([*shared, *FREE_TEXT[name]])
    assert [key for key, row in free.items() if PRIVACY not in row.get("hint" + VI)] == []
    unlimited = [key for key, row in free.items() if "string-length" not in row.get("constraint")]
    unguarded = [key for key, row in free.items() if "not(regex" not in row.get("constraint")]
    expected = [CODE_OF_A_LEGAL_PERSON] if CODE_OF_A_LEGAL_PERSON in free else []
    assert unlimited == unguarded == expected


def test_no_text_is_internal_only_by_accident(name: str) -> None:
    assert {
        row.get("name")
        for row in books.questions(name)
        if row.get("type") in ("text", "image", "geopoint") and row.get("sensitivity") == "public"
    } == set()


def test_the_phone_keeps_no_track_of_where_the_inspector_went(name: str) -> None:
    audit = re.search(rb"<bind[^>]*/meta/audit[^>]*>", books.form(name).xform)

    assert audit
    assert b"location" not in audit[0]


def test_a_point_cannot_be_moved_or_made_up_and_is_never_that_of_a_shelter(name: str) -> None:
    points = [row for row in books.questions(name) if row.get("type") == "geopoint"]

    assert [point.get("name") for point in points] == POINTS.get(name, ["h_gps"])
    for point in points:
        assert "allow-mock-accuracy=false" in point.get("parameters")
        assert "map" not in point.get("appearance")
        assert not point.get("required")  # in a valley there may be no fix
        assert _warns_of_shelters(name, point)


def _warns_of_shelters(name: str, point: Row) -> bool:
    """Tell whether the point, or the question above it, says where never to take one."""
    rows = books.survey(name)
    above = rows[rows.index(point) - 1]
    return any("KHÔNG lấy tọa độ tại nhà tạm lánh" in r.get("hint" + VI) for r in (point, above))


def test_photos_are_small_and_promised_to_show_nobody(name: str) -> None:
    rows = books.survey(name)
    images = [row for row in rows if row.get("type") == "image"]

    assert [image.get("name") for image in images] == IMAGES.get(name, ["zp_img"])
    for image in images:
        assert image.get("parameters") == "max-pixels=1280"
        assert "Không có người" in image.get("hint" + VI)
        after = rows[rows.index(image) + 1 : rows.index(image) + 3]
        assert any(row.get("type") == "acknowledge" and row.get("required") for row in after)


def test_one_group_is_one_screen(name: str) -> None:
    rows = books.survey(name)
    groups = [
        row
        for row, after in pairwise(rows)
        if row.get("type").startswith("begin_") and after.get("type") != "begin_group"
    ]

    assert [g.get("name") for g in groups if g.get("appearance") != "field-list"] == []
    assert [g.get("name") for g in groups if not g.get("label" + VI)] == []


def test_no_screen_asks_more_than_seven_things(name: str) -> None:
    """On 5 inches a screen of eight is scrolled three times over."""
    crowded, asked, group = [], 0, ""
    for row in books.survey(name):
        kind = row.get("type")
        if kind in ("begin_group", "begin_repeat"):
            group, asked = row.get("name"), 0
        elif kind.startswith("end_"):
            crowded += [group] if asked > 7 else []
        elif kind not in ("note", "calculate"):
            asked += 1

    assert crowded == []


def test_questions_are_short(name: str) -> None:
    """What is longer than 130 characters is not read out of doors; notes are read on purpose."""
    assert [
        (row.get("name"), len(row.get(header)))
        for row in books.survey(name)
        for header in ("label" + VI, "hint" + VI)
        if row.get("type") != "note" and len(row.get(header)) > 130
    ] == []


def test_the_areas_are_those_that_the_server_filters_by(name: str) -> None:
    assert set(books.choices(name, "area")) == {(area.key, area.vi, area.en) for area in AREAS}


def test_every_choice_list_is_used(name: str) -> None:
    used = {word for row in books.questions(name) for word in row.get("type").split()[1:]}

    lists = {row.get("list_name") for row in books.book(name).sheet("choices").rows}
    assert lists - used == set()


def test_the_version_stands_in_the_answers_too(name: str) -> None:
    version = books.form(name).version

    assert books.named(name, "h_form_ver").get("calculation") == f"'{version}'"


def test_the_sheets_open_as_a_designer_expects(name: str) -> None:
    opened = load_workbook(books.path(name))
    survey = opened["survey"]
    wanted = [s for s in FROZEN if name in INSPECTIONS or s not in ("findings", "indicators")]

    assert opened.sheetnames == wanted
    assert {sheet.title: sheet.freeze_panes for sheet in opened} == {s: FROZEN[s] for s in wanted}
    assert survey.column_dimensions["C"].width > 30
    assert survey["C12"].alignment.wrap_text


def test_no_cell_is_a_formula_of_the_spreadsheet(name: str) -> None:
    sheets = load_workbook(books.path(name))
    cells = (cell for sheet in sheets for row in sheet.iter_rows() for cell in row)

    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


def test_no_name_reads_as_an_escape_to_a_spreadsheet(name: str) -> None:
    """LibreOffice read `van_hoa_xa_hoi` as `van_hoa`, line feed, `hoi` and saved it so."""
    sheets = books.book(name).sheets.values()
    cells = (cell for sheet in sheets for row in sheet.rows for cell in row.cells.values())

    assert [cell for cell in cells if re.search(r"_x[0-9A-Fa-f]{1,4}_", cell)] == []
