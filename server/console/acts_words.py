"""How decisions are asked for and confirmed."""

from __future__ import annotations

from collections.abc import Mapping

from server.submissions.models import ReviewState

TITLES: Mapping[ReviewState, str] = {
    ReviewState.APPROVED: "Duyệt hồ sơ",
    ReviewState.HAS_ISSUES: "Yêu cầu bổ sung",
    ReviewState.REJECTED: "Từ chối hồ sơ",
}
ACTS: Mapping[ReviewState, str] = {
    ReviewState.APPROVED: "Duyệt",
    ReviewState.HAS_ISSUES: "Gửi yêu cầu",
    ReviewState.REJECTED: "Từ chối",
}
HINTS: Mapping[ReviewState, str] = {
    ReviewState.APPROVED: "Hồ sơ đã duyệt được tính vào số liệu của xã.",
    ReviewState.HAS_ISSUES: (
        "Lý do hiện nguyên văn trên máy của người kiểm tra. Không nêu tên, số điện thoại hay nơi ở "
        "của ai."
    ),
    ReviewState.REJECTED: "Hồ sơ bị từ chối không được tính vào số liệu; vẫn được lưu.",
}
DONE: Mapping[ReviewState, str] = {
    ReviewState.APPROVED: "Đã duyệt hồ sơ.",
    ReviewState.HAS_ISSUES: "Đã gửi yêu cầu bổ sung.",
    ReviewState.REJECTED: "Đã từ chối hồ sơ.",
}
NEW_VERSION = (
    "Bản sửa mới của hồ sơ vừa về trong lúc bạn soạn. Những gì bạn nhập vẫn còn: đọc lại hồ sơ "
    "ở thẻ khác rồi gửi."
)
DECIDED_MEANWHILE = (
    "Người khác vừa quyết định về hồ sơ này. Những gì bạn nhập vẫn còn: đọc quyết định đó rồi gửi "
    "lại nếu cần."
)
