"""What can be wrong with a step of a recommendation; the code also says why a phone's is kept."""

from __future__ import annotations

from server.errors import Problem


class RecommendationStateUnknown(Problem):
    """A state that there is not."""

    code = "recommendation.state_unknown"
    vi = (
        "Không có trạng thái kiến nghị «{state}». "
        "Chọn moi, dang_thuc_hien, hoan_thanh, qua_han hoặc chuyen_ky."
    )
    en = (
        "There is no state {state!r} of a recommendation. "
        "Choose moi, dang_thuc_hien, hoan_thanh, qua_han or chuyen_ky."
    )
    central = 400.8


class RecommendationStepRefused(Problem):
    """A state that does not follow on the present one."""

    code = "recommendation.step_refused"
    status = 409
    vi = (
        "Kiến nghị đang ở trạng thái «{from_state}», không chuyển sang «{to_state}» được. "
        "Tải lại kiến nghị rồi chọn bước hợp lệ."
    )
    en = (
        "The recommendation is {from_state!r} and cannot become {to_state!r}. "
        "Load it again and choose a step that follows."
    )
    central = 409.0


class RecommendationEvidenceMissing(Problem):
    """Done, but nobody saw a document."""

    code = "recommendation.evidence_missing"
    vi = "Chỉ ghi «hoàn thành» khi có tài liệu chứng minh. Ghi số, ký hiệu tài liệu đã xem."
    en = "Only a document makes it “done”. Say which document was seen."
    central = 400.2


class RecommendationDueMissing(Problem):
    """Carried over, but until when?"""

    code = "recommendation.due_missing"
    vi = "Chuyển kỳ sau cần hạn mới, muộn hơn hạn cũ. Ghi hạn mới dạng YYYY-MM-DD."
    en = "Carrying over needs a new deadline, later than the old one. Give it as YYYY-MM-DD."
    central = 400.2


class RecommendationDueInvalid(Problem):
    """A deadline that is no day."""

    code = "recommendation.due_invalid"
    vi = "Hạn thực hiện không phải một ngày dạng YYYY-MM-DD. Ghi lại hạn."
    en = "The deadline is no day written as YYYY-MM-DD. Write it again."
    central = 400.8


class RecommendationDueOutOfBounds(Problem):
    """A deadline before the recommendation, or years away."""

    code = "recommendation.due_out_of_bounds"
    vi = (
        "Hạn thực hiện phải trong khoảng từ ngày lập kiến nghị ({first}) đến {last} "
        "(nhiều nhất 5 năm tới). Kiểm tra lại năm rồi ghi lại hạn."
    )
    en = (
        "The deadline must lie between the day of the recommendation ({first}) and {last}, at most "
        "five years ahead. Look at the year and write it again."
    )
    central = 400.8


class RecommendationUnknown(Problem):
    """None by that id that the caller may see."""

    code = "recommendation.unknown"
    status = 404
    vi = "Không có kiến nghị này, hoặc kiến nghị thuộc xã khác. Tải lại danh sách kiến nghị."
    en = "There is no such recommendation, or it is another commune's. Load the list again."
    central = 404.1


class RecommendationReasonMissing(Problem):
    """A person changes a recommendation without a word."""

    code = "recommendation.reason_missing"
    vi = "Chưa ghi lý do. Ghi rõ căn cứ của việc thay đổi kiến nghị."
    en = "No reason was given. Say on what grounds the recommendation is changed."
    central = 400.2


class RecommendationActEmpty(Problem):
    """An act that changes nothing."""

    code = "recommendation.act_empty"
    vi = "Chưa có nội dung thay đổi. Ghi ít nhất một trong: trạng thái, hạn, đơn vị thực hiện."
    en = "Nothing is to be changed. Give at least one of: state, deadline, who must act."
    central = 400.2


class RecommendationPersonal(Problem):
    """What goes to phones and readers may not name anybody."""

    code = "recommendation.personal"
    vi = (
        "Lý do hoặc tài liệu có thể chứa thông tin cá nhân (họ tên, số điện thoại, số căn cước). "
        "Bỏ thông tin đó rồi gửi lại."
    )
    en = (
        "The reason or the document may hold personal data (a name, a phone or identity number). "
        "Leave it out and send it again."
    )
    central = 400.8


class SuccessorRefused(Problem):
    """A commune that the old one did not become."""

    code = "recommendation.successor_refused"
    vi = "Xã {unit} không phải nơi tiếp nhận của xã cũ. Chọn một trong: {choices}."
    en = "Commune {unit} does not follow on the old one. Choose one of: {choices}."
    central = 400.8


class NotWaiting(Problem):
    """A recommendation whose commune is there, or followed by itself."""

    code = "recommendation.not_waiting"
    status = 409
    vi = "Kiến nghị này không chờ chọn xã tiếp nhận. Tải lại danh sách đang chờ."
    en = "This recommendation does not wait for a commune. Load the list of the waiting again."
    central = 409.0
