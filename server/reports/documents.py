"""What all papers as DOCX share: A4, Times New Roman, a header that says what it is, page numbers.

With `questionnaire_docx` the door of python-docx.
"""

from __future__ import annotations

import re

from docx import Document
from docx.document import Document as DocumentFile
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
WIDTH = 17.0  # cm of text on a page: A4 less two margins

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


# The page ----------------------------------------------------------------------------------------


def blank(header: str) -> DocumentFile:
    """Return a document without text, with a header and page numbers."""
    document = Document()
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.PORTRAIT, Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2)
    page.header_distance = page.footer_distance = Cm(1)
    _style(document, "Normal", size=12, after=3)
    _style(document, "Title", size=16, after=2, is_bold=True, is_centred=True)
    _style(document, "Subtitle", size=11, after=8, is_centred=True)
    for level in (1, 2, 3):
        _style(document, f"Heading {level}", size=14 - level, before=12, after=4, is_bold=True)
    _style(document, "Header", size=9)
    _style(document, "Footer", size=9)
    document.core_properties.title, document.core_properties.language = header, "vi-VN"
    document.core_properties.author = "Sổ Xã"
    page.header.paragraphs[0].add_run(header)
    footer = page.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, field in (("Trang ", "PAGE"), ("/", "NUMPAGES")):
        footer.add_run(text)
        _field(footer, field)
    return document


def _style(
    document: DocumentFile,
    name: str,
    *,
    size: int,
    before: int = 0,
    after: int = 0,
    is_bold: bool = False,
    is_centred: bool = False,
) -> None:
    """Set a style of python-docx's template to ours; sizes and distances in points."""
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(name)
    style.font.name, style.font.size, style.font.bold = FONT, Pt(size), is_bold
    style.font.italic, style.font.color.rgb = False, RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{script}"), None)  # a theme's font would win over the name
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = 1.0
    style.paragraph_format.keep_with_next = name.startswith("Heading")
    for spacing in style.element.findall(f"{qn('w:rPr')}/{qn('w:spacing')}"):
        spacing.getparent().remove(spacing)  # the template spreads the letters of some
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)
    if is_centred:
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _field(paragraph: Paragraph, instruction: str) -> None:
    """Add a field that the reader's program works out: PAGE, NUMPAGES."""
    for kind in ("begin", "", "end"):
        run = paragraph.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = instruction
        run._r.append(mark)


def whole(table: Table, *, height: float = 0) -> None:
    """Keep the last row of a table on one page, and make it so high at least, in cm."""
    row = table.rows[-1]
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    if height:
        row.height, row.height_rule = Cm(height), WD_ROW_HEIGHT_RULE.AT_LEAST


# Text --------------------------------------------------------------------------------------------


def boxed(document: DocumentFile, text: str) -> None:
    """Put a text that must be read into a frame, on the page of what follows."""
    table = document.add_table(rows=1, cols=1, style="Table Grid")
    cell = table.rows[0].cells[0]
    whole(table)
    parts = [part for part in re.split(r"\n+", text) if part.strip()]
    for number, part in enumerate(parts):
        paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
        rich(paragraph, part, is_bold=False)
        paragraph.paragraph_format.keep_with_next = True
    gap = document.add_paragraph()
    gap.paragraph_format.keep_with_next = True
    gap.paragraph_format.space_after = Pt(0)
    gap.paragraph_format.line_spacing = Pt(6)


def rich(paragraph: Paragraph, text: str, *, is_bold: bool) -> None:
    """Add a text with its `**bold**`."""
    for number, part in enumerate(_BOLD.split(" ".join(text.split()))):
        if part:
            paragraph.add_run(part).bold = is_bold or number % 2 == 1


def plain(text: str) -> str:
    """Return a text without the marks of its bold."""
    return _BOLD.sub(r"\1", text)


def indented(paragraph: Paragraph, *, is_kept: bool = True) -> None:
    """Set what belongs to a question a little in; kept on the page of what follows."""
    paragraph.paragraph_format.left_indent = Cm(0.6)
    paragraph.paragraph_format.keep_with_next = is_kept
    paragraph.paragraph_format.space_after = Pt(2)
