"""ODK Validate, the phone's own engine, has a say in what is published."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from server.forms import validate
from server.forms.compile import compile_workbook
from server.forms.compiled import Places
from server.forms.problems import Invalid, WorkbookRefused
from server.xml import XmlDoctype
from tests.forms import tables
from tests.forms.tables import SURVEY, with_rows

pytestmark = pytest.mark.needs_java


@pytest.fixture(autouse=True)
def java() -> None:
    if not validate.is_available():
        if os.environ.get("CI"):
            pytest.fail("ODK Validate needs java (17 or newer) on the PATH")
        pytest.skip("ODK Validate needs java (17 or newer) on the PATH")


def checked(*rows: tuple[object, ...]) -> tuple[str, ...]:
    compiled = compile_workbook(tables.form(survey=with_rows(SURVEY, *rows)))
    return validate.check(compiled.xform, compiled.places)


def test_a_good_form_passes_without_a_word() -> None:
    assert checked() == ()


@pytest.mark.parametrize(
    ("row", "place", "words"),
    [
        (("calculate", "x", None, "foo(${plan}"), "survey!D12", "Mismatched brackets"),
        (("calculate", "x", None, "nmber(${plan})"), "survey!D12", "function 'nmber'"),
        (("calculate", "x", None, "concat(${x}, 'a')"), "survey!12", "Cycle detected"),
        (("text", "x", "X", None, "${plan} = 'yes' or"), "survey!E12", "/data/x"),
        (("text", "x", "X", None, "foo(${plan})"), "survey!E12", "function 'foo'"),
    ],
)
def test_a_wrong_formula_that_pyxform_lets_through_is_refused_at_its_row(
    row: tuple[object, ...], place: str, words: str
) -> None:
    with pytest.raises(WorkbookRefused) as refused:
        checked(row)

    (complaint,) = refused.value.complaints
    assert (type(complaint), complaint.place) == (Invalid, place)
    assert words in complaint.sentence()
    assert ".java:" not in complaint.sentence()


def test_a_doctype_never_reaches_the_engine_which_would_fetch_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        calls: list[object] = []
        threading.Thread(target=lambda: calls.append(server.accept()), daemon=True).start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/xxe"
        xform = compile_workbook(tables.form()).xform
        poisoned = xform.replace(b"?>", f'?><!DOCTYPE x SYSTEM "{address}">'.encode(), 1)

        with pytest.raises(XmlDoctype):
            validate.check(poisoned, Places())

    assert calls == []
