"""Texts out to a translator's sheet, and translations back in."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from openpyxl import load_workbook

from server.forms import workbook
from server.forms.compile import compile_workbook
from server.forms.difference import difference
from server.forms.translation_problems import (
    LanguageUnusable,
    NotATranslationSheet,
    TranslationsRefused,
)
from server.forms.translations import TakenIn, sheet_out, taken_in
from tests import builders

TAY = "Tày (tyz)"
FORM = """
| survey   | type          | name  | label::Tiếng Việt (vi)    | label::English (en) | hint::Tiếng Việt (vi) | calculation | sensitivity |
|          | calculate     | of_vi |                           |                     |                       | 'xã'        |             |
|          | calculate     | of_en |                           |                     |                       | 'commune'   |             |
|          | begin_group   | g     | Chung                     | General             |                       |             |             |
|          | note          | a     | Của **${of_vi}**          | Of **${of_en}**     |                       |             |             |
|          | integer       | n     | =Số vụ                    | Cases               | Chỉ số tổng           |             | restricted  |
|          | end_group     |       |                           |                     |                       |             |             |
| choices  | list_name     | name  | label::Tiếng Việt (vi)    | label::English (en) |
|          | yn            | yes   | Có                        | Yes                 |
| settings | form_id       | form_title | version | default_language |
|          | thu           | Phiếu thử  | 7       | Tiếng Việt (vi)  |
"""  # noqa: E501 - a survey sheet is that wide


def form(*edits: tuple[str, str]) -> bytes:
    table = FORM
    for old, new in edits:
        assert old in table
        table = table.replace(old, new)
    data = io.BytesIO(builders.workbook(table))
    book = load_workbook(data)
    for row in book["survey"].iter_rows():
        for cell in row:
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def translated(cells: Mapping[str, str], data: bytes) -> bytes:
    """Return the translator's sheet of a form with cells filled in; `E2` is the first in Tày."""
    book = load_workbook(io.BytesIO(sheet_out(data, [TAY])))
    for reference, text in cells.items():
        book["dich"][reference] = text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def taken(cells: Mapping[str, str]) -> TakenIn:
    return taken_in(form(), translated(cells, form()))


def refused(cells: Mapping[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(TranslationsRefused) as raised:
        taken(cells)
    return [(c.code, c.place) for c in raised.value.complaints]


def test_the_sheet_holds_each_text_with_its_key_its_cell_and_every_language() -> None:
    rows = workbook.read(sheet_out(form(), [TAY])).sheet("dich").rows

    assert [tuple(row.cells.values()) for row in rows] == [
        ("survey:g:label", "survey!C4", "Chung", "General"),
        ("survey:g/a:label", "survey!C5", "Của **${of_vi}**", "Of **${of_en}**"),
        ("survey:g/n:label", "survey!C6", "=Số vụ", "Cases"),
        ("survey:g/n:hint", "survey!E6", "Chỉ số tổng"),
        ("choices:yn/yes:label", "choices!C2", "Có", "Yes"),
    ]


def test_no_text_of_the_sheet_is_a_formula() -> None:
    assert workbook.formulas(sheet_out(form(), [TAY])) == ()


def test_an_untouched_sheet_changes_no_byte() -> None:
    given = form()  # once: openpyxl writes the second into a workbook that it saves

    found = taken_in(given, translated({}, given))

    assert found.workbook == given
    assert (found.written, found.changed, found.left_over) == (0, (), ())
    assert found.missing["English (en)"] == ("survey:g/n:hint",)
    assert len(found.missing[TAY]) == 5


def test_a_new_language_gets_columns_of_its_own_and_nothing_else_changes() -> None:
    found = taken({"E2": "Tằng mòi", "E5": "Sổ tằng", "E6": "Mì", "D5": "Totals"})

    changes = difference(form(), found.workbook).changes
    assert [(c.key, c.column, c.old, c.new) for c in changes] == [
        ("g", f"label::{TAY}", "", "Tằng mòi"),
        ("g/n", "hint::English (en)", "", "Totals"),
        ("g/n", f"hint::{TAY}", "", "Sổ tằng"),
        ("yn/yes", f"label::{TAY}", "", "Mì"),
    ]
    assert found.written == 4
    assert f'lang="{TAY}"'.encode() in compile_workbook(found.workbook).xform


def test_a_text_that_begins_like_a_formula_stays_a_text() -> None:
    book = load_workbook(io.BytesIO(translated({}, form())))
    cell = book["dich"]["E2"]
    cell.value, cell.data_type = "=HYPERLINK(1)", "s"
    out = io.BytesIO()
    book.save(out)

    found = taken_in(form(), out.getvalue())

    assert workbook.formulas(found.workbook) == ()
    assert found.written == 1


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ({"E2": "=1+1"}, ("translations.formula", "dich!E2")),
        ({"E3": "Khoăn xã"}, ("translations.placeholder", "dich!E3")),
        ({"E3": "Khoăn ${of_xx}"}, ("translations.placeholder", "dich!E3")),
        ({"E2": "Tằng ${n}"}, ("translations.placeholder", "dich!E2")),
        ({"A6": "survey:g:label"}, ("translations.key_repeated", "dich!A2")),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_taken(
    cells: Mapping[str, str], complaint: tuple[str, str]
) -> None:
    assert complaint in refused({"E5": "Sổ tằng", **cells})


@pytest.mark.parametrize("said", ["Khoăn **${of_vi}**", "Khoăn **${of_tyz}**"])
def test_a_placeholder_may_be_that_of_the_language(said: str) -> None:
    assert taken({"E3": said}).written == 1


def test_a_text_that_changed_since_is_named_and_left_alone_and_so_is_one_that_is_gone() -> None:
    sheet = translated({"E2": "Tằng mòi", "E6": "Mì"}, form())
    now = form(("| Chung ", "| Phần chung "), ("| yn            | yes ", "| yn | ok "))

    found = taken_in(now, sheet)

    assert found.workbook == now
    assert found.changed == ("survey:g:label",)
    assert found.left_over == ("choices:yn/yes:label",)


def test_a_sheet_of_another_kind_and_a_language_without_a_code_are_refused() -> None:
    with pytest.raises(NotATranslationSheet):
        taken_in(form(), form())
    with pytest.raises(LanguageUnusable):
        sheet_out(form(), ["Tày"])
    with pytest.raises(LanguageUnusable):
        taken({"E1": "dịch::Tày::label"})
