"""How an account stands, and what a role may do, in words."""

from __future__ import annotations

from collections.abc import Mapping

from server.communes.roster import Standing
from server.console.words import Badge
from server.projects.models import Role

STANDINGS: Mapping[str, Badge] = {
    Standing.IN_USE: Badge("Đang dùng", "check", "good"),
    Standing.INVITED: Badge("Chờ đặt mật khẩu", "clock", "waiting"),
    Standing.NO_LINK: Badge("Chưa có mật khẩu", "alert", "doubt"),
    Standing.LOCKED: Badge("Đã khóa", "lock", "neutral"),
}
MAY: Mapping[str, str] = {
    Role.MANAGER: "mọi việc của chương trình, cả người dùng, thiết bị và biểu mẫu",
    Role.SUPERVISOR: "xem và duyệt hồ sơ, theo dõi kiến nghị của các xã được giao",
    Role.VIEWER: "xem bản đồ và bảng tổng hợp, không mở được hồ sơ",
}
EMPTY: Mapping[str, str] = {
    "": "Chưa có ai",
    "waiting": "Ai cũng đã đặt mật khẩu",
    "plain": "Ai cũng đã bật mã hai bước",
    "locked": "Không có tài khoản nào bị khóa",
}
