"""Compiling fills in the findings, says in Vietnamese what is wrong, and always gives the same."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.forms import sandbox, wire
from server.forms.compile import compile_workbook
from server.forms.problems import (
    CellMissing,
    CellUnreadable,
    ColumnMissing,
    CompilingTooDear,
    Complaint,
    FormUnusable,
    NotAWorkbook,
    SheetMissing,
    SubmissionElsewhere,
    Uncompilable,
    WorkbookRefused,
)
from tests.forms import tables
from tests.forms.tables import SURVEY, SURVEY_HEADER, Table, form, with_rows

ROOT = Path(__file__).resolve().parents[2]


def complaints(data: bytes) -> tuple[Complaint, ...]:
    with pytest.raises(WorkbookRefused) as refused:
        compile_workbook(data)
    assert all(c.sentence("en") for c in refused.value.complaints)  # every word is there
    return refused.value.complaints


def complaint(data: bytes) -> Complaint:
    (only,) = complaints(data)
    return only


def test_the_phone_gets_a_formula_for_every_condition_and_for_the_result() -> None:
    compiled = compile_workbook(form())

    text = compiled.xform.decode()
    assert 'nodeset="/data/f_a1" type="string" calculate="if( /data/plan =' in text
    assert 'nodeset="/data/z_result" type="string" calculate=" /data/f_a1 "' in text


def test_a_form_says_who_it_is() -> None:
    compiled = compile_workbook(form())

    assert (compiled.form_id, compiled.version, compiled.title) == ("thu", "2026112501", "Thử")
    assert compiled.itemsets is None


def test_an_exported_workbook_compiles_to_the_same_form() -> None:
    compiled = compile_workbook(form())

    again = compile_workbook(compiled.filled)

    assert (again.xform, again.filled) == (compiled.xform, compiled.filled)


def test_a_form_without_findings_judges_nothing() -> None:
    survey = (SURVEY_HEADER, ("text", "x", "X"))

    compiled = compile_workbook(form(survey=survey, findings=()))

    assert compiled.conditions.conditions == ()


def test_external_choices_come_out_as_itemsets_csv() -> None:
    data = tables.workbook(
        {
            "survey": (
                ("type", "name", "label", "choice_filter"),
                ("text", "tinh", "Tỉnh", None),
                ("select_one_external xom", "xom", "Xóm", "tinh=${tinh}"),
            ),
            "external_choices": (("list_name", "name", "tinh"), ("xom", "x1", "19")),
            "settings": tables.SETTINGS,
        }
    )

    assert compile_workbook(data).itemsets == b'"list_name","name","tinh"\r\n"xom","x1","19"\r\n'


def test_the_same_workbook_gives_the_same_bytes_under_any_hash_seed() -> None:
    data = form()
    code = (
        "import sys, hashlib; from server.forms.compile import compile_workbook;"
        "c = compile_workbook(sys.stdin.buffer.read());"
        "print(hashlib.md5(c.xform + c.filled).hexdigest())"
    )

    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=data,
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }

    assert len(digests) == 1


def test_the_process_apart_gives_what_this_one_gives() -> None:
    data = form()

    apart = sandbox.compile_apart(data)

    assert apart == compile_workbook(data)


def test_complaints_cross_between_processes_unchanged() -> None:
    data = form(settings=tables.version("1", form_id="1 2"))

    with pytest.raises(WorkbookRefused) as refused:
        sandbox.compile_apart(data)

    here = complaints(data)
    assert [(type(c), c.details) for c in refused.value.complaints] == [
        (type(c), c.details) for c in here
    ]


def test_a_broken_workbook_is_refused_by_the_process_apart_as_by_this_one() -> None:
    with pytest.raises(NotAWorkbook):
        sandbox.compile_apart(b"PK")


def test_a_compilation_without_memory_to_go_on_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MEGABYTES", 4)
    long = form(survey=with_rows(SURVEY, *(("text", f"x{n}", "X") for n in range(1500))))

    with pytest.raises(CompilingTooDear):
        sandbox.compile_apart(long)


def test_a_compilation_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.01)

    with pytest.raises(CompilingTooDear):
        sandbox.compile_apart(form())


def test_itemsets_and_extras_cross_between_processes() -> None:
    compiled = compile_workbook(form())
    with_itemsets = dataclasses.replace(compiled, itemsets=b'"a"\r\n')

    assert wire.load(wire.dump(with_itemsets)) == with_itemsets


@pytest.mark.parametrize(
    ("sheets", "missing"),
    [
        ({"survey": SURVEY}, ["settings"]),
        ({"settings": tables.SETTINGS}, ["survey"]),
        ({"khac": (("a",), ("b",))}, ["survey", "settings"]),
    ],
)
def test_a_missing_sheet_is_named(sheets: dict[str, Table], missing: list[str]) -> None:
    found = complaints(tables.workbook(sheets))

    assert [(type(c), c.details["sheet"]) for c in found] == [(SheetMissing, m) for m in missing]


def test_a_missing_column_is_named() -> None:
    found = complaint(form(survey=(("type", "label"), ("text", "A"))))

    assert (type(found), found.details["sheet"], found.details["header"]) == (
        ColumnMissing,
        "survey",
        "name",
    )


@pytest.mark.parametrize("form_id", ["1a", "biểu", "a b", "../a", "a/b", "a" * 250])
def test_a_form_id_that_cannot_stand_in_an_address_is_refused(form_id: str) -> None:
    found = complaint(form(settings=tables.version("1", form_id=form_id)))

    assert (type(found), found.place) == (CellUnreadable, "settings!B2")


def test_a_form_needs_a_title() -> None:
    found = complaint(form(settings=tables.version("1", title="")))

    assert (type(found), found.place) == (CellMissing, "settings!A2")


def test_a_form_that_would_send_its_data_elsewhere_is_refused() -> None:
    header, row = tables.SETTINGS
    elsewhere = ((*header, "submission_url"), (*row, "https://example.org/submission"))

    found = complaint(form(settings=elsewhere))

    assert (type(found), found.place) == (SubmissionElsewhere, "settings!D2")


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (("text", "x", "X", None, None, "secret"), "survey!F12"),
        (("text", "x", "X", None, None, "public", "A1 B9"), "survey!G12"),
    ],
)
def test_the_columns_that_pyxform_ignores_are_checked(row: tuple[object, ...], place: str) -> None:
    found = complaint(form(survey=with_rows(SURVEY, row)))

    assert (type(found), found.place) == (CellUnreadable, place)


@pytest.mark.parametrize(
    ("row", "place", "sentence"),
    [
        (("calculate", "x", None, "${plna} + 1"), "survey!D12", "nhắc đến câu hỏi «plna»"),
        (("calculate", "x"), "survey!12", "chưa có công thức"),
        (("txt", "x", "X"), "survey!12", "Không có kiểu câu hỏi «txt»"),
        (("text", "hai từ", "X"), "survey!B12", "Tên phải bắt đầu bằng chữ cái"),
        (("text", "plan", "X"), "survey!B12", "Tên «plan» dùng hai lần"),
        (("text", "x"), "survey!12", "Câu hỏi «x» chưa có nhãn"),
        (("text", None, "X"), "survey!12", "chưa có tên"),
        (("select_one khong_co", "x", "X"), "survey!12", "Danh sách «khong_co» không có"),
        (("begin_group", "x", "X"), "survey!12", "Nhóm mở mà không đóng"),
        (("end_group", None), "survey!12", "Nhóm đóng mà không mở"),
        (("select_one_from_file a.txt", "x", "X"), "survey!12", "phải là .csv"),
    ],
)
def test_what_pyxform_refuses_is_said_in_vietnamese_with_its_place_and_its_words(
    row: tuple[object, ...], place: str, sentence: str
) -> None:
    found = complaint(form(survey=with_rows(SURVEY, row)))

    assert (type(found), found.place) == (Uncompilable, place)
    assert sentence in found.sentence()
    assert str(found.details["original"]) in found.sentence()


def test_a_complaint_of_pyxform_that_nobody_foresaw_keeps_its_own_words() -> None:
    header = (*SURVEY_HEADER, "parameters")
    row = ("image", "x", "X", None, None, None, None, "max-pixels=nhieu")

    found = complaint(form(survey=(header, *SURVEY[1:], row)))

    assert "max-pixels must have an integer value" in found.sentence()
    assert found.sentence("en") == found.details["original"]


def test_a_form_that_nests_deeper_than_a_phone_reads_is_refused() -> None:
    opened = [("begin_group", f"g{n}", "G") for n in range(70)]
    nested = (*opened, ("text", "x", "X"), *[("end_group",)] * 70)

    with pytest.raises(FormUnusable):
        sandbox.compile_apart(form(survey=with_rows(SURVEY, *nested)))


def test_an_odd_workbook_that_pyxform_stumbles_over_is_refused_like_any_other() -> None:
    choices = (("list_name", "name", "control:a"), *tables.CHOICES[1:])

    found = complaint(form(choices=choices))

    assert type(found) is Uncompilable
    assert "AttributeError" in found.sentence()


def test_the_bytes_do_not_depend_on_how_excel_saved_the_workbook() -> None:
    saved, saved_again = form(), compile_workbook(form()).filled

    assert saved != saved_again
    assert compile_workbook(saved).xform == compile_workbook(saved_again).xform


def test_two_questions_of_one_name_keep_each_their_sensitivity() -> None:
    rows = [dict(zip(SURVEY_HEADER, row, strict=False)) for row in SURVEY[1:]]
    name = next(str(row["name"]) for row in rows if row.get("type") == "integer")
    again = [
        ("begin_group", "khac", "Nhóm khác"),
        ("integer", name, "Số khác", None, None, "restricted"),
        ("end_group",),
    ]

    compiled = compile_workbook(form(with_rows(SURVEY, *again)))

    assert compiled.extras[f"khac/{name}"].sensitivity == "restricted"
