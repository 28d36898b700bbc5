"""Why something about the meaning of a submission cannot be done."""

from __future__ import annotations

from server.errors import Problem


class FlagsOpen(Problem):
    """An approval while severe flags stand that nobody has justified."""

    code = "review.flags_open"
    status = 409
    vi = (
        "Hồ sơ còn cảnh báo nặng chưa xử lý: {flags}. "
        "Ghi lý do cho từng cảnh báo hoặc yêu cầu bổ sung, rồi mới duyệt."
    )
    en = (
        "Severe flags are still open: {flags}. "
        "Justify each of them or send the submission back before you approve it."
    )
    central = 409.0


class WordsPersonal(Problem):
    """A reason or a remark that may say who somebody is, and nobody has confirmed it."""

    code = "review.personal"
    vi = (
        "Nội dung có thể nêu thông tin cá nhân: {words}. Bỏ các từ đó rồi gửi lại. "
        "Nếu chắc chắn không phải, gửi lại kèm confirmed=true."
    )
    en = (
        "The text may hold personal data: {words}. Leave these words out and send it again. If "
        "they surely are none, send it again with confirmed=true."
    )
    central = 400.8


class FlagUnknown(Problem):
    """No such flag stands on the submission, or no longer."""

    code = "flag.unknown"
    status = 404
    vi = "Hồ sơ này không (hoặc không còn) có cảnh báo {flag}. Tải lại danh sách cảnh báo."
    en = "This submission has no flag {flag}, or no longer has it. Load its flags again."
    central = 404.1


class FlagReasonMissing(Problem):
    """A flag cannot be justified by silence."""

    code = "flag.reason_missing"
    vi = "Chưa ghi lý do xử lý cảnh báo. Ghi rõ đã kiểm tra gì và thấy gì."
    en = "No justification was given. Say what you have checked and what you found."
    central = 400.2


class RevealReasonMissing(Problem):
    """Restricted answers are shown to nobody who does not say what for."""

    code = "reveal.reason_missing"
    vi = "Chưa ghi lý do mở xem. Ghi rõ cần đối chiếu điều gì; lý do được lưu cùng tên người xem."
    en = "No reason was given. Say what you have to check; it is kept with your name."
    central = 400.2


class RevealUnknown(Problem):
    """No restricted question of the submission."""

    code = "reveal.unknown"
    status = 404
    vi = "Hồ sơ này không có câu hỏi hạn chế nào như vậy. Tải lại hồ sơ rồi chọn lại câu."
    en = "The submission has no such restricted question. Load it again and choose once more."
    central = 404.1


class AnswerMasked(Problem):
    """A file that answers a restricted question, which the person has not opened."""

    code = "reveal.masked"
    status = 403
    vi = "Tệp này thuộc câu hỏi hạn chế. Mở hồ sơ, bấm «Mở xem» ở câu hỏi đó và ghi lý do."
    en = "This file answers a restricted question. Open the record and say why you must see it."
    central = 403.1


class EditReasonMissing(Problem):
    """Nobody changes what was answered without saying why."""

    code = "edit.reason_missing"
    status = 422
    vi = "Chưa ghi lý do sửa. Ghi rõ sửa điều gì và căn cứ vào đâu; lý do được lưu cùng hồ sơ."
    en = "No reason was given. Say what you change and what you rest it on; it is kept."


class EditEncrypted(Problem):
    """What the server cannot read, nobody can correct in a browser."""

    code = "edit.encrypted"
    status = 409
    vi = "Hồ sơ đã mã hóa trên máy nên không sửa được ở đây. Yêu cầu bổ sung để đoàn sửa trên máy."
    en = "The record was encrypted on the phone. Send it back, so that it is corrected there."


class EditClosed(Problem):
    """The record was not opened for editing, or too long ago."""

    code = "edit.closed"
    status = 403
    vi = "Hồ sơ chưa được mở để sửa, hoặc đã hết giờ mở. Bấm «Sửa» ở trang hồ sơ và ghi lý do."
    en = "The record is not open for editing, or no longer. Press «Edit» on its page once more."


class EditDrops(Problem):
    """An edit without answers that the version before it has, which nobody has agreed to."""

    code = "edit.drops"
    status = 409
    vi = (
        "Bản sửa làm mất {count} câu đã trả lời: {questions}. Thường là vì mục đã chọn không còn "
        "trong danh mục hôm nay. Nếu không định bỏ các câu này thì đừng gửi; bản trước vẫn giữ đủ."
    )
    en = (
        "The edit loses {count} answers: {questions}. Mostly because what was chosen is not in "
        "today's list any more. Unless you mean to drop them, do not send it; the version before "
        "has them all."
    )
