"""The JSON of recommendations, with its examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from server.api.shapes import PageQuery
from server.communes.models import AdminUnit
from server.entities.recommendation_states import DUE, EVIDENCE, OWNER, SEVERITY, State
from server.inspections.recommendation_register import Event, Row, Whole
from server.inspections.recommendations import COMMUNE, OWNERS, SEVERITIES
from server.submissions.models import Submission

STATES = [str(state) for state in State]
REACHABLE = [str(State.UNDER_WAY), str(State.DONE), str(State.CARRIED_OVER)]


class RecommendationQuery(PageQuery):
    """Which ones are asked for."""

    commune = serializers.CharField(
        max_length=64, required=False, default="", help_text="mã xã, hoặc mã@ngày hiệu lực"
    )
    state = serializers.ChoiceField(choices=STATES, required=False, default="")
    severity = serializers.ChoiceField(choices=SEVERITIES, required=False, default="")
    owner = serializers.ChoiceField(choices=OWNERS, required=False, default="")
    overdue = serializers.BooleanField(
        source="is_overdue", required=False, allow_null=True, default=None
    )
    dueBefore = serializers.DateField(
        source="due_before", required=False, default=None, help_text="hạn trước ngày này"
    )


class UnitShape(serializers.Serializer[AdminUnit]):
    """A commune."""

    uid = serializers.CharField(help_text="mã@ngày hiệu lực")
    code = serializers.CharField()
    name = serializers.CharField()


class RecommendationShape(serializers.Serializer[Any]):
    """One recommendation."""

    uuid = serializers.UUIDField(source="entity.uuid")
    version = serializers.IntegerField(source="entity.version", help_text="gửi lại ở seenVersion")
    label = serializers.CharField()  # type: ignore[assignment]  # Field has one of another meaning
    commune = UnitShape(allow_null=True, help_text="null: không nêu xã, hoặc không có trong bảng")
    communeUid = serializers.SerializerMethodField(help_text="như đã ghi")
    form = serializers.SerializerMethodField()
    condition = serializers.SerializerMethodField()
    kind = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField(help_text="trống khi withheld")
    owner = serializers.SerializerMethodField()
    severity = serializers.SerializerMethodField()
    state = serializers.CharField()
    due = serializers.SerializerMethodField()
    overdue = serializers.BooleanField(source="is_overdue")
    evidence = serializers.SerializerMethodField(help_text="tài liệu đã xem; trống khi withheld")
    conflict = serializers.CharField(
        allow_blank=True, help_text="xung đột chưa quyết định: soft, hard, rule; trống: không có"
    )
    withheld = serializers.BooleanField(
        source="is_withheld", help_text="lời văn còn chờ người giám sát xem thông tin cá nhân"
    )
    createdAt = serializers.DateTimeField(source="entity.created_at")
    updatedAt = serializers.DateTimeField(source="entity.updated_at")

    def get_communeUid(self, row: Row) -> str:
        """Give the commune as the entity spells it."""
        return row.said(COMMUNE)

    def get_form(self, row: Row) -> str:
        """Name the form that made it."""
        return row.said("bieu")

    def get_condition(self, row: Row) -> str:
        """Name the condition that it is about."""
        return row.said("dieu_kien")

    def get_kind(self, row: Row) -> str:
        """Give what kind of thing is asked for."""
        return row.said("loai")

    def get_text(self, row: Row) -> str:
        """Give what is recommended."""
        return row.said("noi_dung")

    def get_owner(self, row: Row) -> str:
        """Say who must act."""
        return row.said(OWNER)

    def get_severity(self, row: Row) -> str:
        """Say how grave it is."""
        return row.said(SEVERITY)

    def get_due(self, row: Row) -> str:
        """Give the deadline as a date, or nothing."""
        return row.said(DUE)

    def get_evidence(self, row: Row) -> str:
        """Name the document that was seen."""
        return row.said(EVIDENCE)


class RecommendationPage(serializers.Serializer[Any]):
    """Some of them."""

    total = serializers.IntegerField(help_text="số kiến nghị đúng với bộ lọc")
    recommendations = RecommendationShape(many=True)


class WaitingShape(RecommendationShape):
    """One that waits for its commune."""

    choices = UnitShape(many=True, help_text="trống: chọn xã bất kỳ còn hiệu lực")


class SubmissionRefShape(serializers.Serializer[Submission]):
    """Which record said it."""

    formId = serializers.CharField(source="form.form_id")
    instanceId = serializers.CharField(source="instance_id")


class EventShape(serializers.Serializer[Any]):
    """One version."""

    version = serializers.IntegerField(source="version.number")
    at = serializers.DateTimeField(source="version.at")
    by = serializers.CharField(
        source="version.by", help_text="mã thiết bị, tên người, hoặc hệ thống"
    )
    actorId = serializers.IntegerField(source="version.person_id", allow_null=True)
    reason = serializers.CharField(source="version.reason", allow_blank=True)
    changes = serializers.DictField(child=serializers.CharField(allow_blank=True))
    held = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text="đã ghi, chưa có hiệu lực"
    )
    rule = serializers.CharField(source="version.rule", allow_blank=True)
    conflict = serializers.CharField(source="version.conflict", allow_blank=True)
    decidedAt = serializers.DateTimeField(source="version.decided_at", allow_null=True)
    decidedBy = serializers.SerializerMethodField()
    submission = SubmissionRefShape(allow_null=True)

    def get_decidedBy(self, event: Event) -> str:
        """Name who decided about its conflict."""
        person = event.version.decided_by
        return person.display_name if person else ""


class WholeShape(RecommendationShape):
    """One recommendation with its history."""

    history = EventShape(many=True, help_text="bản đầu trước; mỗi lần theo dõi có submission")
    inspection = SubmissionRefShape(allow_null=True, help_text="cuộc kiểm tra đã nêu kiến nghị")
    steps = serializers.ListField(child=serializers.CharField(), help_text="bạn có thể chuyển sang")


class ActShape(serializers.Serializer[Any]):
    """What a supervisor changes; what is left out stays."""

    reason = serializers.CharField(max_length=2000, allow_blank=True)
    state = serializers.ChoiceField(choices=REACHABLE, required=False, default=None)
    due = serializers.DateField(
        required=False, default=None, help_text="bắt buộc khi chuyen_ky, muộn hơn hạn cũ"
    )
    owner = serializers.ChoiceField(choices=OWNERS, required=False, default="")
    evidence = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="tài liệu đã xem; bắt buộc khi hoan_thanh",
    )
    seenVersion = serializers.IntegerField(
        source="seen_version", min_value=1, required=False, default=None
    )


class SettleShape(serializers.Serializer[Any]):
    """To which commune a recommendation goes."""

    commune = serializers.CharField(max_length=64, help_text="mã@ngày hiệu lực")
    reason = serializers.CharField(max_length=2000, allow_blank=True)


def whole(found: Whole) -> dict[str, Any]:
    """Return one with its history as JSON."""
    return {
        **RecommendationShape(found.row).data,
        "history": EventShape(found.events, many=True).data,
        "inspection": SubmissionRefShape(found.inspection).data if found.inspection else None,
        "steps": list(found.steps),
    }


_UNIT = {"uid": "05443@2025-07-01", "code": "05443", "name": "Phường Phan Đình Phùng"}
_ONE = {
    "uuid": "0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f",
    "version": 2,
    "label": "A4. Bố trí cán bộ nữ tham gia tập huấn",
    "commune": _UNIT,
    "communeUid": "05443@2025-07-01",
    "form": "kt_18_5",
    "condition": "A4",
    "kind": "tap_huan",
    "text": "Bố trí cán bộ nữ tham gia tập huấn trong quý III.",
    "owner": "ubnd_xa",
    "severity": "cao",
    "state": "dang_thuc_hien",
    "due": "2026-12-31",
    "overdue": False,
    "evidence": "",
    "conflict": "",
    "withheld": False,
    "createdAt": "2026-05-20T03:00:00Z",
    "updatedAt": "2026-06-12T01:30:00Z",
}
_INSPECTION = {"formId": "kt_18_5", "instanceId": "uuid:5a3d6b9e-0b1f-4c5e-9d0a-3f2b1c4d5e6f"}
_EVENT = {
    "version": 2,
    "at": "2026-06-12T01:30:00Z",
    "by": "Chị Hoa",
    "actorId": 3,
    "reason": "Xã đã có kế hoạch tập huấn.",
    "changes": {"trang_thai": "dang_thuc_hien"},
    "held": {},
    "rule": "",
    "conflict": "",
    "decidedAt": None,
    "decidedBy": "",
    "submission": None,
}
PAGE = OpenApiExample(
    "một trang",
    response_only=True,
    status_codes=["200"],
    value={"total": 1, "recommendations": [_ONE]},
)
WHOLE = OpenApiExample(
    "một kiến nghị",
    response_only=True,
    status_codes=["200"],
    value={
        **_ONE,
        "history": [_EVENT],
        "inspection": _INSPECTION,
        "steps": ["hoan_thanh", "chuyen_ky"],
    },
)
WAITING = OpenApiExample(
    "một kiến nghị chờ chọn xã",
    response_only=True,
    status_codes=["200"],
    value={**_ONE, "choices": [_UNIT]},
)
ACT = OpenApiExample(
    "hoàn thành",
    request_only=True,
    value={
        "state": "hoan_thanh",
        "evidence": "Báo cáo 30/BC-UBND",
        "reason": "Đã xem báo cáo của xã.",
        "seenVersion": 2,
    },
)
SETTLE = OpenApiExample(
    "giao cho một xã",
    request_only=True,
    value={
        "commune": "05443@2025-07-01",
        "reason": "Thôn đã nêu nay thuộc phường này.",
    },
)
