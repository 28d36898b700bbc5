"""The conditions of indicator 18.5. What holds for every workbook: tests/workbooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm

PATH = Path(__file__).parents[2] / "forms/kt_18_5/kt_18_5.xlsx"
CORE = ["A3", "A4", "A5", "A6", "A8", "A9", "A10", "A11"]
ADVISORY = ["A1", "A2", "A7", "A7b", "A9b", "A12", "A12b", "A13", "A14"]


@pytest.fixture(scope="module")
def form() -> CompiledForm:
    return compile_workbook(PATH.read_bytes())


def test_the_conditions_are_those_of_the_dossier(form: CompiledForm) -> None:
    conditions = form.conditions.conditions

    assert sorted(c.code for c in conditions if c.is_core) == sorted(CORE)
    assert sorted(c.code for c in conditions if not c.is_core) == sorted(ADVISORY)
    assert form.conditions.criteria_set == "NTM-2021-2025"


def test_only_a_xa_is_judged(form: CompiledForm) -> None:
    assert {c.applies for c in form.conditions.conditions} == {("h/h_unit_type", "xa")}
