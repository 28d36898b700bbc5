"""A questionnaire to fill in by pen, as DOCX: boxes to tick, lines, a table for a repeat."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

from docx.document import Document as DocumentFile
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from server.forms.paper import Paper, Question, Section
from server.reports.documents import WIDTH, blank, boxed, indented, plain, rich, whole

_GREY = RGBColor(0x40, 0x40, 0x40)
_FIRST = 6.5  # cm of the column with the questions
_TIMES = 3  # columns of a repeat's table
_BOX = "☐"
_LINE = 76  # letters that fit on a line of choices
_SHORT, _MIDDLING = 26, 42  # letters of a choice that fits three, and two, to a line
_STOPS: Mapping[int, tuple[float, ...]] = {3: (6.0, 11.4), 2: (8.8,), 1: ()}  # cm from the margin
_FEW = 5  # choices that are ticked inside a table; more are written as numbers
_FIGURES = ("integer", "int", "decimal", "range")
_BY_PHONE = {
    "geopoint": "Vĩ độ ………………………  Kinh độ ………………………",
    "image": "Chụp bằng điện thoại khi nhập biểu; số thứ tự ảnh: ……………",
}
_GUIDE = (
    "Bản giấy dùng để đọc trước và để ghi khi không dùng được điện thoại. Ghi xong phải nhập lại "
    "vào biểu cùng mã, cùng phiên bản trên điện thoại; điện thoại tự tính tỷ lệ và kết quả. "
    "Dấu * là câu bắt buộc. Đánh dấu vào ô ☐; số chưa biết thì để trống, không ghi số 0."
)
_RESTRICTED = (
    "Phiếu này hỏi số liệu hạn chế. Khi đã ghi: cất trong tủ khóa, không chụp ảnh, không gửi qua "
    "mạng, hủy sau khi nhập vào điện thoại. Không ghi tên, địa chỉ, tình tiết của bất kỳ ai."
)


def questionnaire(paper: Paper) -> bytes:
    """Return a questionnaire to fill in by pen, as a .docx file."""
    document = blank(f"{paper.title} - {paper.form_id} - phiên bản {paper.version}")
    title = document.add_paragraph(style="Title")
    title.add_run(paper.title.upper())
    under = document.add_paragraph(style="Subtitle")
    under.add_run(f"Phiếu ghi tay · mã biểu {paper.form_id} · phiên bản {paper.version}")
    boxed(document, _GUIDE)
    if paper.is_restricted:
        boxed(document, f"**{_RESTRICTED}**")
    for section in paper.sections:
        _section(document, section)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# Sections and questions --------------------------------------------------------------------------


def _section(document: DocumentFile, section: Section) -> None:
    if section.title:
        document.add_paragraph(plain(section.title), style=f"Heading {min(section.level, 3)}")
    if section.when:
        _condition(document.add_paragraph(), section.when, "phần này")
    if section.is_table:
        _table(document, section.questions)
        return
    for question in section.questions:
        if question.kind == "note":
            if question.when:
                _condition(document.add_paragraph(), question.when, "lưu ý này")
            boxed(document, question.text)
        else:
            _question(document, question)


def _question(document: DocumentFile, question: Question) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(5)
    _asked(paragraph, question)
    is_figure = question.kind in _FIGURES
    if is_figure:
        _figure(paragraph)
    below = [part for part in (question.hint, question.when) if part]
    paragraph.paragraph_format.keep_with_next = bool(below) or not is_figure
    if question.hint:
        _hint(document.add_paragraph(), question.hint)
    if question.when:
        _condition(document.add_paragraph(), question.when, "câu này")
    if not is_figure:
        _answer(document, question)
    elif below:
        document.paragraphs[-1].paragraph_format.keep_with_next = False


def _figure(paragraph: Paragraph) -> None:
    """Leave room for a number at the end of the question's own line."""
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    paragraph.add_run("\t………………………")


def _asked(paragraph: Paragraph, question: Question) -> None:
    paragraph.add_run(f"{question.number}. ").bold = True
    rich(paragraph, question.text, is_bold=question.kind != "acknowledge")
    if question.is_required:
        paragraph.add_run("\N{NO-BREAK SPACE}*").bold = True


def _hint(paragraph: Paragraph, text: str) -> None:
    indented(paragraph)
    run = paragraph.add_run(" ".join(plain(text).split()))
    run.italic, run.font.size, run.font.color.rgb = True, Pt(10.5), _GREY


def _condition(paragraph: Paragraph, when: str, what: str) -> None:
    """Say when something is asked, before it."""
    indented(paragraph)
    verb = "Chỉ đọc" if what == "lưu ý này" else "Chỉ trả lời"
    run = paragraph.add_run(f"➜ {verb} {what} khi {when}.")
    run.italic, run.font.size = True, Pt(10.5)


def _answer(document: DocumentFile, question: Question) -> None:
    if question.choices:
        _choices(document, question)
        return
    paragraph = document.add_paragraph()
    indented(paragraph, is_kept=False)
    if question.kind == "acknowledge":
        paragraph.add_run(f"{_BOX} Xác nhận")
    elif question.kind == "date":
        paragraph.add_run("Ngày …… tháng …… năm …………")
    elif question.kind in _BY_PHONE:
        paragraph.add_run(_BY_PHONE[question.kind])
    else:
        _lines(document, paragraph, 3 if question.is_long else 1)


def _lines(document: DocumentFile, first: Paragraph, count: int) -> None:
    """Rule as many lines as a text needs, from margin to margin."""
    paragraphs = [first, *(document.add_paragraph() for _ in range(count - 1))]
    for paragraph in paragraphs:
        indented(paragraph, is_kept=paragraph is not paragraphs[-1])
        paragraph.paragraph_format.tab_stops.add_tab_stop(
            Cm(WIDTH), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
        )
        paragraph.paragraph_format.space_before = Pt(5)
        paragraph.add_run("\t")


def _choices(document: DocumentFile, question: Question) -> None:
    if question.kind in ("select_multiple", "rank"):
        _hint(document.add_paragraph(), "Đánh dấu mọi mục đúng.")
    rows: list[tuple[str, ...]]
    boxes = [f"{_BOX}\N{NO-BREAK SPACE}{choice}" for choice in question.choices]
    if sum(map(len, boxes)) + 2 * len(boxes) <= _LINE:
        unbroken = (box.replace(" ", "\N{NO-BREAK SPACE}") for box in boxes)
        rows, stops = [("   ".join(unbroken),)], _STOPS[1]
    else:
        each = _to_a_line(question.choices)
        rows, stops = list(_rows(boxes, each)), _STOPS[each]
    for number, row in enumerate(rows):
        paragraph = document.add_paragraph()
        # A long list may go over to the next page, but no line of it alone.
        indented(paragraph, is_kept=row is not rows[-1] and number in (0, len(rows) - 2))
        paragraph.paragraph_format.left_indent = Cm(1.2)
        paragraph.paragraph_format.first_line_indent = Cm(-0.6)
        for stop in stops:
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(stop))
        paragraph.add_run("\t".join(row))


def _to_a_line(choices: Sequence[str]) -> int:
    """Return how many choices stand on a line: of those that are longer, one."""
    if max(map(len, choices)) <= _SHORT:
        return 3
    fitting = sum(len(choice) <= _MIDDLING for choice in choices)
    return 2 if fitting >= 0.8 * len(choices) and len(choices) > _FEW else 1


def _rows(boxes: Sequence[str], each: int) -> Iterator[tuple[str, ...]]:
    row: tuple[str, ...] = ()
    for box in boxes:
        is_long = each > 1 and len(box) > _MIDDLING + 2
        if row and (is_long or len(row) == each or len(row[0]) > _MIDDLING + 2):
            yield row
            row = ()
        row = (*row, box)
    if row:
        yield row


# Repeats -----------------------------------------------------------------------------------------


def _table(document: DocumentFile, questions: Sequence[Question]) -> None:
    """Draw a table with a row for each question and a column for each time."""
    _hint(document.add_paragraph(), f"Mỗi cột một lần; nhiều hơn {_TIMES} lần thì dùng thêm tờ.")
    table = document.add_table(rows=1, cols=1 + _TIMES, style="Table Grid")
    table.autofit = False
    _row(table, ["Câu hỏi", *(f"Lần {time}" for time in range(1, _TIMES + 1))], is_header=True)
    for question in questions:
        cells = table.add_row().cells
        whole(table, height=_height(question))
        if question.kind in ("heading", "note"):
            merged = cells[0].merge(cells[-1])
            paragraph = merged.paragraphs[0]
            paragraph.paragraph_format.keep_with_next = True
            rich(paragraph, question.text, is_bold=question.kind == "heading")
            if question.when:
                what = "lưu ý này" if question.kind == "note" else "phần này"
                _condition(merged.add_paragraph(), question.when, what)
            continue
        _asked_in(cells[0], question)
        for cell in cells[1:]:
            _answer_in(cell, question)
    _widths(table)
    document.add_paragraph().paragraph_format.line_spacing = Pt(6)


def _row(table: Table, texts: Sequence[str], *, is_header: bool) -> None:
    row = table.rows[0]
    for cell, text in zip(row.cells, texts, strict=True):
        cell.paragraphs[0].add_run(text).bold = is_header
    mark = OxmlElement("w:tblHeader")  # repeated on each page that the table goes on to
    row._tr.get_or_add_trPr().append(mark)


def _height(question: Question) -> float:
    """Return the room that an answer needs by hand, in cm."""
    if question.kind in ("heading", "note"):
        return 0
    return 3.0 if question.is_long else 1.0


def _asked_in(cell: _Cell, question: Question) -> None:
    _asked(cell.paragraphs[0], question)
    if question.hint:
        _hint(cell.add_paragraph(), question.hint)
    if question.when:
        _condition(cell.add_paragraph(), question.when, "câu này")
    for paragraph in cell.paragraphs:
        paragraph.paragraph_format.left_indent = Cm(0)
    if len(question.choices) > _FEW:
        numbered = (f"({n}) {choice}" for n, choice in enumerate(question.choices, 1))
        cell.add_paragraph().add_run("; ".join(numbered) + ".").font.size = Pt(10.5)


def _answer_in(cell: _Cell, question: Question) -> None:
    paragraph = cell.paragraphs[0]
    if len(question.choices) > _FEW:
        paragraph.add_run("Ghi số trong ngoặc:")
        return
    for number, choice in enumerate(question.choices):
        line = cell.add_paragraph() if number else paragraph
        line.paragraph_format.left_indent = Cm(0.5)
        line.paragraph_format.first_line_indent = Cm(-0.5)
        line.add_run(f"{_BOX} {choice}").font.size = Pt(10.5)
    if question.kind == "acknowledge":
        paragraph.add_run(f"{_BOX} Xác nhận")
    elif question.kind == "date":
        paragraph.add_run("…… / …… / ………").font.size = Pt(10)
    elif question.kind == "image":
        paragraph.add_run("Ảnh số: ………")


def _widths(table: Table) -> None:
    others = (WIDTH - _FIRST) / _TIMES
    for number, column in enumerate(table.columns):
        column.width = Cm(others if number else _FIRST)
    for row in table.rows:
        if len(row._tr.tc_lst) > 1:  # a heading goes across all columns
            for number, cell in enumerate(row.cells):
                cell.width = Cm(others if number else _FIRST)
