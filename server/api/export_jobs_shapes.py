"""The JSON of files that people ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from server.api import exports_shapes
from server.api.endpoint import asked_of
from server.api.exports_shapes import (
    ArchiveQuery,
    MediaQuery,
    PeopleCsvQuery,
    PeopleQuery,
    SelectionQuery,
)
from server.api.shapes import PageQuery, SummaryQuery
from server.reports import export_kinds, selection
from server.reports.export_kinds import Format
from server.reports.jobs import Wanted
from server.reports.models import ExportState, Profile
from server.reports.selection import Selection

# What the filters of each format may be: what its own address takes, where it has one.
_FILTERS: Mapping[Format, type[SelectionQuery]] = {
    Format.CENTRAL_CSV: ArchiveQuery,
    Format.PEOPLE_CSV: PeopleCsvQuery,
    Format.MEDIA: MediaQuery,
}


class WantedShape(serializers.Serializer[Any]):
    """What is asked for."""

    format = serializers.ChoiceField(choices=[one.value for one in Format])
    form = serializers.CharField(max_length=249, help_text="Mã biểu, ví dụ kt_18_5.")
    profile = serializers.ChoiceField(
        choices=Profile.values,
        default=Profile.FULL,
        help_text="full: như đã nhận; deidentified: đã khử nhận dạng (bắt buộc với người chỉ xem).",
    )
    filters = serializers.DictField(
        default=dict,
        help_text="Bộ lọc và tùy chọn, như các tham số của tệp tải trực tiếp cùng dạng.",
    )
    purpose = serializers.CharField(
        min_length=5,
        max_length=200,
        help_text="Dùng để làm gì; ghi vào nhật ký. Không ghi tên, số điện thoại của ai.",
    )

    def validate_purpose(self, purpose: str) -> str:
        """Refuse what may say who somebody is."""
        return SelectionQuery().validate_purpose(purpose)


class ExportShape(serializers.Serializer[Any]):
    """A file that somebody asked for."""

    id = serializers.IntegerField(source="pk")
    format = serializers.CharField()
    profile = serializers.CharField()
    asked = serializers.DictField(help_text="biểu, bộ lọc và tùy chọn")
    purpose = serializers.CharField()
    askedBy = serializers.IntegerField(source="asked_by_id")
    askedByName = serializers.CharField(source="asked_by.display_name")
    askedAt = serializers.DateTimeField(source="asked_at")
    state = serializers.ChoiceField(choices=ExportState.values)
    percent = serializers.IntegerField(help_text="0..100")
    failure = serializers.CharField(help_text="mã lỗi (docs/errors.md) nếu không tạo được")
    name = serializers.CharField(help_text="tên tệp")
    rows = serializers.DictField(
        child=serializers.IntegerField(), help_text="số dòng đã kiểm đếm của từng bảng"
    )
    report = serializers.DictField(help_text="đánh giá mức ẩn danh của tệp, nếu có")
    size = serializers.IntegerField(allow_null=True, help_text="byte")
    sha256 = serializers.CharField()
    endedAt = serializers.DateTimeField(source="ended_at", allow_null=True)
    expiresAt = serializers.DateTimeField(source="expires_at", allow_null=True)


class ExportsQuery(PageQuery):
    """Which of them."""

    state = serializers.ChoiceField(choices=ExportState.values, required=False)


def wanted(given: Mapping[str, Any]) -> Wanted:
    """Return what a body asks for that was checked.

    Raises ParameterInvalid for a filter that its format does not have, ExportProfileUnavailable.
    """
    format, profile = Format(given["format"]), Profile(given["profile"])
    export_kinds.check(format, profile)
    if format == Format.SUMMARY:
        return Wanted(format, profile, _summary(given), given["purpose"])
    # With them, because what may be asked for depends on the profile.
    said = {**given["filters"], "profile": profile.value, "purpose": given["purpose"]}
    filters = asked_of(_FILTERS.get(format, PeopleQuery), said)
    chosen = exports_shapes.selection(given["form"], filters)
    asked = {"selection": selection.dump(chosen), "options": _options(format, filters)}
    return Wanted(format, profile, asked, filters["purpose"])


def _summary(given: Mapping[str, Any]) -> dict[str, Any]:
    said = {**given["filters"], "form": given["form"]}
    filters = asked_of(SummaryQuery, said)
    on_date = filters.get("on_date")
    options = {
        "year": filters["year"],
        "period": filters.get("period"),
        "on_date": on_date.isoformat() if on_date else None,
        "is_approved": filters.get("data", "approved") == "approved",
        "group": filters.get("group"),
    }
    return {"selection": selection.dump(Selection(given["form"])), "options": options}


def _options(format: Format, filters: Mapping[str, Any]) -> dict[str, Any]:
    if format == Format.CENTRAL_CSV:
        return dict(exports_shapes.central_options(filters))
    if format == Format.PEOPLE_CSV:
        return {"separator": filters["separator"]}
    if format == Format.MEDIA:
        return {"is_stripped": filters["stripped"]}
    return {}


WANTED = OpenApiExample(
    "hồ sơ đã duyệt của một xã",
    request_only=True,
    value={
        "format": "xlsx",
        "form": "kt_18_5",
        "profile": "full",
        "filters": {"year": 2026, "commune": "05665@2025-07-01"},
        "purpose": "Báo cáo 6 tháng đầu năm 2026",
    },
)
EXPORT = OpenApiExample(
    "đã xong",
    response_only=True,
    status_codes=["200", "202"],
    value={
        "id": 7,
        "format": "xlsx",
        "profile": "full",
        "asked": {
            "selection": {
                "form_id": "kt_18_5",
                "year": 2026,
                "commune": "05665@2025-07-01",
                "states": ["approved"],
            },
            "options": {},
        },
        "purpose": "Báo cáo 6 tháng đầu năm 2026",
        "askedBy": 1,
        "askedByName": "Nguyễn Thị Lan",
        "askedAt": "2026-06-12T01:30:00Z",
        "state": "ready",
        "percent": 100,
        "failure": "",
        "name": "kt_18_5.xlsx",
        "rows": {"Hồ sơ": 12, "Ảnh": 30},
        "report": {},
        "size": 48211,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "endedAt": "2026-06-12T01:30:02Z",
        "expiresAt": "2026-06-19T01:30:02Z",
    },
)
