"""How a form is laid out: headings, and what is asked of a person."""

from __future__ import annotations

from server.forms import outline
from server.forms.compile import compile_workbook
from tests import builders

FORM = """
| survey   | type         | name  | label::Tiếng Việt (vi) | label::English (en) | calculation |
|          | begin_group  | a     | Chung                  | General             |             |
|          | note         | n1    | Xin đọc kỹ             | Read this           |             |
|          | integer      | a1    | Số hộ                  | Households          |             |
|          | begin_repeat | lan   | Từng lần               | Each time           |             |
|          | text         | l1    | Ghi chú                | Note                |             |
|          | end_repeat   |       |                        |                     |             |
|          | select_one x | a3    | Chọn                   | Choose              |             |
|          | acknowledge  | a2    | Đã đọc                 | I have read it      |             |
|          | calculate    | c1    |                        |                     | 1 + 1       |
|          | end_group    |       |                        |                     |             |
| choices  | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
|          | x         | co   | Có                     | Yes                 |
| settings | form_id      | form_title | version | default_language |
|          | bo_cuc       | Bố cục     | 1       | Tiếng Việt (vi)  |
"""


def test_groups_have_their_words_and_only_questions_are_asked() -> None:
    read = outline.read(compile_workbook(builders.workbook(FORM)).xform)

    assert read.groups == {
        "a": {"vi": "Chung", "en": "General"},
        "a/lan": {"vi": "Từng lần", "en": "Each time"},
    }
    assert read.asked >= {"a/a1", "a/lan/l1", "a/a2"}
    assert not read.asked & {"a/n1", "a/c1"}
    assert read.ticked == {"a/a2"}
    assert read.picked == {"a/a3"}
