"""What can go wrong with files that somebody takes away."""

from __future__ import annotations

from server.errors import Problem


class SensitivityMissing(Problem):
    """A de-identified file of a form that says not of every answer who may see it."""

    code = "export.sensitivity_missing"
    status = 409
    vi = (
        "Chưa khử nhận dạng được biểu «{form_id}»: chưa ghi mức nhạy cảm của {questions}. Ghi "
        "public, internal hoặc restricted vào cột sensitivity của bảng tính rồi phát hành lại."
    )
    en = (
        "The form {form_id!r} cannot be de-identified: nothing says who may see {questions}. Write "
        "public, internal or restricted in the column sensitivity and publish the workbook again."
    )
    central = 409.3


class ProfileRefused(Problem):
    """Records as they are, for somebody who may only have them de-identified."""

    code = "export.profile_refused"
    status = 403
    vi = "Tài khoản này chỉ được tải tệp đã khử nhận dạng. Thêm profile=deidentified vào địa chỉ."
    en = "This account may only have de-identified files. Add profile=deidentified."
    central = 403.1


class FilterTooFine(Problem):
    """A filter by which a de-identified file would tell what it hides."""

    code = "export.filter_too_fine"
    vi = "Tệp khử nhận dạng không lọc được theo {field}: {reason}"
    en = "A de-identified file cannot be filtered by {field}: {reason_en}"
    central = 400.8
