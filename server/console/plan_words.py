"""How plans are spoken of."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {  # as SelectionReason
    "ke_hoach": "Theo kế hoạch",
    "noi_com": "Có vấn đề nổi cộm đối với phụ nữ, trẻ em gái",
    "nu_thap": "Tỷ lệ nữ cấp ủy, lãnh đạo thấp",
    "nhieu_ld_nu": "Nhiều lao động nữ",
    "kiem_tra_lai": "Kiểm tra lại",
}
