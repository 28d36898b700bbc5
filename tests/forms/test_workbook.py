"""A workbook is read as pyxform reads it, filled without side effects, and never trusted."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import load_workbook

from server.errors import Problem
from server.forms import package, workbook
from server.forms.problems import NotAWorkbook, WorkbookTooBig, WorkbookUnsafe
from tests.forms import tables

SHEET = "xl/worksheets/sheet1.xml"


def repacked(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Return a workbook whose parts were changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    return repacked(tables.form(), lambda parts: parts.update({name: content}))


def test_cells_are_known_by_header_and_by_the_row_that_excel_shows() -> None:
    data = tables.workbook({"Survey": (("Type", "name"), ("text", "a"), (), (" note ", 12.0))})

    sheet = workbook.read(data).sheet("survey")

    assert sheet.columns == {"type": "A", "name": "B"}
    assert [(row.number, dict(row.cells)) for row in sheet.rows] == [
        (2, {"type": "text", "name": "a"}),
        (4, {"type": "note", "name": "12"}),
    ]


def test_values_read_as_pyxform_reads_them() -> None:
    data = tables.workbook({"survey": (("a", "b", "c", "d"), (True, 0.5, 3.0, "một\xa0hai"))})

    row = workbook.read(data).sheet("survey").rows[0]

    assert dict(row.cells) == {"a": "TRUE", "b": "0.5", "c": "3", "d": "một hai"}


def test_filling_writes_the_cells_and_changes_nothing_else() -> None:
    data = tables.form()

    filled = workbook.filled(data, "survey", {"D10": "if(${a} < 1, 'x', 'y')", "G2": "mới"})

    before, after = load_workbook(io.BytesIO(data)), load_workbook(io.BytesIO(filled))
    assert after["survey"]["D10"].value == "if(${a} < 1, 'x', 'y')"
    assert after["survey"]["G2"].value == "mới"
    after["survey"]["D10"].value = after["survey"]["G2"].value = None
    assert [list(s.values) for s in after] == [list(s.values) for s in before]


def test_filling_gives_the_same_bytes_every_time() -> None:
    data = tables.form()

    twice = {workbook.filled(data, "survey", {"D10": "1"}) for _ in range(2)}

    assert len(twice) == 1


def test_filling_keeps_the_style_of_the_cell() -> None:
    book = load_workbook(io.BytesIO(tables.form()))
    book["survey"]["D10"].number_format = "@"
    styled = io.BytesIO()
    book.save(styled)

    filled = workbook.filled(styled.getvalue(), "survey", {"D10": "1"})

    assert load_workbook(io.BytesIO(filled))["survey"]["D10"].number_format == "@"


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"type,name\n", tables.form()[:-100], tables.form()[:2000]],
    ids=["empty", "magic only", "csv", "cut short", "half"],
)
def test_bytes_that_are_no_workbook_are_refused(data: bytes) -> None:
    with pytest.raises(NotAWorkbook):
        workbook.read(data)


def test_a_workbook_without_a_directory_of_its_sheets_is_refused() -> None:
    data = repacked(tables.form(), lambda parts: parts.update({"xl/workbook.xml": b""}))

    with pytest.raises(NotAWorkbook):
        workbook.read(data)


def test_a_part_that_is_not_xml_is_refused() -> None:
    with pytest.raises(NotAWorkbook):
        workbook.read(with_part(SHEET, b"<worksheet><sheetData>"))


# Made by the test: both workers collect, and packing 200 MB takes half a second.
@pytest.mark.parametrize(
    "made",
    [
        lambda: with_part("xl/media/zeros.png", bytes(90_000_000)),
        lambda: with_part("xl/media/zeros.png", bytes(package.MAX_UNPACKED_BYTES + 1)),
        lambda: repacked(tables.form(), lambda p: p.update({f"x/{n}": b"x" for n in range(201)})),
        lambda: b"PK" + bytes(package.MAX_FILE_BYTES),
    ],
    ids=["ratio", "unpacked", "parts", "packed"],
)
def test_a_zip_bomb_is_refused_before_it_is_unpacked(made: Callable[[], bytes]) -> None:
    data = made()

    with pytest.raises(WorkbookTooBig) as refused:
        workbook.read(data)

    assert str(refused.value.details["limit"]) in refused.value.sentence("en")


def test_a_directory_that_lies_about_a_size_does_not_unpack_more_than_it_said() -> None:
    data = bytearray(with_part("xl/media/zeros.png", bytes(1_000_000)))
    entry = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/media/zeros.png"))
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")  # unpacked size

    with pytest.raises(NotAWorkbook):
        workbook.read(bytes(data))


def test_a_sheet_with_more_rows_than_a_form_can_have_is_refused() -> None:
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>text</t></is></c></row>' % (n, n)
        for n in range(1, workbook.MAX_ROWS + 3)
    )
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (namespace, rows)

    with pytest.raises(WorkbookTooBig, match="số dòng"):
        workbook.read(with_part(SHEET, sheet))


DOCTYPE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'

# Across the boundary of the pieces that are searched.
FAR_INTO_IT = random.Random(1).randbytes((1 << 19) - 2).hex().encode() + DOCTYPE.encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (SHEET, DOCTYPE.encode()),
        (SHEET, DOCTYPE.encode("utf-16")),
        ("xl/sharedStrings.xml", FAR_INTO_IT),
        ("xl/media/image1.png", DOCTYPE.encode()),
        ("customXml/item1.xml", b'<?xml version="1.0" encoding="UTF-7"?><x/>'),
        (SHEET, f'<?xml version="1.0"?>{DOCTYPE}'.encode("cp037")),
        ("xl/vbaProject.bin", b"macro"),
        ("xl/macrosheets/sheet1.xml", b"<x/>"),
        ("xl/externalLinks/externalLink1.xml", b"<x/>"),
        ("xl/connections.xml", b"<x/>"),
    ],
)
def test_what_no_form_needs_and_an_attack_does_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(WorkbookUnsafe) as refused:
        workbook.read(with_part(name, content))

    assert name in refused.value.sentence("en")


def test_a_workbook_with_a_password_is_refused() -> None:
    data = bytearray(tables.form())
    directory = data.rfind(b"PK\x01\x02")
    data[directory + 8] |= 1  # general purpose flag: encrypted

    with pytest.raises(Problem):
        workbook.read(bytes(data))


def test_printer_settings_of_excel_are_no_macro() -> None:
    data = with_part("xl/printerSettings/printerSettings1.bin", b"\x01")

    assert workbook.read(data).sheet("survey").rows
