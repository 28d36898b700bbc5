"""Conflicts of entities: what crossed, or may not be said, and what people decide about it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api.endpoint import Endpoint, asked_of, checked
from server.api.schema import refusals
from server.api.shapes import PageQuery
from server.entities import conflicts
from server.entities.conflicts import Choice, Side, Verdict
from server.entities.models import EntityVersion
from server.entities.problems import (
    ConflictDecided,
    ConflictReasonMissing,
    ConflictUnknown,
    EntityVersionDiffers,
    PropertyUndisputed,
)
from server.entities.recommendation_problems import (
    RecommendationDueOutOfBounds,
    RecommendationEvidenceMissing,
    RecommendationPersonal,
    RecommendationStepRefused,
)
from server.inspections import entity_review

_CALLER = (problems.Unauthenticated, problems.NotFound)


class ConflictQuery(PageQuery):
    """Which ones are asked for."""

    list = serializers.CharField(max_length=255, required=False, default="")
    decided = serializers.BooleanField(
        default=False, help_text="true: đã quyết định; bỏ trống: còn chờ"
    )


class ConflictShape(serializers.Serializer[Any]):
    """One version in conflict."""

    id = serializers.IntegerField(source="pk")
    list = serializers.CharField(source="entity.entity_list.name")
    uuid = serializers.UUIDField(source="entity.uuid")
    label = serializers.CharField(  # type: ignore[assignment]  # Field has one of another meaning
        source="entity.label"
    )
    kind = serializers.CharField(source="conflict", help_text="soft, hard hoặc rule")
    rule = serializers.CharField(allow_blank=True, help_text="mã quy tắc mà bản này không theo")
    version = serializers.IntegerField(source="number", help_text="bản xung đột")
    currentVersion = serializers.IntegerField(
        source="entity.version", help_text="gửi lại ở seenVersion khi quyết định"
    )
    by = serializers.CharField()
    at = serializers.DateTimeField()
    decidedAt = serializers.DateTimeField(source="decided_at", allow_null=True)
    decidedBy = serializers.SerializerMethodField()
    decidedIn = serializers.IntegerField(
        source="decided_in", allow_null=True, help_text="bản mà quyết định đã tạo"
    )

    def get_decidedBy(self, version: EntityVersion) -> str:
        """Name who decided."""
        return version.decided_by.display_name if version.decided_by else ""


class DifferenceShape(serializers.Serializer[Any]):
    """One property."""

    property = serializers.CharField(source="name")
    base = serializers.CharField(allow_null=True, help_text="ở bản mà cả hai bên xuất phát")
    ours = serializers.CharField(allow_null=True, help_text="đang có khi bản cập nhật đến")
    theirs = serializers.CharField(allow_null=True, help_text="bản cập nhật ghi")
    now = serializers.CharField(allow_null=True, help_text="hiện nay")
    disputed = serializers.BooleanField(source="is_disputed")


class ConflictDetailShape(ConflictShape):
    """One with its two sides."""

    differences = DifferenceShape(many=True)


class ConflictVerdictShape(serializers.Serializer[Any]):
    """What a person decides about a conflict."""

    decision = serializers.ChoiceField(choices=[str(choice) for choice in Choice])
    reason = serializers.CharField(max_length=2000, allow_blank=True)
    seenVersion = serializers.IntegerField(min_value=1, help_text="currentVersion bạn đã xem")
    take = serializers.DictField(
        child=serializers.ChoiceField(choices=[str(side) for side in Side]),
        required=False,
        default=dict,
        help_text="khi merge: {trường: ours hoặc theirs}",
    )
    values = serializers.DictField(
        child=serializers.CharField(max_length=4000, allow_blank=True),
        required=False,
        default=dict,
        help_text="khi merge: {trường: giá trị mới} khi cả hai bên đều không đúng",
    )


_ONE = {
    "id": 12,
    "list": "kien_nghi",
    "uuid": "0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f",
    "label": "A4. Tập huấn",
    "kind": "hard",
    "rule": "",
    "version": 3,
    "currentVersion": 3,
    "by": "u2",
    "at": "2026-06-12T01:30:00Z",
    "decidedAt": None,
    "decidedBy": "",
    "decidedIn": None,
}
_DETAIL = {
    **_ONE,
    "differences": [
        {
            "property": "trang_thai",
            "base": "moi",
            "ours": "dang_thuc_hien",
            "theirs": "hoan_thanh",
            "now": "hoan_thanh",
            "disputed": True,
        }
    ],
}
_EXAMPLE = OpenApiExample(
    "hai máy sửa cùng lúc", response_only=True, status_codes=["200"], value=_ONE
)
_SIDES = OpenApiExample("hai bên", response_only=True, status_codes=["200"], value=_DETAIL)
_VERDICT = OpenApiExample(
    "gộp",
    request_only=True,
    value={
        "decision": "merge",
        "take": {"trang_thai": "theirs"},
        "reason": "Đã xem báo cáo của xã.",
        "seenVersion": 3,
    },
)


class Conflicts(Endpoint):
    """All of a project's that the caller may decide about."""

    @extend_schema(
        operation_id="conflicts",
        summary="Xung đột của bản ghi: hai máy sửa cùng lúc, hoặc bước không hợp lệ",
        parameters=[ConflictQuery],
        responses={
            200: ConflictShape(many=True),
            **refusals(
                *_CALLER,
                problems.ParameterInvalid(field="limit", reason="Giá trị phải từ 1 đến 250."),
            ),
        },
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return what waits for a decision, oldest first; `?decided=true`: what no longer does."""
        membership = people.reviewer(request, project_id)
        asked = asked_of(ConflictQuery, request.query_params)
        rows = entity_review.conflicts_within(membership, is_decided=asked["decided"])
        if asked["list"]:
            rows = rows.filter(entity__entity_list__name=asked["list"])
        rows = rows.select_related("entity__entity_list", "decided_by").order_by("pk")
        page = rows[asked["offset"] : asked["offset"] + asked["limit"]]
        return Response(ConflictShape(list(page), many=True).data)


class OneConflict(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="conflict",
        summary="Một xung đột, hai bên cạnh nhau",
        responses={200: ConflictDetailShape, **refusals(*_CALLER, ConflictUnknown)},
        examples=[_SIDES],
    )
    def get(self, request: Request, project_id: int, conflict_id: int) -> Response:
        """Return both sides, property by property."""
        membership = people.reviewer(request, project_id)
        return Response(_detail(entity_review.conflict(membership, conflict_id)))

    @extend_schema(
        operation_id="decideConflict",
        summary="Quyết định: giữ bên đang có, lấy bên cập nhật, hoặc gộp",
        request=ConflictVerdictShape,
        responses={
            200: ConflictDetailShape,
            **refusals(
                *_CALLER,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="decision", reason="Trường này là bắt buộc."),
                ConflictUnknown,
                ConflictReasonMissing,
                ConflictDecided(by="Chị Hoa", at="2026-06-12 01:30 UTC"),
                EntityVersionDiffers(current=4),
                PropertyUndisputed(property="han"),
                RecommendationDueOutOfBounds(first="20/05/2026", last="12/06/2031"),
                RecommendationPersonal,
                RecommendationEvidenceMissing,
                RecommendationStepRefused(from_state="hoan_thanh", to_state="chuyen_ky"),
            ),
        },
        examples=[_VERDICT, _SIDES],
    )
    def post(self, request: Request, project_id: int, conflict_id: int) -> Response:
        """Decide, as a new version; the same decision again changes nothing, another is refused."""
        membership = people.reviewer(request, project_id)
        asked = checked(ConflictVerdictShape(data=request.data))
        verdict = Verdict(
            Choice(asked["decision"]),
            membership.user,
            asked["reason"],
            asked["seenVersion"],
            {name: Side(side) for name, side in asked["take"].items()},
            asked["values"],
        )
        entity_review.decide(membership, conflict_id, verdict)
        return Response(_detail(entity_review.conflict(membership, conflict_id)))


def _detail(version: EntityVersion) -> dict[str, Any]:
    sides = DifferenceShape(conflicts.differences(version), many=True).data
    return {**ConflictShape(version).data, "differences": sides}
