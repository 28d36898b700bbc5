"""The questionnaire to print, read back as a word processor would."""

from __future__ import annotations

import io

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Twips

from server.forms.paper import Paper, Question, Section, paper
from server.reports.documents import FONT
from server.reports.questionnaire_docx import questionnaire
from tests.workbooks import books

A4_WIDTH, A4_HEIGHT = Twips(11906), Twips(16838)  # 210 mm by 297 mm
PAPER = Paper(
    "Phiếu thử",
    "thu",
    "7",
    is_restricted=True,
    sections=(
        Section(
            "Chung",
            1,
            "loại đơn vị là «xã»",
            is_table=False,
            questions=(
                Question(1, "Có **kế hoạch**?", "Xem sổ", "", "select_one", ("Có", "Không")),
                Question(2, "Số vụ", "", "câu 1 là «Có»", "integer", (), is_required=True),
                Question(3, "Vì sao", "", "", "text", (), is_long=True),
            ),
        ),
        Section(
            "Xóm",
            1,
            "",
            is_table=True,
            questions=(
                Question(4, "Có tổ?", "", "", "select_one", ("Có", "Không")),
                Question(5, "Tiếng", "", "", "select_multiple", tuple("abcdef")),
            ),
        ),
    ),
)


def test_a_question_has_its_number_text_hint_condition_and_boxes() -> None:
    document = Document(io.BytesIO(questionnaire(PAPER)))

    texts = [p.text.replace("\xa0", " ") for p in document.paragraphs if p.text.strip()]
    start = texts.index("Chung")
    assert texts[start : start + 7] == [
        "Chung",
        "➜ Chỉ trả lời phần này khi loại đơn vị là «xã».",
        "1. Có kế hoạch?",
        "Xem sổ",
        "☐ Có   ☐ Không",
        "2. Số vụ *\t………………………",
        "➜ Chỉ trả lời câu này khi câu 1 là «Có».",
    ]


def test_a_repeat_is_a_table_and_a_long_list_is_answered_by_numbers() -> None:
    table = Document(io.BytesIO(questionnaire(PAPER))).tables[-1]

    assert [cell.text for cell in table.rows[0].cells] == ["Câu hỏi", "Lần 1", "Lần 2", "Lần 3"]
    assert [cell.text for cell in table.rows[1].cells][1:] == ["☐ Có\n☐ Không"] * 3
    assert "(1) a; (2) b" in table.rows[2].cells[0].text
    assert table.rows[2].cells[1].text == "Ghi số trong ngoặc:"


def test_the_page_is_a4_in_times_new_roman_with_title_version_and_page_numbers() -> None:
    document = Document(io.BytesIO(questionnaire(PAPER)))
    page = document.sections[0]

    assert (page.page_width, page.page_height) == (A4_WIDTH, A4_HEIGHT)
    assert document.styles["Normal"].font.name == document.styles["Heading 1"].font.name == FONT
    assert page.header.paragraphs[0].text == "Phiếu thử - thu - phiên bản 7"
    fields = page.footer.paragraphs[0]._p.iter(qn("w:instrText"))
    assert [field.text for field in fields] == ["PAGE", "NUMPAGES"]
    assert "cất trong tủ khóa" in document.tables[1].rows[0].cells[0].text


def test_a_whole_form_is_on_its_paper() -> None:
    document = Document(io.BytesIO(questionnaire(paper(books.path("theo_doi").read_bytes()))))

    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "14. Hạn mới" in said
    assert "khi trong danh sách «kien_nghi» trên điện thoại có mục phù hợp." in said
