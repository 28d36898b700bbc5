"""What a form must say: who may see an answer, in each language; and where the lint is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.forms import indicators_sheet, lint, sandbox, survey, validate, wire, workbook
from server.forms.compile import compile_workbook
from server.forms.findings import Conditions
from server.forms.lint_problems import (
    AsksIdentity,
    LanguageMissing,
    RestrictedCopied,
    SensitiveExposed,
    SensitiveSplit,
    SensitivityMissing,
    Untranslated,
)
from server.forms.models import FormVersion
from server.forms.problems import ColumnMissing, WorkbookRefused
from server.forms.publish import publish
from server.projects.models import Project
from tests.forms import tables
from tests.forms.linting import COLUMNS, EN, HINT_EN, VI, found, kinds, question
from tests.forms.tables import INDICATORS_HEADER, SURVEY, Table


def test_every_answer_says_who_may_see_it() -> None:
    (complaint,) = found(question("integer", "Số lớp", sensitivity=""))
    assert (type(complaint), complaint.place) == (SensitivityMissing, "survey!E2")

    silent = ("calculate", "note", "start", "end", "today", "deviceid", "username", "audit")
    assert kinds(*(question(kind, "X", sensitivity="") for kind in silent)) == []


def test_a_form_that_judges_cannot_leave_the_column_out() -> None:
    columns = ("type", "name", VI)
    rows = (question("integer", "Số lớp"),)

    assert found(*rows, columns=columns) == []
    (complaint,) = found(*rows, columns=columns, more={"findings": (("code",), ("A1",))})
    assert (type(complaint), complaint.details["header"]) == (ColumnMissing, "sensitivity")


CASES = question("integer", "Số vụ trong kỳ", name="cases", sensitivity="restricted")


@pytest.mark.parametrize(
    ("row", "more", "place"),
    [
        (question("calculate", "", calculation="${cases} * 2"), {}, "survey!F3"),
        (
            question("calculate", "", calculation="1"),
            {"settings": (("form_id", "instance_name"), ("x", "concat('x', ${ cases })"))},
            "settings!B2",
        ),
        (
            question("calculate", "", calculation="1"),
            {"entities": (("list_name", "label"), ("kn", "${cases} vụ"))},
            "entities!B2",
        ),
    ],
)
def test_a_restricted_answer_is_not_copied_to_where_everybody_reads(
    row: dict[str, str], more: dict[str, Table], place: str
) -> None:
    (complaint,) = found(CASES, row, more=more)

    assert (type(complaint), complaint.place) == (RestrictedCopied, place)


def test_a_restricted_answer_is_not_saved_to_a_list() -> None:
    columns = (*COLUMNS, "save_to")

    (complaint,) = found({**CASES, "save_to": "so_vu"}, columns=columns)

    assert (type(complaint), complaint.place) == (RestrictedCopied, "survey!I2")


def test_a_restricted_calculation_and_the_outcome_of_a_condition_may_rest_on_it() -> None:
    total = question("calculate", "", calculation="${cases} * 2", sensitivity="restricted")
    outcome = question("calculate", "", name="f_a5", calculation="if(${cases} > 0, 'x', 'y')")

    assert kinds(CASES, total, outcome, more={"findings": (("code",), ("A5",))}) == []


def test_a_sensitive_figure_is_not_split() -> None:
    by = question("select_one eth", "Nhóm", name="by")
    row = ("so_vu", "Số vụ", "Cases", "cases", "sum", None, None, "by", "yes")

    (complaint,) = found(CASES, by, more={"indicators": (INDICATORS_HEADER, row)})

    assert (type(complaint), complaint.place) == (SensitiveSplit, "indicators!H2")


def test_what_a_sensitive_figure_adds_up_is_restricted() -> None:
    workers = question("integer", "Số lao động nữ", name="workers", sensitivity="internal")
    row = ("ld", "Lao động", "Workers", "workers", "sum", None, None, None, "yes")

    (complaint,) = found(workers, more={"indicators": (INDICATORS_HEADER, row)})

    assert (type(complaint), complaint.place) == (SensitiveExposed, "survey!E2")


@pytest.mark.parametrize("header", [EN, HINT_EN])
def test_a_text_in_one_language_needs_the_other(header: str) -> None:
    columns = (*COLUMNS, EN, HINT_EN)
    row = {**question("integer", "Số lớp", "Trong năm"), EN: "Classes", HINT_EN: "In the year"}
    assert found(row, columns=columns) == []

    (complaint,) = found({**row, header: ""}, columns=columns)

    column = "I" if header == EN else "J"
    assert (type(complaint), complaint.place) == (Untranslated, f"survey!{column}2")


def test_choices_and_conditions_are_translated_too() -> None:
    half = (("list_name", "name", VI, EN), ("l", "a", "A", None), ("l", "b", None, "B"))

    places = [c.place for c in found(question("integer", "Số lớp"), more={"choices": half})]

    assert places == ["choices!D2", "choices!C3"]


def test_a_form_of_ours_has_both_languages() -> None:
    book = workbook.read(tables.workbook({"survey": (("type", "name", VI), ("integer", "a", "A"))}))

    (complaint,) = lint.check_languages(book)

    assert (type(complaint), complaint.details["header"]) == (LanguageMissing, EN)


FORMS = sorted((Path(__file__).parents[2] / "forms").glob("*/*.xlsx"))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_form_of_ours_is_good(path: Path) -> None:
    book = workbook.read(path.read_bytes())
    indicators, _ = indicators_sheet.read(book, survey.read(book), Conditions())

    assert [c.place for c in (*lint.check(book, indicators), *lint.check_languages(book))] == []


BAD: Table = (*SURVEY, ("text", "victim_name", "Tên nạn nhân"))


@pytest.mark.django_db
def test_a_form_that_asks_what_it_may_not_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "compile_apart", compile_workbook)
    monkeypatch.setattr(validate, "is_available", lambda: False)

    with pytest.raises(WorkbookRefused) as refused:
        publish(Project.objects.create(name="Chương trình"), tables.form(BAD))

    assert [(type(c), c.place) for c in refused.value.complaints] == [(AsksIdentity, "survey!C12")]
    assert not FormVersion.objects.exists()


def test_what_the_lint_says_crosses_between_processes() -> None:
    compiled = compile_workbook(tables.form(BAD))

    apart, here = wire.load(wire.dump(compiled)).lint, compiled.lint

    assert [(type(c), c.details) for c in apart] == [(type(c), c.details) for c in here]
    assert [type(c) for c in apart] == [AsksIdentity]
