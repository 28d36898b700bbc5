"""Everything that is wrong with a workbook, told at once."""

from __future__ import annotations

import pytest

from server.forms import sandbox, validate
from server.forms.compile import compile_workbook
from server.forms.problems import NotAWorkbook
from server.forms.proofreading import proofread
from tests import builders
from tests.builders import FORM


@pytest.fixture(autouse=True)
def without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "compile_apart", compile_workbook)
    monkeypatch.setattr(validate, "is_available", lambda: False)


def found(*edits: tuple[str, str]) -> list[tuple[str, str]]:
    """Return code and place of each complaint about FORM, changed; FORM has no English."""
    table = FORM
    for old, new in edits:
        assert old in table
        table = table.replace(old, new)
    complaints = proofread(builders.workbook(table)).complaints
    return [(c.code, c.place) for c in complaints if c.code != "lint.language_missing"]


def test_what_pyxform_refuses_does_not_hide_what_may_not_be_asked() -> None:
    said = found(
        ("| text              | h_unit_type    | Loại đơn vị ", "| txt | h_unit_type | Loại "),
        ("| Nữ lãnh đạo chủ chốt ", "| Số điện thoại của nữ lãnh đạo "),
    )

    assert ("form.uncompilable", "survey!8") in said
    assert ("lint.asks_identity", "survey!C14") in said


def test_a_good_proof_says_which_form_it_is_and_what_it_judges() -> None:
    proof = proofread(builders.workbook(FORM))

    assert (proof.form_id, proof.version, proof.title) == ("kt_thu", "1", "Kiểm tra thử")
    assert proof.conditions == ("A1", "A3", "A5")
    assert proof.warnings[-1] == validate.SKIPPED


def test_complaints_come_in_the_order_of_the_sheets_and_rows() -> None:
    said = found(
        ("| text              | h_commune      | Xã ", "| email | h_commune | Xã "),
        ("| yes  | a1_plan  |", "| yes  | a1_plam |"),
    )

    places = [place for _, place in said]
    assert places.index("findings!D2") > places.index("survey!C7")


@pytest.mark.needs_java
def test_a_formula_that_only_the_phone_finds_wrong_is_a_complaint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(validate, "is_available", lambda: True)

    said = found(("| 'THU-2026' ", "| 'THU-2026 "))

    assert said[0] == ("form.invalid", "survey!D2")


def test_a_file_that_is_no_workbook_is_said_to_be_none() -> None:
    with pytest.raises(NotAWorkbook):
        proofread(b"PK")
