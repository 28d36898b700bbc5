"""How recommendations are spoken of: the words of the forms' own lists, and of their properties."""

from __future__ import annotations

from collections.abc import Mapping

from server.console.wording import t
from server.console.words import RECOMMENDATION, URGENCY
from server.entities.models import ConflictKind

OWNERS: Mapping[str, str] = {
    "ubnd_xa": "UBND xã",
    "hoi_lhpn_xa": "Hội LHPN xã",
    "ban_vstbpn": "Ban Vì sự tiến bộ của phụ nữ",
    "nguoi_dung_dau": "Người đứng đầu đơn vị",
    "nguoi_su_dung_ld": "Người sử dụng lao động",
    "cong_doan": "Công đoàn",
    "so_nganh": "Sở, ngành",
    "khac": "Đơn vị khác",
}
KINDS: Mapping[str, str] = {
    "khac_phuc": "Khắc phục thiếu sót",
    "bo_sung_ho_so": "Bổ sung hồ sơ, tài liệu",
    "bo_tri_kinh_phi": "Bố trí kinh phí",
    "tap_huan": "Tập huấn",
    "kien_toan_to_chuc": "Kiện toàn tổ chức",
    "chuyen_co_quan_tham_quyen": "Chuyển cơ quan có thẩm quyền",
    "khac": "Loại khác",
}
SEVERITIES: Mapping[str, str] = {code: badge.word for code, badge in URGENCY.items()}
STATES: Mapping[str, str] = {state: badge.word for state, badge in RECOMMENDATION.items()}
PROPERTIES: Mapping[str, str] = {
    "xa": "Xã, phường",
    "bieu": "Biểu mẫu",
    "dieu_kien": "Điều kiện",
    "loai": "Loại kiến nghị",
    "noi_dung": "Nội dung",
    "chu_the": "Đơn vị thực hiện",
    "muc_do": "Mức độ",
    "trang_thai": "Trạng thái",
    "han": "Hạn thực hiện",
    "bang_chung": "Tài liệu chứng minh",
    "ngay_kiem_tra": "Ngày kiểm tra",
    "label": "Tên gọi",
}
CONFLICTS: Mapping[str, str] = {
    ConflictKind.SOFT: "Hai nơi cùng sửa, mỗi nơi một mục. Bản gửi sau đang có hiệu lực.",
    ConflictKind.HARD: "Hai nơi cùng sửa một mục, mỗi nơi ghi một khác. Bản gửi sau đang có "
    "hiệu lực.",
    ConflictKind.RULE: "Máy gửi một bước không hợp lệ. Bản đó được giữ nhưng chưa có hiệu lực.",
}
LABELS: Mapping[str, str] = {
    "commune": "Xã, phường",
    "state": "Trạng thái",
    "severity": "Mức độ",
    "owner": "Đơn vị thực hiện",
    "due_to": "Hạn đến ngày",
    "only": "Chỉ xem",
}
ONLY: Mapping[str, str] = {
    "open": "Chưa hoàn thành",
    "all": "Tất cả",
    "overdue": "Đã quá hạn",
    "conflict": "Có xung đột chờ quyết định",
    "waiting": "Chờ chọn xã tiếp nhận",
}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "loai": KINDS,
    "chu_the": OWNERS,
    "muc_do": SEVERITIES,
    "trang_thai": STATES,
}


def property_name(name: str) -> str:
    """Return what a property is called; its own name where the designer made it up."""
    return t(PROPERTIES[name]) if name in PROPERTIES else name


def value_said(name: str, value: str | None, communes: Mapping[str, str]) -> str:
    """Return a property's value as people say it. communes: names by uid."""
    if not value:
        return ""
    if name == "xa":
        return communes.get(value, value)
    if name in ("han", "ngay_kiem_tra"):
        year, _, rest = value.partition("-")
        month, _, day = rest.partition("-")
        return f"{day}/{month}/{year}" if day else value
    word = _VALUES.get(name, {}).get(value)
    return t(word) if word else value


TABLES = (OWNERS, KINDS, SEVERITIES, STATES, PROPERTIES, CONFLICTS, LABELS, ONLY)
