"""The JSON of what waits for a decision, with its examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from server.api.shapes import PageQuery
from server.submissions.models import Decision, Quarantined, QuarantineReason


class QuarantineQuery(PageQuery):
    """Which ones are asked for."""

    decided = serializers.BooleanField(
        default=False, help_text="true: đã quyết định; bỏ trống: còn chờ"
    )


class FileShape(serializers.Serializer[Any]):
    """One file that came with it."""

    name = serializers.CharField()
    size = serializers.IntegerField(help_text="byte")
    sha256 = serializers.CharField()


class QuarantinedShape(serializers.Serializer[Any]):
    """One instance that waits, or waited, for a decision."""

    id = serializers.IntegerField()
    reason = serializers.ChoiceField(choices=QuarantineReason.choices)
    form_id = serializers.CharField()
    version = serializers.CharField(help_text="của biểu mẫu, như phiếu ghi")
    instance_id = serializers.CharField()
    deprecated_id = serializers.CharField(help_text="bản mà nó sửa; trống: không phải bản sửa")
    received_at = serializers.DateTimeField()
    sender = serializers.SerializerMethodField(help_text="tên của máy, hoặc của người đã gửi")
    device_id = serializers.CharField()
    size = serializers.IntegerField(help_text="byte, cả tệp đính kèm")
    files = FileShape(many=True)
    decision = serializers.ChoiceField(choices=Decision.choices, allow_blank=True)
    decision_reason = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.SerializerMethodField(help_text="thư điện tử; trống: còn chờ")
    submission = serializers.SerializerMethodField(help_text="instanceID của phiếu đã nhận nó")

    def get_sender(self, row: Quarantined) -> str:
        """Name the device."""
        sender = row.app_user or row.person
        return sender.display_name if sender else ""

    def get_decided_by(self, row: Quarantined) -> str:
        """Name who decided."""
        return row.decided_by.email if row.decided_by else ""

    def get_submission(self, row: Quarantined) -> str:
        """Name what it became part of."""
        return row.submission.instance_id if row.submission else ""


class ChangeShape(serializers.Serializer[Any]):
    """One answer that differs."""

    path = serializers.CharField(help_text="ví dụ h/h_date, z_photo[2]/zp_note")
    old = serializers.CharField(allow_null=True, help_text="null: bị che")
    new = serializers.CharField(allow_null=True, help_text="null: bị che")
    masked = serializers.BooleanField(help_text="câu hỏi hạn chế; chỉ quản lý chương trình xem")


class TwinShape(serializers.Serializer[Any]):
    """The current version of the record that it would change."""

    instance_id = serializers.CharField()
    received_at = serializers.DateTimeField()
    changes = ChangeShape(many=True)
    more_changes = serializers.IntegerField(help_text="số thay đổi không liệt kê")


class QuarantinedDetailShape(QuarantinedShape):
    """The same, with what it would change."""

    twin = TwinShape(allow_null=True, help_text="null: không có bản nào để so")


class VerdictShape(serializers.Serializer[Any]):
    """What a person decides."""

    decision = serializers.ChoiceField(choices=Decision.choices)
    reason = serializers.CharField(max_length=2000, help_text="ghi lại để người sau hiểu vì sao")


_WAITING = {
    "id": 7,
    "reason": "conflict",
    "form_id": "kt_18_5",
    "version": "2026060101",
    "instance_id": "uuid:5a3d1c3e-2f0f-4a53-8f8e-1d1d8d4f2b10",
    "deprecated_id": "",
    "received_at": "2026-06-12T01:30:00Z",
    "sender": "Chị Lan",
    "device_id": "collect:abc",
    "size": 214_003,
    "files": [{"name": "1749691800123.jpg", "size": 208_113, "sha256": "9f86d081884c7d65…"}],
    "decision": "",
    "decision_reason": "",
    "decided_at": None,
    "decided_by": "",
    "submission": "",
}
LIST = OpenApiExample("một phiếu còn chờ", response_only=True, status_codes=["200"], value=_WAITING)
DETAIL = OpenApiExample(
    "một phiếu trùng mã",
    response_only=True,
    status_codes=["200"],
    value={
        **_WAITING,
        "twin": {
            "instance_id": "uuid:5a3d1c3e-2f0f-4a53-8f8e-1d1d8d4f2b10",
            "received_at": "2026-06-11T09:12:44Z",
            "changes": [
                {"path": "a/a3_key_f", "old": "0", "new": "1", "masked": False},
                {"path": "a/a5_child", "old": None, "new": None, "masked": True},
            ],
            "more_changes": 0,
        },
    },
)
VERDICT = OpenApiExample(
    "chấp nhận",
    request_only=True,
    value={"decision": "accept", "reason": "Đã gọi cho chị Lan: bản sau là bản đúng."},
)
DECIDED = OpenApiExample(
    "đã chấp nhận",
    response_only=True,
    status_codes=["200"],
    value={
        **_WAITING,
        "decision": "accept",
        "decision_reason": "Đã gọi cho chị Lan: bản sau là bản đúng.",
        "decided_at": "2026-06-12T03:02:10Z",
        "decided_by": "giamsat@example.org",
        "submission": "uuid:5a3d1c3e-2f0f-4a53-8f8e-1d1d8d4f2b10",
    },
)
