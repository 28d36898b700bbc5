"""A workbook as people fill it in by pen."""

from __future__ import annotations

from server.forms.paper import Paper, Question, paper
from tests import builders

FORM = """
| survey   | type               | name   | label::Tiếng Việt (vi)      | label::English (en) | hint::Tiếng Việt (vi) | relevant       | calculation | required | appearance | sensitivity |
|          | start              | start  |                             |                     |                       |                |             |          |            |             |
|          | calculate          | h_line |                             |                     |                       |                | '111'       |          |            |             |
|          | calculate          | sum    |                             |                     |                       |                | ${n} + 1    |          |            |             |
|          | note               | a      | Gọi **${h_line}**           | Call                |                       |                |             |          |            |             |
|          | note               | b      | Cộng lại: ${sum}            | Sum                 |                       |                |             |          |            |             |
|          | begin_group        | g      | Chung                       | General             |                       |                |             |          |            |             |
|          | select_one yn      | plan   | Có kế hoạch năm ${sum}?     | Plan?               | Xem sổ                |                |             | yes      |            |             |
|          | integer            | n      | Số vụ                       | Cases               |                       | ${plan} = 'y'  |             |          |            | restricted  |
|          | end_group          |        |                             |                     |                       |                |             |          |            |             |
|          | begin_repeat       | r      | Xóm                         | Village             |                       | ${n} > 0       |             |          |            |             |
|          | begin_group        | r1     | Tổ                          | Team                |                       |                |             |          |            |             |
|          | text               | why    | Vì sao                      | Why                 |                       |                |             |          | multiline  |             |
|          | end_group          |        |                             |                     |                       |                |             |          |            |             |
|          | begin_group        | r2     | Trống                       | Empty               |                       |                |             |          |            |             |
|          | calculate          | x      |                             |                     |                       |                | 1           |          |            |             |
|          | end_group          |        |                             |                     |                       |                |             |          |            |             |
|          | end_repeat         |        |                             |                     |                       |                |             |          |            |             |
| choices  | list_name          | name   | label::Tiếng Việt (vi)      | label::English (en) |
|          | yn                 | y      | Có                          | Yes                 |
|          | yn                 | n      | Không                       | No                  |
| settings | form_id            | form_title | version | default_language |
|          | thu                | Phiếu thử  | 7       | Tiếng Việt (vi)  |
"""  # noqa: E501 - a survey sheet is that wide


def printed() -> Paper:
    return paper(builders.workbook(FORM))


def test_it_says_which_form_it_is_and_that_it_holds_what_must_be_locked_away() -> None:
    found = printed()

    assert (found.title, found.form_id, found.version) == ("Phiếu thử", "thu", "7")
    assert found.is_restricted


def test_questions_are_numbered_and_what_only_a_phone_knows_is_left_out_or_blank() -> None:
    first, general, _ = printed().sections

    assert first.questions == (Question(0, "Gọi **111**", "", "", "note", ()),)
    assert (general.title, general.level) == ("Chung", 1)
    assert general.questions == (
        Question(
            1, "Có kế hoạch năm ……?", "Xem sổ", "", "select_one", ("Có", "Không"), is_required=True
        ),
        Question(2, "Số vụ", "", "câu 1 là «Có»", "integer", ()),
    )


def test_a_repeat_is_a_table_with_headings_for_the_groups_that_hold_something() -> None:
    repeat = printed().sections[2]

    assert (repeat.title, repeat.when, repeat.is_table) == ("Xóm", "câu 2 lớn hơn 0", True)
    assert repeat.questions == (
        Question(0, "Tổ", "", "", "heading", ()),
        Question(3, "Vì sao", "", "", "text", (), is_long=True),
    )
