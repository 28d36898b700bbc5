"""What can be wrong in the sheet `indicators`. No Django."""

from __future__ import annotations

from server.forms.problems import Complaint


class CodeRepeated(Complaint):
    """Two indicators of one code."""

    code = "indicators.code_repeated"
    vi = "Mã «{value}» đã dùng ở dòng {first}. Đặt mã khác cho dòng này."
    en = "Code “{value}” is used in row {first} already. Give this row another."


class IndicatorFieldUnknown(Complaint):
    """An indicator that names no question."""

    code = "indicators.field_unknown"
    vi = "Trang survey không có câu hỏi nào tên «{value}»{hint}. Sửa tên ở ô «{header}»."
    en = "The survey has no question named “{value}”{hint_en}. Mend the name under “{header}”."


class IndicatorFieldUnusable(Complaint):
    """An indicator that names a question which gives no figure, or no groups."""

    code = "indicators.field_unusable"
    vi = "Câu hỏi «{value}» không dùng được ở ô «{header}»: cần {wanted}."
    en = "Question “{value}” cannot stand under “{header}”: needed is {wanted_en}."


class GroupsElsewhere(Complaint):
    """A figure that is to be split by a question of a repeat in which it does not stand."""

    code = "indicators.groups_elsewhere"
    vi = (
        "Câu hỏi «{value}» nằm trong nhóm lặp khác với câu hỏi lấy số, nên không tách số được. "
        "Chọn câu hỏi ngoài nhóm lặp, hoặc ở cùng nhóm lặp."
    )
    en = (
        "Question “{value}” stands in another repeat than the figures, so it cannot split them. "
        "Choose a question outside repeats, or in the same one."
    )


class IndicatorRevealing(Complaint):
    """A figure that rests on a restricted answer and would be published in full."""

    code = "indicators.revealing"
    vi = "Câu hỏi «{question}» là restricted nên ô «{header}» của dòng này phải là yes."
    en = "Question “{question}” is restricted, so “{header}” of this row must be yes."
