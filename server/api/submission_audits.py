"""What happened to one submission, as Central tells it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api.endpoint import Endpoint
from server.api.errors import language
from server.api.moments import written
from server.api.schema import refusals
from server.api.submissions import UNKNOWN, found
from server.api.submissions_shapes import EXTENDED, ActorShape, actor, is_extended
from server.inspections import submission_history


class SubmissionAuditShape(serializers.Serializer[Any]):
    """One thing that happened to a submission."""

    action = serializers.CharField(help_text="submission.create, submission.update.version …")
    actorId = serializers.IntegerField(help_text="máy hoặc người; 0: không rõ")
    loggedAt = serializers.CharField()
    notes = serializers.CharField(allow_null=True, help_text="lý do")
    details = serializers.DictField()
    actor = ActorShape(
        required=False, allow_null=True, help_text="chỉ với X-Extended-Metadata; null: không rõ"
    )


_AUDIT = OpenApiExample(
    "đã duyệt",
    response_only=True,
    status_codes=["200"],
    value={
        "action": "submission.update",
        "actorId": 3,
        "loggedAt": "2026-06-12T01:31:00.000Z",
        "notes": None,
        "details": {"reviewState": "approved", "versionInstanceId": "uuid:5a3d…"},
    },
)


class SubmissionAudits(Endpoint):
    """Who did what."""

    @extend_schema(
        operation_id="submissionAudits",
        summary="Ai đã làm gì với một hồ sơ, khi nào",
        parameters=[EXTENDED],
        responses={200: SubmissionAuditShape(many=True), **refusals(*UNKNOWN)},
        examples=[_AUDIT],
    )
    def get(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Return it, the newest first: sent, edited, completed, decided, and done to entities."""
        _, submission = found(request, project_id, form_id, instance_id)
        extended = is_extended(request)
        return Response(
            [
                {
                    "action": act.action,
                    "actorId": act.by.pk if act.by else 0,
                    "loggedAt": written(act.at),
                    "notes": act.notes or None,
                    "details": act.details,
                    **({"actor": actor(act.by) if act.by else None} if extended else {}),
                }
                for act in submission_history.acts(submission, language(request))
            ]
        )
