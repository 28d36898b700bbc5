"""What can go wrong with rule books and with correcting a rule."""

from __future__ import annotations

from server.errors import Problem
from server.forms.problems import Complaint


class CriteriaSetUnreadable(Problem):
    """A row of the file of rule books that cannot be understood."""

    code = "criteria_sets.unreadable"
    vi = "Bộ tiêu chí, dòng {line}, cột «{column}»: «{value}» không dùng được. Cần: {wanted}."
    en = "Criteria sets, line {line}, column “{column}”: “{value}”. Needed: {wanted_en}."


class CriteriaSetsOverlap(Problem):
    """Two rule books of one series on one day."""

    code = "criteria_sets.overlap"
    status = 409
    vi = (
        "Bộ tiêu chí {first} và {second} cùng có hiệu lực ngày {on_date}. "
        "Sửa valid_to của bộ trước bằng valid_from của bộ sau."
    )
    en = (
        "Criteria sets {first} and {second} are both in force on {on_date}. "
        "Let valid_to of the earlier be valid_from of the later."
    )


class ConditionUnknown(Problem):
    """A correction of a condition that the form does not have."""

    code = "rules.condition_unknown"
    status = 404
    vi = "Biểu {form_id} không có điều kiện {condition}. Các mã đang có: {known}."
    en = "Form {form_id} has no condition {condition}. It has: {known}."
    central = 404.1


class ThresholdUnreadable(Problem):
    """A threshold that is no number, or one that the rule has no use for."""

    code = "rules.threshold_unreadable"
    vi = "Ngưỡng «{value}» không dùng được cho điều kiện {condition}. Cần: {wanted}."
    en = "“{value}” is no threshold for condition {condition}. Needed: {wanted_en}."


class ReasonMissing(Problem):
    """A correction that nobody could explain afterwards."""

    code = "rules.reason_missing"
    vi = "Hiệu chỉnh quy tắc phải ghi lý do (văn bản nào, điều nào). Điền --reason."
    en = "A correction needs a reason: which text, which article. Give --reason."


class DaysBackwards(Problem):
    """A correction that would end before it begins."""

    code = "rules.days_backwards"
    vi = (
        "Hiệu chỉnh hết hiệu lực ngày {valid_to}, không sau ngày bắt đầu {valid_from}. "
        "Sửa --from hoặc --to (ngày đầu tiên không còn áp dụng)."
    )
    en = (
        "The correction ends on {valid_to}, not after {valid_from}, when it begins. Mend --from or "
        "--to (the first day on which it no longer holds)."
    )


class NothingCorrected(Problem):
    """A correction that would change nothing."""

    code = "rules.unchanged"
    status = 409
    vi = "Điều kiện {condition} của biểu {form_id} đã đúng như vậy; không có gì để hiệu chỉnh."
    en = "Condition {condition} of form {form_id} says so already; there is nothing to correct."


class CorrectionUndone(Complaint):
    """A workbook that would bring back what has been corrected."""

    code = "rules.correction_undone"
    status = 409
    vi = (
        "Ô «{header}» của điều kiện {condition} đã hiệu chỉnh từ {old} thành {new} ({reason}), "
        "nhưng bảng tính vẫn ghi giá trị cũ. Sửa ô này ở trang findings."
    )
    en = (
        "“{header}” of condition {condition} was corrected from {old} to {new} ({reason}), but the "
        "workbook still has the old value. Mend this cell of the findings sheet."
    )
