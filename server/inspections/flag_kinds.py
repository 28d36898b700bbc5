"""Which flags there are: how severe, what to tell a person, and what that person can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a flag weighs."""

    SEVERE = "nang"  # nothing is approved before somebody has justified it
    MODERATE = "vua"
    SLIGHT = "nhe"


@dataclass(frozen=True, slots=True)
class Kind:
    """One reason to look twice. Texts by language: {"vi": …, "en": …}."""

    severity: Severity
    label: Mapping[str, str]
    advice: Mapping[str, str]
    holds: bool = False  # the answers it names are kept from others until a supervisor looked


def _kind(severity: Severity, vi: tuple[str, str], en: tuple[str, str], holds: bool) -> Kind:
    return Kind(severity, {"vi": vi[0], "en": en[0]}, {"vi": vi[1], "en": en[1]}, holds)


def _severe(vi: tuple[str, str], en: tuple[str, str], *, holds: bool = False) -> Kind:
    return _kind(Severity.SEVERE, vi, en, holds)


def _moderate(vi: tuple[str, str], en: tuple[str, str]) -> Kind:
    return _kind(Severity.MODERATE, vi, en, holds=False)


def _slight(vi: tuple[str, str], en: tuple[str, str]) -> Kind:
    return _kind(Severity.SLIGHT, vi, en, holds=False)


VISIT_IN_FUTURE = "visit_in_future"  # until it is justified, never a commune's latest

# Raised by comparing inspections with others, with their photos or with what is due: apart from
# the request, by `look` and by who runs it. `derive` neither writes nor removes them.
COMPARED = (
    "impossible_speed",
    "same_photo",
    "duplicate_visit",
    "many_at_one_point",
    "photo_far",
    "late",
)

KINDS: Mapping[str, Kind] = {
    "personal_data": _severe(
        (
            "Câu trả lời tự do có thể chứa dữ liệu cá nhân.",
            "Đọc câu đã nêu. Nếu có tên, số điện thoại, số giấy tờ hoặc nơi ở của ai thì yêu cầu "
            "bổ sung để người kiểm tra xóa; nếu không có thì ghi lý do.",
        ),
        (
            "A free-text answer may hold personal data.",
            "Read the answer. If it tells who somebody is, send the inspection back so that the "
            "inspector takes that out; if it does not, say so.",
        ),
        holds=True,
    ),
    "gps_mocked": _severe(
        (
            "Tọa độ có sai số bằng 0: máy có thể đã dùng vị trí giả.",
            "Hỏi người kiểm tra đã lấy tọa độ ở đâu, bằng máy nào; đối chiếu ảnh chụp tại chỗ.",
        ),
        (
            "The point claims an accuracy of 0 m: the phone may have been given a false position.",
            "Ask where and with which phone the point was taken; compare the photos.",
        ),
    ),
    "gps_far": _severe(
        (
            "Tọa độ nằm xa xã đã khai.",
            "Kiểm tra xã đã chọn; nếu làm việc ở nơi khác thì ghi lý do.",
        ),
        (
            "The point lies far from the declared commune.",
            "Check which commune was chosen; if the work was done elsewhere, say why.",
        ),
    ),
    VISIT_IN_FUTURE: _severe(
        (
            "Ngày kiểm tra ghi trong phiếu muộn hơn ngày phiếu về máy chủ.",
            "Hỏi người kiểm tra ngày làm việc thực tế và xem ngày giờ trên máy; nếu ghi nhầm ngày "
            "thì yêu cầu bổ sung, nếu ngày đúng thì ghi lý do.",
        ),
        (
            "The visit is dated after the day on which the inspection arrived.",
            "Ask on which day the visit was made, and check the phone's clock; send the inspection "
            "back if the date is wrong, say why if it is right.",
        ),
    ),
    "gps_missing": _moderate(
        ("Phiếu không có tọa độ.", "Hỏi lý do; lần sau lấy tọa độ ngay khi đến."),
        ("The inspection has no point.", "Ask why; take the point on arrival next time."),
    ),
    "unit_unknown": _moderate(
        (
            "Chưa biết phiếu này thuộc xã nào.",
            "Yêu cầu bổ sung để người kiểm tra chọn lại xã.",
        ),
        (
            "It is not known which commune this inspection is about.",
            "Send it back so that the inspector chooses the commune again.",
        ),
    ),
    "photo_missing": _moderate(
        (
            "Tệp mà phiếu nhắc đến chưa về máy chủ.",
            "Nhắc người kiểm tra mở ứng dụng khi có mạng để gửi nốt.",
        ),
        (
            "A file that the inspection names has not arrived.",
            "Ask the inspector to open the app where there is a network.",
        ),
    ),
    "file_differs": _moderate(
        (
            "Một tệp được gửi hai lần với nội dung khác nhau.",
            "Xem cả hai bản; bản đầu đang được dùng.",
        ),
        ("A file came twice with different bytes.", "Look at both; the first one is in use."),
    ),
    "result_differs": _moderate(
        (
            "Kết quả trên máy khác kết quả máy chủ tính.",
            "Kết quả của máy chủ được dùng; nhắc cập nhật biểu mẫu trên máy.",
        ),
        (
            "The phone's result is not the server's.",
            "The server's counts; have the form on the phone updated.",
        ),
    ),
    "verbal_zero": _moderate(
        (
            "Số 0 chỉ dựa vào lời nói hoặc không có căn cứ.",
            "Sổ trống thường là thiếu sổ: đề nghị xem sổ gốc hoặc văn bản xác nhận.",
        ),
        (
            "A zero rests on word of mouth or on nothing.",
            "An empty register is often a missing one: ask to see it.",
        ),
    ),
    "impossible_speed": _severe(
        (
            "Hai lần kiểm tra liên tiếp của cùng một máy cách nhau quá xa so với thời gian giữa "
            "hai lần.",
            "Đối chiếu hai phiếu đã nêu: hỏi người kiểm tra đi bằng gì, mở phiếu lúc nào, lấy tọa "
            "độ ở đâu; xem giờ trên máy có đúng không.",
        ),
        (
            "Two inspections in a row by one phone are too far apart for the time between them.",
            "Compare both: ask how the inspector travelled, when the forms were opened and where "
            "the points were taken; check the phone's clock.",
        ),
    ),
    "same_photo": _severe(
        (
            "Ảnh của phiếu này trùng hoặc gần trùng với ảnh của phiếu khác.",
            "Mở ảnh của các phiếu đã nêu để so sánh; nếu ảnh dùng lại thì yêu cầu bổ sung, nếu chỉ "
            "giống nhau thì ghi lý do.",
        ),
        (
            "A photo of this inspection is the same as one of another, or nearly.",
            "Compare the photos; send the inspection back if one was used again, say why if they "
            "only look alike.",
        ),
    ),
    "duplicate_visit": _moderate(
        (
            "Phiếu này có thể trùng với phiếu khác của cùng một đoàn.",
            "So sánh các phiếu đã nêu; nếu gửi hai lần thì từ chối một phiếu, nếu chép lại câu trả "
            "lời thì yêu cầu kiểm tra lại.",
        ),
        (
            "This inspection may repeat another one of the same team.",
            "Compare them; reject one if it was sent twice, send it back if answers were copied.",
        ),
    ),
    "many_at_one_point": _moderate(
        (
            "Phiếu của nhiều xã được lập tại cùng một điểm.",
            "Hỏi đoàn đã lấy tọa độ ở đâu; tọa độ phải lấy tại nơi kiểm tra, không lấy tại cơ "
            "quan.",
        ),
        (
            "Inspections of several communes were made at one and the same point.",
            "Ask where the points were taken; a point belongs to the place of the visit.",
        ),
    ),
    "photo_far": _moderate(
        (
            "Nơi chụp hoặc giờ chụp ghi trong ảnh không khớp với lần kiểm tra.",
            "Xem ảnh; hỏi người kiểm tra chụp ở đâu, khi nào, và ngày giờ trên máy có đúng không.",
        ),
        (
            "A photo says that it was taken elsewhere, or on another day.",
            "Look at the photo; ask where and when it was taken, and check the phone's clock.",
        ),
    ),
    "late": _slight(
        (
            "Phiếu về máy chủ sau hạn báo cáo của kỳ.",
            "Ghi lý do gửi muộn; số liệu vẫn được dùng nếu kỳ chưa khóa.",
        ),
        (
            "The inspection arrived after the period's reports were due.",
            "Say why it is late; its figures are used as long as the period is not locked.",
        ),
    ),
}
