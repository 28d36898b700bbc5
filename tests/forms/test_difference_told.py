"""What changed between two workbooks, in words."""

from __future__ import annotations

from server.forms.difference import difference
from server.forms.difference_told import told
from tests import builders
from tests.builders import FORM


def test_a_change_is_told_by_kind_with_its_place_and_both_texts() -> None:
    changed = (
        FORM.replace("| integer           | a3_key_f ", "| decimal           | a3_key_f ")
        .replace("| Thông tin chung ", "| Thông tin ")
        .replace(
            "|          | text              | zp_note        | Ghi chú      ",
            "| | note | zp_n | Xem",
        )
        .replace("| 1       |", "| 2       |")
    )

    said = told(difference(builders.workbook(FORM), builders.workbook(changed)))

    assert said == (
        "Cài đặt của biểu thay đổi (1):",
        "  ~ settings: phiên bản «1» → «2»",
        "Câu hỏi và nhóm thêm mới (1):",
        "  + z_photo/zp_n «Xem»",
        "Câu hỏi và nhóm bỏ đi (1):",
        "  - z_photo/zp_note «Ghi chú»",
        "Câu hỏi và nhóm thay đổi (2):",
        "  ~ h: nhãn [Tiếng Việt (vi)] «Thông tin chung» → «Thông tin»",
        "  ~ a/a3_key_f: kiểu «integer» → «decimal»",
        "Kết quả có thể khác:",
        "  điều kiện: A3",
        "  chỉ tiêu: không có",
    )


def test_nothing_changed_is_said_so() -> None:
    workbook = builders.workbook(FORM)

    assert told(difference(workbook, workbook)) == ("Hai bảng tính không khác nhau.",)
