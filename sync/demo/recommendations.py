"""What inspectors recommend when a condition is not met, in the words of such minutes.

Made up, and about no real commune.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommendation, as the form asks for it."""

    kind: str  # choice list rec_kind
    owner: str  # choice list owner
    severity: str  # choice list sev
    text: str


ADVICE: Mapping[str, tuple[Advice, ...]] = {
    "A3": (
        Advice(
            "kien_toan_to_chuc",
            "ubnd_xa",
            "cao",
            "Rà soát quy hoạch cán bộ nữ, bảo đảm có nữ trong các chức danh lãnh đạo chủ chốt "
            "của xã ở lần kiện toàn gần nhất.",
        ),
        Advice(
            "tap_huan",
            "ubnd_xa",
            "trung_binh",
            "Cử cán bộ nữ trong quy hoạch tham gia lớp bồi dưỡng kỹ năng lãnh đạo, quản lý.",
        ),
    ),
    "A4": (
        Advice(
            "khac_phuc",
            "hoi_lhpn_xa",
            "trung_binh",
            "Phối hợp Ngân hàng Chính sách xã hội lập danh sách và giải ngân vốn vay ưu đãi cho "
            "số phụ nữ còn nhu cầu.",
        ),
    ),
    "A5": (
        Advice(
            "khac_phuc",
            "ubnd_xa",
            "cao",
            "Tăng cường tuyên truyền, tư vấn tiền hôn nhân; giao công chức tư pháp - hộ tịch theo "
            "dõi và báo cáo hằng quý.",
        ),
    ),
    "A6": (
        Advice(
            "khac_phuc",
            "hoi_lhpn_xa",
            "cao",
            "Ban hành quyết định thành lập ít nhất một địa chỉ tin cậy và duy trì hoạt động, có "
            "người phụ trách và sổ theo dõi.",
        ),
        Advice(
            "bo_tri_kinh_phi",
            "ubnd_xa",
            "trung_binh",
            "Bố trí kinh phí mua vật dụng thiết yếu cho địa chỉ tin cậy của xã.",
        ),
    ),
    "A8": (
        Advice(
            "kien_toan_to_chuc",
            "ubnd_xa",
            "cao",
            "Ban hành quyết định phân công người làm công tác bảo vệ trẻ em cấp xã theo Luật Trẻ "
            "em.",
        ),
    ),
    "A9": (
        Advice(
            "khac_phuc",
            "ubnd_xa",
            "cao",
            "Xây dựng kế hoạch hỗ trợ, can thiệp trong 05 ngày làm việc cho mọi trường hợp đã "
            "tiếp nhận.",
        ),
    ),
    "A10": (
        Advice(
            "khac_phuc",
            "ubnd_xa",
            "trung_binh",
            "Rà soát danh sách trẻ em có hoàn cảnh đặc biệt, bảo đảm mọi em được trợ giúp theo "
            "quy định.",
        ),
    ),
    "A11": (
        Advice(
            "khac_phuc",
            "ubnd_xa",
            "trung_binh",
            "Lập danh sách người dễ bị tổn thương theo từng nhóm và phân công đoàn thể hỗ trợ.",
        ),
    ),
    "": (
        Advice(
            "bo_sung_ho_so",
            "ubnd_xa",
            "thap",
            "Bổ sung văn bản, sổ sách làm căn cứ cho các nội dung mới chỉ nghe báo cáo, gửi đoàn "
            "kiểm tra.",
        ),
        Advice(
            "tap_huan",
            "ban_vstbpn",
            "thap",
            "Tập huấn kiến thức bình đẳng giới, kỹ năng lồng ghép giới cho cán bộ xã và trưởng "
            "xóm.",
        ),
        Advice(
            "bo_sung_ho_so",
            "hoi_lhpn_xa",
            "trung_binh",
            "Cập nhật số liệu tách theo giới tính và dân tộc vào báo cáo sáu tháng của xã.",
        ),
    ),
}

STRENGTHS = (
    "Câu lạc bộ gia đình hạnh phúc sinh hoạt đều, có nam giới tham gia.",
    "Loa truyền thanh xã phát tin bằng tiếng Việt và tiếng Tày hằng tuần.",
    "Cấp ủy quan tâm quy hoạch cán bộ nữ trẻ, cán bộ nữ dân tộc thiểu số.",
    "Tổ tiết kiệm và vay vốn do Hội Liên hiệp Phụ nữ quản lý hoạt động nền nếp.",
    "Tổ truyền thông cộng đồng ở các xóm hoạt động tốt, có sổ ghi chép đầy đủ.",
    "",
)
DIFFICULTIES = (
    "Sau sắp xếp đơn vị hành chính, hồ sơ của các xã cũ bàn giao chưa đầy đủ.",
    "Kinh phí cho công tác bình đẳng giới còn thấp, chủ yếu lồng ghép.",
    "Địa bàn rộng, một số xóm xa trung tâm, đường đi khó khăn trong mùa mưa.",
    "Cán bộ kiêm nhiệm nhiều việc, chưa được tập huấn thường xuyên.",
    "",
    "",
)
WHY_NO_POINT = (
    "Hội trường kín, máy không bắt được vệ tinh.",
    "Trụ sở nằm trong thung lũng hẹp, chờ 10 phút không có tín hiệu.",
    "Trời mưa to, không ra ngoài đo được.",
)
WHY_OTHER_VIEW = (
    "Một số văn bản làm căn cứ đã ban hành từ kỳ trước, chờ xã gửi bản cập nhật.",
    "Số liệu đầu kỳ và cuối kỳ chưa khớp, đoàn đề nghị xã rà soát lại.",
)
