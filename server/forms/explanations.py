"""The compiler's commonest complaints in Vietnamese. No Django, no pyxform.

pyxform speaks English; its own words are always kept beside ours, so a complaint that is missing
here still reaches the designer.
"""

from __future__ import annotations

import re

_UNKNOWN = "Biểu chưa biên dịch được; xem lời của trình biên dịch"

# What pyxform says (4.5.0), and what to do about it. The first that matches counts.
_EXPLANATIONS = tuple(
    (re.compile(pattern, re.DOTALL), sentence)
    for pattern, sentence in (
        (
            r"'(?:dataset|list_name)' value is invalid",
            "Tên danh sách thực thể không dùng được. Chỉ dùng chữ, số, _ và -, không bắt đầu "
            "bằng __",
        ),
        (
            r"'save_to' value is invalid. Names",
            "Tên thuộc tính thực thể không dùng được. Chỉ dùng chữ, số, _ - ., không bắt đầu bằng "
            "__, không phải name hay label",
        ),
        (
            r"'save_to' value is invalid",
            "Thuộc tính (save_to) này không ghi được vào danh sách thực thể đã khai. Xem tên danh "
            "sách, hoặc chép câu trả lời vào cùng nhóm lặp bằng một dòng calculate",
        ),
        (
            r"[Oo]n the 'entities' sheet|entities sheet|entity declaration",
            "Trang entities viết chưa đúng (cột list_name, label, entity_id, create_if, update_if)",
        ),
        (
            r"Could not find the name '(?P<name>[^']*)'",
            "Công thức nhắc đến câu hỏi «{name}» nhưng trang survey không có. Sửa tên trong ${{…}}",
        ),
        (
            r"Reference variables must start",
            "Cách nhắc tên câu hỏi sai. Viết ${{tên_câu_hỏi}}, không có dấu cách ở trong",
        ),
        (
            r"Reference variables names must be unique.*'(?P<name>[^']*)' appears",
            "Có nhiều câu hỏi tên «{name}» nên công thức không biết lấy câu nào. Đặt tên khác nhau",
        ),
        (
            r"the 'name' value '(?P<name>[^']*)' is invalid.*must be unique",
            "Tên «{name}» dùng hai lần trong cùng một nhóm. Đổi một trong hai tên",
        ),
        (
            r"the 'name' value '(?P<name>[^']*)' is invalid. Repeat names",
            "Tên nhóm lặp «{name}» đã dùng ở chỗ khác. Đặt tên riêng cho mỗi nhóm lặp",
        ),
        (
            r"'name' value 'meta' is invalid",
            "Tên «meta» dành riêng cho hệ thống. Đặt tên khác",
        ),
        (
            r"Names must begin with a letter",
            "Tên phải bắt đầu bằng chữ cái không dấu hoặc _, sau đó chỉ có chữ, số, _ - .",
        ),
        (
            r"Question or group with no name",
            "Dòng này chưa có tên. Điền cột name",
        ),
        (
            r"Question with no type",
            "Dòng này chưa có kiểu. Điền cột type",
        ),
        (
            r"Unknown question type '(?P<name>[^']*)'",
            "Không có kiểu câu hỏi «{name}». Kiểm tra chính tả ở cột type",
        ),
        (
            r"named '(?P<name>[^']*)' has no label",
            "Câu hỏi «{name}» chưa có nhãn. Điền cột label cho mọi ngôn ngữ",
        ),
        (
            r"Missing calculation",
            "Dòng calculate chưa có công thức. Điền cột calculation; nếu là dòng f_… hay z_result "
            "thì trang findings chưa có điều kiện tương ứng",
        ),
        (
            r"Unmatched 'begin_(?P<name>\w+)'",
            "Nhóm mở mà không đóng. Thêm dòng end_{name}",
        ),
        (
            r"Unmatched 'end_(?P<name>\w+)'",
            "Nhóm đóng mà không mở. Xóa dòng này hoặc thêm dòng begin_{name} ở trên",
        ),
        (
            r"List name not in (?:external )?choices sheet: (?P<name>\S+)",
            "Danh sách «{name}» không có ở trang choices. Thêm danh sách hoặc sửa tên ở cột type",
        ),
        (
            r"should be a choices sheet",
            "Biểu có câu hỏi chọn nhưng thiếu trang choices (cột list_name, name, label)",
        ),
        (
            r"Choice names must be unique",
            "Hai lựa chọn cùng tên trong một danh sách. Đổi tên một lựa chọn",
        ),
        (
            r"Choices must have a name",
            "Lựa chọn chưa có tên. Điền cột name ở trang choices",
        ),
        (
            r"Choices should have a label",
            "Lựa chọn chưa có nhãn. Điền cột label ở trang choices",
        ),
        (
            r"Choice names with spaces",
            "Tên lựa chọn của câu hỏi chọn nhiều không được có dấu cách. Dùng dấu _",
        ),
        (
            r"should end with one of",
            "Danh sách từ tệp phải là .csv, .xml hoặc .geojson. Sửa tên tệp ở cột type",
        ),
        (
            r"Duplicate column header: (?P<name>.+)",
            "Cột «{name}» có hai lần. Xóa hoặc đổi tên một cột",
        ),
        (
            r"required column headers were not found: (?P<name>.+?)\.",
            "Thiếu cột {name}. Thêm cột này ở dòng 1",
        ),
        (
            r"different names for the same column were found: (?P<name>.+?)\.",
            "Hai cột cùng nghĩa: {name}. Giữ lại một cột",
        ),
        (
            r"the 'parameters' value is invalid",
            "Cột parameters viết sai. Dạng đúng: khóa=giá_trị, cách nhau bằng dấu cách",
        ),
    )
)


def explain(said: str) -> str:
    """Return a Vietnamese sentence, without a full stop, for what pyxform said."""
    for pattern, sentence in _EXPLANATIONS:
        found = pattern.search(said)
        if found:
            return sentence.format(**found.groupdict())
    return _UNKNOWN
