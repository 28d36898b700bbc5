"""How a device fares, in words, symbols and colours."""

from __future__ import annotations

from collections.abc import Mapping

from server.console.words import Badge
from server.plans.devices import Fares

FARES: Mapping[str, Badge] = {
    Fares.WELL: Badge("Đang dùng", "check", "good"),
    Fares.NEW: Badge("Mới cấp, chưa kết nối", "clock", "neutral"),
    Fares.NEVER: Badge("Chưa kết nối lần nào", "alert", "doubt"),
    Fares.SILENT: Badge("Im lặng quá 7 ngày", "clock", "doubt"),
    Fares.STUCK: Badge("Có bản gửi bị từ chối", "alert", "bad"),
    Fares.EXPIRED: Badge("Đã hết hạn", "lock", "neutral"),
    Fares.REVOKED: Badge("Đã thu hồi", "cross", "neutral"),
}
EMPTY: Mapping[str, str] = {
    "": "Chưa có máy nào",
    "silent": "Không có máy nào im lặng",
    "old": "Không có máy nào dùng bản Collect cũ",
    "stuck": "Không có máy nào bị từ chối",
    "out": "Chưa thu hồi máy nào",
}
