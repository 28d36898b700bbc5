"""What can go wrong when a program sends, corrects or completes a submission."""

from __future__ import annotations

from server.errors import Problem


class OtherForm(Problem):
    """An instance of another form than the address names."""

    code = "submission.other_form"
    vi = "Phiếu này không thuộc biểu «{form_id}». Gửi tới địa chỉ của đúng biểu ghi trong phiếu."
    en = "This is no instance of {form_id!r}. Send it to the address of the form that it names."
    central = 400.8


class SubmissionExists(Problem):
    """The same bytes are here already; nothing was changed."""

    code = "submission.exists"
    status = 409
    vi = "Máy chủ đã có hồ sơ «{instance_id}» với đúng nội dung này. Không cần gửi lại."
    en = "The submission {instance_id!r} is here already, byte for byte. Nothing is to be done."
    central = 409.3


class DeprecatedIdMissing(Problem):
    """An edit that does not say what it edits."""

    code = "submission.deprecated_id_missing"
    vi = (
        "Bản sửa chưa ghi mã của bản được sửa. Ghi instanceId của bản hiện tại vào deprecatedID "
        "và đặt một instanceID mới."
    )
    en = (
        "The edit does not say what it edits. Put the current version's instanceId into "
        "deprecatedID, and give it a new instanceID."
    )
    central = 400.19


class EditOfOther(Problem):
    """An edit of another submission than the address names."""

    code = "submission.edit_of_other"
    status = 404
    vi = "deprecatedID của bản sửa không phải mã của một bản nào của hồ sơ này. Tải lại hồ sơ."
    en = "The edit's deprecatedID is no version of this submission. Load the submission again."
    central = 404.5


class VersionMissing(Problem):
    """No version of this submission has this id."""

    code = "submission.version_missing"
    status = 404
    vi = "Hồ sơ này không có bản «{instance_id}». Xem các bản tại …/versions."
    en = "This submission has no version {instance_id!r}. See …/versions for those it has."
    central = 404.1


class AttachmentUnknown(Problem):
    """No file of that name belongs to the submission."""

    code = "submission.attachment_unknown"
    status = 404
    vi = "Hồ sơ này không có tệp «{name}». Xem các tên tệp tại …/attachments."
    en = "This submission has no file {name!r}. See …/attachments for their names."
    central = 404.1


class AttachmentFilled(Problem):
    """A file of that name is here, with other bytes; what came first stays."""

    code = "submission.attachment_filled"
    status = 409
    vi = (
        "Hồ sơ đã có tệp «{name}» với nội dung khác nên tệp mới không được lưu. "
        "Muốn thay, gửi một bản sửa của hồ sơ rồi gửi tệp cho bản sửa đó."
    )
    en = (
        "The submission has a file {name!r} with other bytes, so this one was not stored. "
        "To replace it, send an edit of the submission, then the file for that edit."
    )
    central = 409.3


class ThumbnailNotYet(Problem):
    """It is being made."""

    code = "thumbnail.not_yet"
    status = 404
    is_there = True
    vi = "Ảnh nhỏ của «{name}» đang được tạo. Tải lại sau một phút."
    en = "The small picture of {name!r} is being made. Ask again in a minute."


class ThumbnailNone(Problem):
    """No picture, or none that can be read."""

    code = "thumbnail.none"
    status = 404
    is_there = True
    vi = "Tệp «{name}» không xem nhỏ được ({note}). Tải tệp gốc về để xem."
    en = "There is no small picture of {name!r} ({note}). Fetch the file itself."
