"""The flags of one submission, and what people say about them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import problems
from server.api.endpoint import Endpoint, checked
from server.api.people import reviewer
from server.api.schema import refusals
from server.inspections import derive, flag_review
from server.inspections import review as scoped
from server.inspections.flag_kinds import Severity
from server.inspections.flag_review import Justification
from server.inspections.problems import FlagReasonMissing, FlagUnknown, WordsPersonal
from server.submissions.problems import ReviewOfOwn, ReviewVersionOutdated, SubmissionUnknown

_UNKNOWN = (
    problems.Unauthenticated,
    problems.NotFound,
    SubmissionUnknown(instance_id="uuid:5a3d…"),
)


class FlagDecisionShape(serializers.Serializer[Any]):
    """What a person said about a flag."""

    justification = serializers.CharField()
    actorId = serializers.IntegerField(source="by_id")
    actorName = serializers.CharField(source="by.display_name")
    createdAt = serializers.DateTimeField(source="at")


class FlagShape(serializers.Serializer[Any]):
    """One reason to look twice."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(
        choices=[str(severity) for severity in Severity],
        source="kind.severity",
        help_text="nang: phải xử lý trước khi duyệt; vua; nhe",
    )
    label = serializers.DictField(  # type: ignore[assignment]  # Field has one of another meaning
        child=serializers.CharField(), source="kind.label"
    )
    advice = serializers.DictField(child=serializers.CharField(), source="kind.advice")
    details = serializers.DictField(help_text="con số và mã câu hỏi, không bao giờ có câu trả lời")
    decision = FlagDecisionShape(allow_null=True, help_text="null: chưa ai xử lý")


class JustificationShape(serializers.Serializer[Any]):
    """Why a flag need not stop anybody."""

    justification = serializers.CharField(max_length=2000, allow_blank=True)
    confirmed = serializers.BooleanField(
        required=False, default=False, help_text="đã xem lại: lý do không nêu thông tin cá nhân"
    )
    seenVersion = serializers.CharField(
        max_length=255, required=False, help_text="instanceId của bản bạn đã xem"
    )


_FLAG = {
    "code": "gps_far",
    "severity": "nang",
    "label": {
        "vi": "Tọa độ nằm xa xã đã khai.",
        "en": "The point lies far from the declared commune.",
    },
    "advice": {
        "vi": "Kiểm tra xã đã chọn; nếu làm việc ở nơi khác thì ghi lý do.",
        "en": "Check which commune was chosen; if the work was done elsewhere, say why.",
    },
    "details": {
        "outside_m": 2140,
        "allowed_m": 500,
        "located": "05500@2025-07-01",
        "is_schematic": False,
    },
    "decision": {
        "justification": "Làm việc tại trụ sở cũ, đã đối chiếu ảnh.",
        "actorId": 3,
        "actorName": "Chị Hoa",
        "createdAt": "2026-06-12T01:30:00Z",
    },
}
_EXAMPLE = OpenApiExample(
    "tọa độ xa xã, đã xử lý", response_only=True, status_codes=["200"], value=_FLAG
)
_JUSTIFICATION = OpenApiExample(
    "lý do",
    request_only=True,
    value={"justification": "Làm việc tại trụ sở cũ, đã đối chiếu ảnh."},
)


class Flags(Endpoint):
    """Why somebody should look twice at one record."""

    @extend_schema(
        operation_id="flags",
        summary="Các cảnh báo của một hồ sơ",
        responses={200: FlagShape(many=True), **refusals(*_UNKNOWN)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return them, the most severe first."""
        submission = scoped.find(reviewer(request, project_id), form_id, instance_id)
        return Response(FlagShape(flag_review.of(submission), many=True).data)


class OneFlag(Endpoint):
    """What a person says about one flag."""

    @extend_schema(
        operation_id="justifyFlag",
        summary="Ghi lý do xử lý một cảnh báo",
        request=JustificationShape,
        responses={
            200: FlagShape,
            **refusals(
                *_UNKNOWN,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="justification", reason="Trường này là bắt buộc."),
                FlagUnknown(flag="gps_far"),
                FlagReasonMissing,
                WordsPersonal(words="«Nguyễn Thị Hoa»"),
                ReviewOfOwn,
                ReviewVersionOutdated(received_at="2026-06-12 01:30 UTC"),
            ),
        },
        examples=[_JUSTIFICATION, _EXAMPLE],
    )
    def put(
        self, request: Request, project_id: int, form_id: str, instance_id: str, code: str
    ) -> Response:
        """Justify it; saying the same again changes nothing."""
        membership = reviewer(request, project_id)
        submission = scoped.find(membership, form_id, instance_id)
        asked = checked(JustificationShape(data=request.data))
        said = Justification(
            membership.user,
            asked["justification"],
            asked.get("seenVersion", ""),
            is_confirmed=asked["confirmed"],
        )
        standing = flag_review.justify(submission.pk, code, said)
        derive.attempt(submission.pk)  # what waited for this look
        return Response(FlagShape(standing).data)
