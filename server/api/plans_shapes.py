"""The JSON of plans, periods and coverage, with its examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from server.inspections import summary
from server.inspections.expected import COVERED, Covered
from server.plans.models import Plan, PlanItem, PlanItemChange, PlanState, SelectionReason

MOST_ITEMS = 1_000
MOST_CHANGES = 500


class HeadingShape(serializers.Serializer[Any]):
    """What a plan says of itself."""

    number = serializers.CharField(max_length=100, help_text="ví dụ 59/KH-UBND")
    title = serializers.CharField(max_length=500)
    signedOn = serializers.DateField(source="signed_on")
    year = serializers.IntegerField(min_value=2000, max_value=2100, help_text="năm kiểm tra")
    leadAgency = serializers.CharField(
        source="lead_agency_id", max_length=64, help_text="mã cơ quan chủ trì, ví dụ so_noi_vu"
    )


class PlanShape(HeadingShape):
    """A plan."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=PlanState.choices)
    items = serializers.SerializerMethodField(help_text="số đơn vị trong kế hoạch")

    def get_items(self, plan: Plan) -> int:
        """Count what it holds."""
        count: int = getattr(plan, "item_count", 0)
        return count


class PlanStateShape(serializers.Serializer[Any]):
    """Where a plan is to stand."""

    state = serializers.ChoiceField(choices=PlanState.choices)


class PlannedShape(serializers.Serializer[Any]):
    """One unit to be inspected, as it is sent."""

    unit = serializers.CharField(
        source="unit_id", max_length=64, help_text="mã@ngày hiệu lực, ví dụ 05443@2025-07-01"
    )
    formIds = serializers.ListField(
        source="form_ids",
        child=serializers.CharField(max_length=249),
        min_length=1,
        max_length=20,
    )
    team = serializers.CharField(max_length=200, help_text="tên tổ, như ghi ở mã thiết bị")
    startsOn = serializers.DateField(source="starts_on")
    endsOn = serializers.DateField(source="ends_on", help_text="ngày cuối")
    reasons = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=20,
        required=False,
        default=list,
        help_text="vì sao chọn: " + ", ".join(SelectionReason.values),
    )


class ItemShape(PlannedShape):
    """One unit to be inspected."""

    id = serializers.IntegerField(source="pk")


class PlanHistoryQuery(serializers.Serializer[Any]):
    """Which changes are asked for."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST_CHANGES, default=100)
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)


class PlanItemChangeShape(serializers.Serializer[Any]):
    """What somebody did to a unit of a plan."""

    item = serializers.IntegerField(source="item_id", help_text="số của đơn vị, cả khi đã bỏ")
    at = serializers.DateTimeField()
    by = serializers.SerializerMethodField(help_text="ai; trống: máy chủ")
    before = serializers.SerializerMethodField(help_text="null: mới thêm")
    after = serializers.SerializerMethodField(help_text="null: đã bỏ")

    def get_by(self, change: PlanItemChange) -> str:
        """Name who did it."""
        return change.by.display_name if change.by else ""

    @extend_schema_field(PlannedShape(allow_null=True))
    def get_before(self, change: PlanItemChange) -> dict[str, Any] | None:
        """Return what it was."""
        return _planned(change.before)

    @extend_schema_field(PlannedShape(allow_null=True))
    def get_after(self, change: PlanItemChange) -> dict[str, Any] | None:
        """Return what it became."""
        return _planned(change.after)


def _planned(told: dict[str, Any] | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {
        "unit": told["unit"],
        "formIds": told["form_ids"],
        "team": told["team"],
        "startsOn": told["starts_on"],
        "endsOn": told["ends_on"],
        "reasons": told["reasons"],
    }


class ItemsShape(serializers.Serializer[Any]):
    """Units to add to a plan, all or none."""

    items = serializers.ListField(child=PlannedShape(), min_length=1, max_length=MOST_ITEMS)


class CoverageQuery(serializers.Serializer[Any]):
    """What coverage is asked by."""

    form = serializers.CharField(max_length=249)
    year = serializers.IntegerField(min_value=2000, max_value=2100)
    period = serializers.ChoiceField(choices=summary.PERIODS, required=False)
    on_date = serializers.DateField(required=False, help_text="bỏ trống: hôm nay")


class CommuneCoverageShape(serializers.Serializer[Any]):
    """One commune."""

    uid = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=COVERED)
    planned = serializers.BooleanField(source="is_planned")


class CoverageShape(serializers.Serializer[Any]):
    """How far a form has come."""

    form = serializers.CharField(source="form_id")
    year = serializers.IntegerField()
    period = serializers.CharField(allow_null=True)
    boundary_date = serializers.DateField()
    counts = serializers.SerializerMethodField(help_text="số xã theo trạng thái")
    communes = CommuneCoverageShape(many=True)

    def get_counts(self, found: Any) -> dict[str, int]:
        """Count the communes by how far they have come."""
        return {str(state): found.count(state) for state in Covered}


class PeriodShape(serializers.Serializer[Any]):
    """One reporting period."""

    period = serializers.CharField(help_text="ví dụ 2026-h1")
    dueOn = serializers.DateField(help_text="báo cáo gửi trước ngày này")
    lockedAt = serializers.DateTimeField(allow_null=True)
    snapshot = serializers.IntegerField(allow_null=True, help_text="số của bản chốt mới nhất")
    sha256 = serializers.CharField(allow_blank=True, help_text="của bản chốt mới nhất")


class LockShape(serializers.Serializer[Any]):
    """Why a locked period is frozen anew; empty to lock it."""

    reason = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, default="", help_text="lý do đính chính"
    )
    confirmed = serializers.BooleanField(
        required=False, default=False, help_text="đã xem lại: lý do không nêu thông tin cá nhân"
    )


_HEADING = {
    "number": "59/KH-UBND",
    "title": "Kiểm tra bình đẳng giới năm 2026",
    "signedOn": "2026-02-13",
    "year": 2026,
    "leadAgency": "so_noi_vu",
}
_PLAN = {**_HEADING, "id": 3, "state": "active", "items": 24}
HEADING = OpenApiExample("một kế hoạch mới", request_only=True, value=_HEADING)
PLAN = OpenApiExample("một kế hoạch", response_only=True, status_codes=["200"], value=_PLAN)
_ITEM = {
    "unit": "05443@2025-07-01",
    "formIds": ["kt_18_5"],
    "team": "Tổ 1",
    "startsOn": "2026-05-04",
    "endsOn": "2026-05-15",
    "reasons": ["ke_hoach"],
}
ITEMS = OpenApiExample("thêm một xã", request_only=True, value={"items": [_ITEM]})
ITEM = OpenApiExample("một xã", response_only=True, status_codes=["200"], value={"id": 12, **_ITEM})
HISTORY = OpenApiExample(
    "đổi tổ",
    response_only=True,
    status_codes=["200"],
    value={
        "item": 12,
        "at": "2026-04-20T02:00:00Z",
        "by": "Hoa",
        "before": _ITEM,
        "after": {**_ITEM, "team": "Tổ 2"},
    },
)
CHANGE = OpenApiExample(
    "đổi tổ và ngày cuối", request_only=True, value={"team": "Tổ 2", "endsOn": "2026-05-20"}
)
STATE = OpenApiExample("bắt đầu", request_only=True, value={"state": str(PlanState.ACTIVE)})
COVERAGE = OpenApiExample(
    "mức độ bao phủ",
    response_only=True,
    status_codes=["200"],
    value={
        "form": "kt_18_5",
        "year": 2026,
        "period": "h1",
        "boundary_date": "2026-06-30",
        "counts": {"da_kiem_tra": 79, "co_ke_hoach": 4, "chua_kiem_tra": 9},
        "communes": [
            {
                "uid": "05443@2025-07-01",
                "code": "05443",
                "name": "Phan Đình Phùng",
                "state": "da_kiem_tra",
                "planned": True,
            }
        ],
    },
)
PERIOD = OpenApiExample(
    "một kỳ đã khóa",
    response_only=True,
    status_codes=["200"],
    value={
        "period": "2026-h1",
        "dueOn": "2026-06-10",
        "lockedAt": "2026-06-15T02:00:00Z",
        "snapshot": 1,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
)
LOCK = OpenApiExample("khóa", request_only=True, value={"reason": ""})


def item_of(row: PlanItem) -> dict[str, Any]:
    """Return one item as JSON."""
    return dict(ItemShape(row).data)
