"""What all records of a project came to, one by one: findings, and flags."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api.endpoint import Endpoint, asked_of
from server.api.schema import refusals
from server.forms.eras import finding_note, standing_note
from server.forms.models import Form
from server.inspections.flag_kinds import KINDS
from server.inspections.judged_lengths import Kind
from server.inspections.judged_list import judged_list
from server.inspections.models import Status
from server.projects.models import Membership
from server.reports import known
from server.reports.problems import FilterUnknown
from server.reports.selection import Selection

_REFUSED = refusals(
    problems.Unauthenticated,
    problems.NotFound,
    problems.ParameterInvalid(field="limit", reason="Giá trị phải từ 1 đến 1000."),
    FilterUnknown(field="form", value="kt_18_6", known="kt_18_5, kt_da8"),
)
_OF_RECORD = (
    "inspection__submission__instance_id",
    "inspection__form__form_id",
    "inspection__unit_id",
    "inspection__visit_date",
    "inspection__submission__review_state",
)


class JudgedQuery(serializers.Serializer[Any]):
    """Which, and which part of them."""

    form = serializers.CharField(max_length=249, required=False, help_text="mã biểu")
    year = serializers.IntegerField(min_value=2000, max_value=2100, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=250)
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)


class FindingQuery(JudgedQuery):
    """Which findings."""

    condition = serializers.CharField(max_length=32, required=False, help_text="ví dụ A7b")
    status = serializers.ChoiceField(choices=Status.choices, required=False)


class FlagQuery(JudgedQuery):
    """Which flags."""

    code = serializers.ChoiceField(choices=sorted(KINDS), required=False)


class _OfRecord(serializers.Serializer[Any]):
    """Of which record."""

    instanceId = serializers.CharField(source="inspection__submission__instance_id")
    xmlFormId = serializers.CharField(source="inspection__form__form_id")
    commune = serializers.CharField(source="inspection__unit_id", allow_null=True)
    visitDate = serializers.DateField(source="inspection__visit_date", allow_null=True)
    reviewState = serializers.CharField(source="inspection__submission__review_state")


class FindingRowShape(_OfRecord):
    """The outcome of one condition in one record."""

    condition = serializers.CharField()
    status = serializers.CharField(help_text="dat, khong_dat, chua_du_can_cu, khong_ap_dung")
    deviceStatus = serializers.CharField(source="device_status", allow_blank=True)
    value = serializers.FloatField(allow_null=True)
    isCore = serializers.BooleanField(source="is_core")
    isVerified = serializers.BooleanField(source="is_verified", help_text="false: tạm tính")
    note = serializers.SerializerMethodField(
        help_text="vì sao kết luận chỉ là tạm tính; trống: không phải tạm"
    )

    def get_note(self, row: dict[str, Any]) -> str:
        """Say that its threshold was not compared with the law, or its set not in force."""
        judged_by, awaited = row["inspection__criteria_set"], row["inspection__awaited_set"]
        is_provisional = row["inspection__is_provisional"]
        standing = standing_note(judged_by, awaited, is_provisional=is_provisional)
        return finding_note(standing, is_verified=row["is_verified"])


class FlagRowShape(_OfRecord):
    """One reason to look twice at one record."""

    code = serializers.CharField()
    severity = serializers.SerializerMethodField(help_text="nang, vua, nhe")
    details = serializers.DictField(help_text="con số và mã câu hỏi, không bao giờ có câu trả lời")

    def get_severity(self, row: dict[str, Any]) -> str:
        """Return how severe it is."""
        kind = KINDS.get(row["code"])
        return str(kind.severity) if kind else ""


_RECORD = {
    "instanceId": "uuid:5a3d…",
    "xmlFormId": "kt_18_5",
    "commune": "05443@2025-07-01",
    "visitDate": "2026-05-20",
    "reviewState": "approved",
}
_FINDING = OpenApiExample(
    "một kết luận",
    response_only=True,
    status_codes=["200"],
    value={
        **_RECORD,
        "condition": "A3",
        "status": "dat",
        "deviceStatus": "dat",
        "value": 2.0,
        "isCore": True,
        "isVerified": False,
        "note": "tạm tính – chưa đối chiếu",
    },
)
_FLAG = OpenApiExample(
    "một cờ",
    response_only=True,
    status_codes=["200"],
    value={**_RECORD, "code": "gps_far", "severity": "nang", "details": {"distance_m": 2310}},
)


_SETS = (
    "inspection__criteria_set",
    "inspection__awaited_set",
    "inspection__is_provisional",
)


class Findings(Endpoint):
    """All findings of a project."""

    reads = "form.submission.read"  # the value is a figure of one record

    @extend_schema(
        operation_id="findings",
        summary="Kết luận từng điều kiện của các hồ sơ",
        parameters=[FindingQuery],
        responses={200: FindingRowShape(many=True), **_REFUSED},
        examples=[_FINDING],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return those of the records that the caller reviews, those of the newest record first."""
        membership = people.reviewer(request, project_id)
        asked = asked_of(FindingQuery, request.query_params)
        own = ("condition", "status", "device_status", "value", "is_core", "is_verified", *_SETS)
        found = _page(Kind.FINDING, membership, asked, ("condition", "status"))
        return Response(FindingRowShape(found.values(*_OF_RECORD, *own), many=True).data)


class ProjectFlags(Endpoint):
    """All flags of a project."""

    @extend_schema(
        operation_id="projectFlags",
        summary="Các cờ của các hồ sơ",
        parameters=[FlagQuery],
        responses={200: FlagRowShape(many=True), **_REFUSED},
        examples=[_FLAG],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return those of the records that the caller reviews, those of the newest record first."""
        membership = people.reviewer(request, project_id)
        asked = asked_of(FlagQuery, request.query_params)
        found = _page(Kind.FLAG, membership, asked, ("code",))
        return Response(FlagRowShape(found.values(*_OF_RECORD, "code", "details"), many=True).data)


def _page(
    kind: Kind, membership: Membership, asked: dict[str, Any], own: tuple[str, ...]
) -> QuerySet[Any]:
    chosen = Selection(form_id=asked.get("form", ""), finding=asked.get("condition", ""))
    known.refuse_unknown(membership, chosen)
    forms = Form.objects.filter(project=membership.project_id)
    if "form" in asked:
        forms = forms.filter(form_id=asked["form"])
    judged = judged_list(
        membership,
        kind,
        forms.values_list("pk", flat=True),
        year=asked.get("year"),
        equal={name: asked[name] for name in own if name in asked},
    )
    return judged.part(asked["limit"], skip=asked["offset"])
