"""Why something that a device sent is not taken. The numbers are Central's (openrosa.md §4.6)."""

from __future__ import annotations

from server.errors import Problem


class FormIdMissing(Problem):
    """The root has no `id`: not an instance, or a partial submission (openrosa.md SB44)."""

    code = "submission.form_id_missing"
    vi = "Phiếu không ghi mã biểu mẫu (thuộc tính id). Tải lại biểu mẫu rồi gửi lại."
    en = "The form ID xml attribute is missing. Download the form again and resend."
    central = 400.2


class IdAmbiguous(Problem):
    """Two different instanceIDs, or deprecatedIDs, in one instance: readers would disagree."""

    code = "submission.id_ambiguous"
    vi = "Phiếu ghi nhiều {name} khác nhau. Giữ nguyên phiếu và báo đơn vị quản lý."
    en = "The form has several different {name} values. Keep it and tell your supervisor."
    central = 400.2


class IdTooLong(Problem):
    """An identifier longer than we could keep whole."""

    code = "submission.id_too_long"
    vi = "{name} của phiếu dài hơn {most} ký tự. Giữ nguyên phiếu và báo đơn vị quản lý."
    en = "The form's {name} is longer than {most} characters. Keep it and tell your supervisor."
    central = 400.2


class EncryptedWithoutId(Problem):
    """An encrypted instance without instanceID could never be decrypted (openrosa.md §4.9)."""

    code = "submission.encrypted_without_id"
    vi = "Phiếu mã hóa thiếu instanceID nên không giải mã được. Báo đơn vị quản lý."
    en = "The encrypted form has no instanceID, so it cannot be decrypted. Tell your supervisor."
    central = 400.2


class FormUnknown(Problem):
    """No such form here, or one that was deleted."""

    code = "submission.form_unknown"
    status = 404
    vi = "Máy chủ không có biểu mẫu {form_id}. Giữ nguyên phiếu và báo đơn vị quản lý."
    en = "The server has no form {form_id}. Keep the filled form and tell your supervisor."
    central = 404.1


class VersionUnknown(Problem):
    """The form is here, but this version of it was never published."""

    code = "submission.version_unknown"
    status = 404
    vi = (
        "Biểu mẫu {form_id} không có phiên bản «{version}». Giữ nguyên phiếu và báo đơn vị quản lý."
    )
    en = 'Form {form_id} has no version "{version}". Keep the filled form and tell your supervisor.'
    central = 404.6


class FormClosed(Problem):
    """A closed form takes nothing new; it is kept in quarantine. What it took may be sent again."""

    code = "submission.form_closed"
    status = 409
    vi = (
        "Biểu mẫu {form_id} đã đóng, không nhận thêm phiếu. Giữ phiếu trên máy và hỏi đơn vị "
        "quản lý: mở lại biểu thì gửi được."
    )
    en = (
        "Form {form_id} is not currently accepting submissions. Keep the form on the phone and "
        "ask your supervisor: it can be sent once the form is open again."
    )
    central = 409.2


class LinkUsed(Problem):
    """A second record from one browser or phone, by a public link that takes one from each."""

    code = "submission.link_used"
    status = 409
    vi = "Máy này đã gửi phiếu qua liên kết này; mỗi máy chỉ gửi một phiếu. Phiếu trước đã nhận."
    en = "This device has sent a form by this link already; it takes one. The first one is here."
    central = 409.3


class InstanceConflict(Problem):
    """Same instanceID, other XML. The second is kept in quarantine for a person to compare."""

    code = "submission.conflict"
    status = 409
    vi = (
        "Máy chủ đã có phiếu mang mã này với nội dung khác. Cả hai bản đều được giữ; "
        "báo đơn vị quản lý, đừng xóa phiếu trên máy."
    )
    en = (
        "A submission already exists with this ID, but with different XML. Both are kept; "
        "tell your supervisor and do not delete the form from the phone."
    )
    central = 409.1


class IdTaken(InstanceConflict):
    """An edit whose own instanceID names another record. Kept in quarantine, like a conflict."""

    code = "submission.id_taken"
    vi = (
        "Bản sửa dùng một mã đã có trên máy chủ. Cả hai bản đều được giữ; "
        "báo đơn vị quản lý, đừng xóa phiếu trên máy."
    )
    en = (
        "The edit's instanceID exists already. Both are kept; "
        "tell your supervisor and do not delete the form from the phone."
    )
    central = 409.3


class SubmissionDeleted(Problem):
    """The record was put in the trash; sending it again does not bring it back."""

    code = "submission.deleted"
    status = 409
    vi = "Phiếu này đã bị xóa trên máy chủ nên không nhận lại. Hãy hỏi đơn vị quản lý."
    en = "This submission has been deleted. You may not resubmit it. Ask your supervisor."
    central = 409.18


class EditOutdated(Problem):
    """The version that was edited is not the current one any more."""

    code = "submission.edit_outdated"
    status = 409
    vi = (
        "Bản bạn sửa không còn là bản mới nhất trên máy chủ. "
        "Giữ nguyên phiếu và báo đơn vị quản lý."
    )
    en = (
        "The copy you were editing is now out of date: somebody else has edited the record since. "
        "Keep the form and tell your supervisor."
    )
    central = 409.9


class OriginalUnknown(Problem):
    """An edit of a record that is not here, perhaps not yet."""

    code = "submission.original_unknown"
    status = 404
    vi = "Máy chủ chưa có phiếu gốc của bản sửa này. Gửi phiếu gốc trước rồi gửi lại bản sửa."
    en = "The server does not have the original of this edit. Send the original, then this again."
    central = 404.5


class QuarantineFull(Problem):
    """A conflict that could not be kept: this device left too much undecided already."""

    code = "submission.quarantine_full"
    status = 507
    vi = (
        "Máy chủ đang giữ quá nhiều phiếu chờ xử lý của máy này nên chưa nhận thêm. "
        "Giữ nguyên phiếu trên máy và báo đơn vị quản lý."
    )
    en = (
        "Too much from this device is waiting for a decision, so the server keeps no more of it. "
        "Leave the form on the phone and tell your supervisor."
    )


class QuarantinedUnknown(Problem):
    """Nothing in this project's quarantine has this number."""

    code = "quarantine.unknown"
    status = 404
    vi = "Không có phiếu chờ xử lý số {id}."
    en = "There is nothing in quarantine under {id}."
    central = 404.1


class QuarantinedDecided(Problem):
    """Somebody has decided otherwise; decisions are not taken back."""

    code = "quarantine.decided"
    status = 409
    vi = "Phiếu chờ xử lý này đã được quyết định khác ({decision}). Xem lại danh sách."
    en = "This was decided otherwise already ({decision}). Look at the list again."


class FormStillUnknown(Problem):
    """What the instance fills in is still not here."""

    code = "quarantine.form_unknown"
    status = 409
    vi = "Máy chủ vẫn chưa có biểu mẫu {form_id}, phiên bản «{version}». Công bố rồi chấp nhận lại."
    en = 'Form {form_id}, version "{version}", is still not here. Publish it, then accept again.'


class FormStillClosed(Problem):
    """What the instance fills in still takes nothing."""

    code = "quarantine.form_closed"
    status = 409
    vi = "Biểu mẫu {form_id} vẫn đóng. Mở lại (form_state {form_id} closing) rồi chấp nhận phiếu."
    en = "Form {form_id} is still closed. Open it (form_state {form_id} closing), then accept."


class OriginalStillUnknown(Problem):
    """The record that the instance edits is still not here."""

    code = "quarantine.original_unknown"
    status = 409
    vi = "Phiếu gốc của bản sửa này vẫn chưa đến. Đợi phiếu gốc, hoặc từ chối bản sửa."
    en = "The original of this edit has still not come. Wait for it, or reject the edit."


class FormIdDiffers(Problem):
    """An instance of another form, sent to a draft."""

    code = "submission.form_id_differs"
    vi = "Địa chỉ này chỉ nhận phiếu thử của biểu «{form_id}». Quét mã QR của đúng biểu."
    en = "This address takes trial forms of {form_id!r} only. Scan the QR code of the right form."
    central = 400.8


class DraftConflict(Problem):
    """Same instanceID, other XML, sent to a draft; the second is not kept."""

    code = "submission.draft_conflict"
    status = 409
    vi = "Bản thử đã có phiếu mang mã này với nội dung khác. Hãy điền một phiếu thử mới."
    en = "The draft has a form with this ID and different XML. Fill in a new one to try it."
    central = 409.1


class SubmissionUnknown(Problem):
    """No submission of this form has this id, or the caller may not know of it."""

    code = "submission.unknown"
    status = 404
    vi = "Không có hồ sơ «{instance_id}» trong biểu này. Kiểm tra lại mã hồ sơ."
    en = "This form has no submission {instance_id!r}. Check its id."
    central = 404.1


class ReviewStateGiven(Problem):
    """A state that nobody gives by hand: it comes from what devices send."""

    code = "review.state_given"
    vi = "Không thể đặt trạng thái «{state}» bằng tay. Chọn approved, hasIssues hoặc rejected."
    en = "The state {state!r} is not set by hand. Choose approved, hasIssues or rejected."
    central = 400.8


class ReviewReasonMissing(Problem):
    """A refusal without a reason."""

    code = "review.reason_missing"
    vi = (
        "Chưa ghi lý do. Khi yêu cầu bổ sung, loại hồ sơ hoặc mở lại hồ sơ đã duyệt, "
        "ghi rõ lý do để người kiểm tra biết phải sửa gì."
    )
    en = (
        "No reason was given. When you send a submission back, reject it or open it again, "
        "say why, so that the inspector knows what to mend."
    )
    central = 400.2


class ReviewOfOwn(Problem):
    """A decision about what one has sent oneself."""

    code = "review.own"
    status = 403
    vi = "Hồ sơ này do chính bạn gửi hoặc sửa. Người khác phải duyệt."
    en = "You sent or corrected this submission yourself. Somebody else has to review it."
    central = 403.1


class ReviewedAlready(Problem):
    """Somebody has decided since the caller looked."""

    code = "review.decided_already"
    status = 409
    vi = "Hồ sơ đã được {by} chuyển sang «{state}». Tải lại hồ sơ rồi quyết định."
    en = "{by} has set this submission to {state!r} meanwhile. Load it again, then decide."


class ReviewStateOutdated(Problem):
    """The submission is not in the state that the caller saw, and no decision made it so."""

    code = "review.state_outdated"
    status = 409
    vi = (
        "Hồ sơ đang ở trạng thái «{state}», không phải trạng thái bạn đã xem. "
        "Tải lại hồ sơ rồi quyết định."
    )
    en = "This submission is {state!r}, not as you saw it. Load it again, then decide."


class ReviewVersionOutdated(Problem):
    """The inspector has sent a correction since the caller looked."""

    code = "review.version_outdated"
    status = 409
    vi = "Hồ sơ vừa có bản sửa mới (nhận lúc {received_at}). Tải lại hồ sơ rồi quyết định."
    en = "A correction came meanwhile ({received_at}). Load the submission again, then decide."
