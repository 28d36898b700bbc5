"""Examples in the OpenAPI description; tests/api/test_schema.py holds them to its shapes."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

CREDENTIALS = OpenApiExample(
    "đăng nhập",
    request_only=True,
    value={"email": "giamsat@example.org", "password": "mật khẩu của bạn"},
)
SESSION = OpenApiExample(
    "mã phiên",
    response_only=True,
    status_codes=["200"],
    value={
        "token": "mQ0!…",
        "csrf": "x7$R…",
        "createdAt": "2026-06-12T01:30:00Z",
        "expiresAt": "2026-06-13T01:30:00Z",
    },
)
DONE = OpenApiExample("xong", response_only=True, status_codes=["200"], value={"success": True})
SUMMARY = OpenApiExample(
    "một trong 92 xã",
    response_only=True,
    status_codes=["200"],
    value={
        "form": "kt_18_5",
        "title": "Kiểm tra Chỉ tiêu 18.5",
        "criteria_set": "NTM-2021-2025",
        "year": 2026,
        "period": "h1",
        "boundary_date": "2026-06-12",
        "boundary_note": "theo địa giới từ 01/7/2025",
        "sources": ["Sơ đồ, không phải ranh giới"],
        "conditions": [
            {
                "code": "A3",
                "label": {"vi": "Có nữ lãnh đạo chủ chốt", "en": "A woman among key leaders"},
                "core": True,
                "verified": False,
                "note": "tạm tính – chưa đối chiếu",
                "legal_basis": "",
            }
        ],
        "communes": [
            {
                "code": "05443",
                "uid": "05443@2025-07-01",
                "name": "Phường Phan Đình Phùng",
                "type": "phuong",
                "status": "chua_du_can_cu",
                "label": "Chưa đủ căn cứ",
                "inspections": 1,
                "latest": {
                    "instance_id": "uuid:5a3d1c3e-2f0f-4a53-8f8e-1d1d8d4f2b10",
                    "status": "chua_du_can_cu",
                    "visit_date": "2026-05-20",
                    "period": "h1",
                    "review_state": "received",
                    "evidence_share": 0.5,
                    "gps_status": "inside",
                    "gps_is_schematic": True,
                    "flags": ["photo_missing"],
                    "criteria_set": "NTM-2021-2025",
                    "note": "tạm dùng bộ tiêu chí NTM-2021-2025, chưa có bộ NTM-2026-2030",
                },
                "conditions": {"A3": "chua_du_can_cu"},
                "documented": {"A3": False},
                "gps": {"count": 1, "of": 1, "share": 1.0},
                "recommendations": {"open": 2, "overdue": 1},
                "recommendations_note": "",
                "reports": {"h1": {"state": "dung_han", "label": "đúng hạn"}},
                "coverage": "da_kiem_tra",
                "coverage_label": "đã kiểm tra",
                "former_units": [],
            }
        ],
        "totals": {
            "communes": 1,
            "inspected": 1,
            "by_status": {"chua_du_can_cu": 1},
            "by_condition": {"A3": {"chua_du_can_cu": 1}},
            "documented": {"A3": {"count": 0, "of": 1, "share": 0.0}},
            "with_valid_gps": 1,
            "gps": {"count": 1, "of": 1, "share": 1.0},
            "inspections": 1,
            "recommendations": {"open": 2, "overdue": 1},
            "by_report": {"h1": {"dung_han": 1}},
            "by_coverage": {"da_kiem_tra": 1},
            "of_former_units": 0,
            "without_unit": 0,
            "recommendations_elsewhere": {"open": 0, "overdue": 0},
        },
        "groups": None,
        "data": {
            "included": ["received", "edited", "hasIssues", "approved"],
            "approved": 0,
            "not_reviewed": 1,
            "left_out": 0,
            "note": "gồm cả hồ sơ chưa duyệt",
        },
    },
)
