"""Kinds of files and where they stand, in words."""

from __future__ import annotations

from collections.abc import Mapping

from server.reports.export_kinds import Format
from server.reports.models import ExportState

# (name, what it is for)
FORMATS: Mapping[str, tuple[str, str]] = {
    Format.XLSX: (
        "Excel (.xlsx)",
        "để đọc và in; có trang giải thích các cột; trên 20 triệu ô thì thành nhiều tệp đánh số",
    ),
    Format.PEOPLE_CSV: ("CSV cho Excel tiếng Việt", "mở bằng nhấp đúp, dấu phẩy thập phân"),
    Format.CENTRAL_CSV: ("CSV như ODK Central", "cho chương trình; kèm ảnh và tệp"),
    Format.GEOJSON: ("GeoJSON", "điểm kiểm tra, cho phần mềm bản đồ"),
    Format.PARQUET: ("Parquet", "cho phân tích số liệu"),
    Format.MEDIA: ("Ảnh và tệp (.zip)", "ảnh đã bỏ nơi chụp, lúc chụp; không có ảnh hạn chế"),
}
STATES: Mapping[str, str] = {
    ExportState.QUEUED: "Đang chờ",
    ExportState.RUNNING: "Đang tạo",
    ExportState.READY: "Đã xong",
    ExportState.FAILED: "Không tạo được",
    ExportState.CANCELLED: "Đã hủy",
    ExportState.EXPIRED: "Đã quá hạn giữ",
}
