"""Workbooks (.xlsx) as sheets, rows and cells that know where they stand.

The door of openpyxl. No Django.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import join, normpath

from lxml import etree
from openpyxl import Workbook as OpenpyxlWorkbook
from openpyxl import load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import column_index_from_string, get_column_letter

from server import xml
from server.errors import Problem
from server.forms import package
from server.forms.problems import NotAWorkbook, WorkbookTooBig

MAX_ROWS = 20_000  # a sheet
MAX_COLUMNS = 200

_PART = xml.Limits(bytes=package.MAX_UNPACKED_BYTES, nodes=MAX_ROWS * MAX_COLUMNS)
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NO_MEMORY = etree.ErrorTypes.ERR_NO_MEMORY
# What openpyxl raises on a package whose parts are not what they should be.
_BROKEN = (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet."""

    number: int  # as Excel counts: the header is 1
    cells: Mapping[str, str]  # by header, stripped; blank cells are absent

    def get(self, *headers: str) -> str:
        """Return the first cell that says something under one of `headers`, or ""."""
        return next((self.cells[h] for h in headers if h in self.cells), "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a header row, then rows. Wholly blank rows are left out."""

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)  # header -> letters, in order
    rows: tuple[Row, ...] = ()

    def header(self, *headers: str) -> str:
        """Return which of `headers` this sheet uses, or "" for none."""
        return next((h for h in headers if h in self.columns), "")


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook, read."""

    sheets: Mapping[str, Sheet]  # by name in lower case, as pyxform looks them up

    def sheet(self, name: str) -> Sheet:
        """Return a sheet; one without columns and rows when the workbook has none by this name."""
        return self.sheets.get(name, Sheet(name))


def read(data: bytes) -> Workbook:
    """Read every sheet.

    Values are text as pyxform sees them: 12.0 is "12", true is "TRUE", a formula is the value
    that Excel last calculated. Of a header the part before `::` is in lower case.
    Raises NotAWorkbook, WorkbookTooBig, WorkbookUnsafe.
    """
    package.refuse_unsafe(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheets = [
                _sheet(sheet.title, sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True))
                for sheet in book.worksheets
            ]
        finally:
            book.close()
    except (*_BROKEN, *package.BROKEN) as error:
        raise NotAWorkbook(reason=f"{type(error).__name__}: {error}") from error
    return Workbook({sheet.name.lower(): sheet for sheet in sheets})


def _sheet(name: str, rows: Iterable[tuple[object, ...]]) -> Sheet:
    lines = iter(rows)
    headers = [_header(_text(value)) for value in next(lines, ())]
    columns = {h: get_column_letter(n) for n, h in enumerate(headers, 1) if h}
    kept: list[Row] = []
    for number, line in enumerate(lines, 2):
        cells = {h: t for h, v in zip(headers, line, strict=False) if h and (t := _text(v))}
        if not cells:
            continue
        if len(kept) >= MAX_ROWS:
            raise WorkbookTooBig(
                what=f"số dòng của trang {name}",
                what_en=f"rows of {name}",
                size=number,
                limit=MAX_ROWS,
            )
        kept.append(Row(number, cells))
    return Sheet(name, columns, tuple(kept))


def _header(text: str) -> str:
    first, separator, rest = " ".join(text.split()).partition("::")
    return f"{first.strip().lower()}{separator}{rest.strip()}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\xa0", " ").strip()


def formulas(data: bytes) -> tuple[tuple[str, int, str], ...]:
    """Return sheet, row and column letters of every cell that a spreadsheet would work out.

    Raises as `read` does.
    """
    package.refuse_unsafe(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        try:
            return tuple(
                (sheet.title.lower(), number, get_column_letter(column))
                for sheet in book.worksheets
                for number, line in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1)
                for column, cell in enumerate(line, 1)
                if cell.data_type == "f"
            )
        finally:
            book.close()
    except (*_BROKEN, *package.BROKEN) as error:
        raise NotAWorkbook(reason=f"{type(error).__name__}: {error}") from error


def written(name: str, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> bytes:
    """Return a new workbook with one sheet of texts, the first row a header that stays in sight.

    widths: of the columns, in letters; the last is that of all further ones.
    No text becomes a formula, whatever it begins with.
    """
    book = OpenpyxlWorkbook()
    sheet = book.worksheets[0]
    sheet.title, sheet.freeze_panes = name, "A2"
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value = text or None
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
            if text:
                cell.data_type, cell.quotePrefix = "s", True
            sheet.column_dimensions[letters(column)].width = widths[min(column, len(widths)) - 1]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# Filling -----------------------------------------------------------------------------------------


def column_after(sheet: Sheet) -> int:
    """Return the number of the first column to the right of every header."""
    return 1 + max(map(column_index_from_string, sheet.columns.values()), default=0)


def letters(column: int) -> str:
    """Return the letters of a column by its number: 27 is AA."""
    return get_column_letter(column)


def filled(data: bytes, sheet: str, cells: Mapping[str, str]) -> bytes:
    """Return the workbook with text written into cells of one sheet, and nothing else changed.

    cells: text by reference, "K12", in rows that exist.
    The sheet's own XML is edited, because openpyxl drops what it does not know when it saves; the
    same input always gives the same bytes. Raises NotAWorkbook.
    """
    if not cells:
        return data
    name = _part_of(data, sheet)
    root = _xml(data, name)
    rows = {row.get("r"): row for row in root.iter(_tag(root, "row"))}
    for reference, text in cells.items():
        number = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if number not in rows:
            raise NotAWorkbook(reason=f"{sheet}!{reference}")
        _write(_cell(rows[number], reference), text)
    _widen(root, max(map(_column, cells)))
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return package.rewritten(data, {name: content})


def _part_of(data: bytes, sheet: str) -> str:
    """Return the name of the part that holds a sheet, by the sheet's name in lower case."""
    book = _xml(data, "xl/workbook.xml")
    links = {e.get("Id"): e.get("Target", "") for e in _xml(data, "xl/_rels/workbook.xml.rels")}
    for element in book.iter(_tag(book, "sheet")):
        if (element.get("name") or "").lower() == sheet:
            target = links.get(element.get(f"{{{_RELATIONSHIPS}}}id"), "")
            return normpath(join("/xl", target)).lstrip("/")
    raise NotAWorkbook(reason=sheet)


def _xml(data: bytes, name: str) -> etree._Element:
    try:
        return xml.parse(package.part(data, name), limits=_PART)
    except Problem as problem:  # its words are about forms that devices send
        if getattr(problem.__cause__, "code", None) == _NO_MEMORY:
            raise MemoryError from problem  # libxml2 calls it a syntax error
        raise NotAWorkbook(reason=f"{name}: {problem.code}") from problem


def _tag(element: etree._Element, name: str) -> str:
    return f"{{{etree.QName(element).namespace}}}{name}"


def _cell(row: etree._Element, reference: str) -> etree._Element:
    """Return the cell of a row, made in its place when the row has none there."""
    wanted, before = _column(reference), 0
    for cell in row.iter(_tag(row, "c")):
        column = _column(cell.get("r") or "")
        if column == wanted:
            return cell
        before += column < wanted
    made = etree.Element(_tag(row, "c"), r=reference)
    row.insert(before, made)
    return made


def _widen(root: etree._Element, column: int) -> None:
    """Let a sheet say that it reaches as far as `column`: pyxform reads no further than it says."""
    for dimension in root.iter(_tag(root, "dimension")):
        first, _, last = (dimension.get("ref") or "A1").partition(":")
        last = last or first
        if _column(last) >= column:
            continue
        row = last.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        dimension.set("ref", f"{first}:{get_column_letter(column)}{row}")
        for spanned in root.iterfind(f".//{_tag(root, 'row')}[@spans]"):
            del spanned.attrib["spans"]  # a hint that would be wrong now


def _column(reference: str) -> int:
    return column_index_from_string(reference.rstrip("0123456789") or "A")


def _write(cell: etree._Element, text: str) -> None:
    for child in list(cell):
        cell.remove(child)
    cell.set("t", "inlineStr")  # not a shared string: that table stays as it is
    holder = etree.SubElement(etree.SubElement(cell, _tag(cell, "is")), _tag(cell, "t"))
    holder.text = text
