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
}
