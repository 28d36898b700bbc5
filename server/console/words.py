"""How states are shown: a word, a symbol and a colour each, so that none of the three is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.entities.recommendation_states import State
from server.inspections.commune_rows import NOT_INSPECTED
from server.inspections.flag_kinds import Severity
from server.inspections.models import Status
from server.plans.after_lock import Deed
from server.plans.models import PlanState
from server.submissions.models import ReviewState


@dataclass(frozen=True, slots=True)
class Badge:
    """How one state is shown."""

    word: str  # Vietnamese
    icon: str  # in icons.svg
    tone: str  # good, bad, doubt, neutral, waiting; a class in console.css


STATUS: Mapping[str, Badge] = {
    Status.DAT: Badge("Đạt", "check", "good"),
    Status.KHONG_DAT: Badge("Không đạt", "cross", "bad"),
    Status.CHUA_DU_CAN_CU: Badge("Chưa đủ căn cứ", "question", "doubt"),
    Status.KHONG_AP_DUNG: Badge("Không áp dụng", "dash", "neutral"),
    NOT_INSPECTED: Badge("Chưa kiểm tra", "empty", "none"),
    "": Badge("Không kết luận", "dash", "neutral"),
}
REVIEW: Mapping[str, Badge] = {
    ReviewState.RECEIVED: Badge("Mới nhận", "inbox", "waiting"),
    ReviewState.EDITED: Badge("Đã sửa, chờ duyệt", "edit", "waiting"),
    ReviewState.HAS_ISSUES: Badge("Cần bổ sung", "return", "doubt"),
    ReviewState.APPROVED: Badge("Đã duyệt", "check", "good"),
    ReviewState.REJECTED: Badge("Bị từ chối", "cross", "bad"),
}
SEVERITY: Mapping[str, Badge] = {
    Severity.SEVERE: Badge("Nặng", "alert", "bad"),
    Severity.MODERATE: Badge("Vừa", "flag", "doubt"),
    Severity.SLIGHT: Badge("Nhẹ", "info", "neutral"),
}
RECOMMENDATION: Mapping[str, Badge] = {
    State.NEW: Badge("Mới", "inbox", "waiting"),
    State.UNDER_WAY: Badge("Đang thực hiện", "clock", "waiting"),
    State.OVERDUE: Badge("Quá hạn", "alert", "bad"),
    State.CARRIED_OVER: Badge("Chuyển kỳ sau", "return", "doubt"),
    State.DONE: Badge("Hoàn thành", "check", "good"),
}
URGENCY: Mapping[str, Badge] = {
    "cao": Badge("Cao", "alert", "bad"),
    "trung_binh": Badge("Trung bình", "flag", "doubt"),
    "thap": Badge("Thấp", "info", "neutral"),
}
PLAN: Mapping[str, Badge] = {
    PlanState.DRAFT: Badge("Dự thảo", "edit", "neutral"),
    PlanState.ACTIVE: Badge("Đang thực hiện", "check", "good"),
    PlanState.CLOSED: Badge("Đã kết thúc", "lock", "neutral"),
}
DEED: Mapping[str, Badge] = {
    Deed.RECEIVED: Badge("Mới nhận", "inbox", "waiting"),
    Deed.EDITED: Badge("Sửa câu trả lời", "edit", "doubt"),
    Deed.DECIDED: Badge("Có quyết định mới", "check", "waiting"),
    Deed.DELETED: Badge("Đã xóa", "cross", "bad"),
    Deed.MOVED: Badge("Chuyển sang kỳ khác", "right", "doubt"),
}
BADGES = {
    "deed": DEED,
    "plan": PLAN,
    "status": STATUS,
    "review": REVIEW,
    "severity": SEVERITY,
    "recommendation": RECOMMENDATION,
    "urgency": URGENCY,
}
PERIODS: Mapping[str, str] = {"h1": "6 tháng đầu năm", "fy": "Cả năm"}
ROLES: Mapping[str, str] = {
    "manager": "Quản lý",
    "supervisor": "Giám sát",
    "viewer": "Chỉ xem số tổng hợp",
}
DATA: Mapping[str, str] = {  # which records tables are made of
    "approved": "Hồ sơ đã duyệt",
    "all": "Cả hồ sơ chưa duyệt",
}
