"""The JSON of submissions, their review and comments, as ODK Central spells it; with examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from server.submissions.models import ReviewState, Submission
from server.submissions.review import DECISIONS


class SubmissionShape(serializers.Serializer[Submission]):
    """One record (openrosa.md §6.3)."""

    instanceId = serializers.CharField(source="instance_id")
    submitterId = serializers.IntegerField(source="current_version.app_user_id", allow_null=True)
    deviceId = serializers.CharField(source="current_version.device_id")
    userAgent = serializers.CharField(source="current_version.user_agent")
    reviewState = serializers.SerializerMethodField(
        help_text="null: mới nhận; edited, hasIssues, approved, rejected"
    )
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at", allow_null=True)
    currentVersion = serializers.SerializerMethodField(help_text="bản hiện tại")

    def get_reviewState(self, submission: Submission) -> str | None:
        """Give the state as Central does, to which `received` is no state yet."""
        state = submission.review_state
        return None if state == ReviewState.RECEIVED else state

    def get_currentVersion(self, submission: Submission) -> dict[str, str]:
        """Name the version that was looked at, for `seenVersion`."""
        version = submission.current_version
        return {
            "instanceId": version.instance_id if version else "",
            "instanceName": version.instance_name if version else "",
        }


class JudgementShape(serializers.Serializer[Any]):
    """What a person decides."""

    reviewState = serializers.ChoiceField(choices=[str(state) for state in ReviewState])
    reason = serializers.CharField(
        max_length=2000,
        required=False,
        allow_blank=True,
        default="",
        help_text="bắt buộc khi yêu cầu bổ sung, loại, hoặc mở lại hồ sơ đã duyệt",
    )
    seenState = serializers.CharField(
        max_length=20,
        required=False,
        help_text="trạng thái lúc bạn xem; khác thì không ghi quyết định",
    )
    seenVersion = serializers.CharField(
        max_length=255, required=False, help_text="instanceId của bản bạn đã xem"
    )


class RemarkShape(serializers.Serializer[Any]):
    """What a person remarks."""

    body = serializers.CharField(max_length=10_000)
    path = serializers.CharField(
        max_length=1_000,
        required=False,
        allow_blank=True,
        default="",
        help_text="câu hỏi mà nhận xét nói đến, ví dụ a/a3_key_f; trống: cả hồ sơ",
    )


class CommentShape(RemarkShape):
    """One remark, with who made it."""

    actorId = serializers.IntegerField(source="by_id")
    actorName = serializers.CharField(source="by.display_name")
    createdAt = serializers.DateTimeField(source="at")


class ReviewEventShape(serializers.Serializer[Any]):
    """One decision in the history."""

    fromState = serializers.CharField(source="from_state")
    toState = serializers.CharField(source="to_state")
    reason = serializers.CharField()
    versionInstanceId = serializers.CharField(source="version.instance_id")
    actorId = serializers.IntegerField(source="by_id")
    actorName = serializers.CharField(source="by.display_name")
    createdAt = serializers.DateTimeField(source="at")


_ID = "uuid:5a3d1c3e-2f0f-4a53-8f8e-1d1d8d4f2b10"
_SUBMISSION = {
    "instanceId": _ID,
    "submitterId": 12,
    "deviceId": "collect:abc",
    "userAgent": "org.odk.collect.android/v2026.3.0",
    "reviewState": "hasIssues",
    "createdAt": "2026-06-11T09:12:44Z",
    "updatedAt": None,
    "currentVersion": {"instanceId": _ID, "instanceName": "Xã Phú Lương 2026-06-11"},
}
SUBMISSION = OpenApiExample(
    "một hồ sơ", response_only=True, status_codes=["200"], value=_SUBMISSION
)
JUDGEMENT = OpenApiExample(
    "yêu cầu bổ sung",
    request_only=True,
    value={
        "reviewState": str(DECISIONS[1]),
        "reason": "Thiếu ảnh quyết định kiện toàn ban chỉ đạo.",
        "seenState": "received",
        "seenVersion": _ID,
    },
)
_COMMENT = {"body": "Số ở câu A4 khác báo cáo của Hội.", "path": "a/a4_got"}
COMMENT = OpenApiExample("nhận xét về một câu", request_only=True, value=_COMMENT)
COMMENTED = OpenApiExample(
    "nhận xét",
    response_only=True,
    status_codes=["200"],
    value={
        **_COMMENT,
        "actorId": 3,
        "actorName": "Chị Hoa",
        "createdAt": "2026-06-12T01:30:00Z",
    },
)
EVENT = OpenApiExample(
    "một quyết định",
    response_only=True,
    status_codes=["200"],
    value={
        "fromState": "received",
        "toState": "hasIssues",
        "reason": "Thiếu ảnh quyết định kiện toàn ban chỉ đạo.",
        "versionInstanceId": _ID,
        "actorId": 3,
        "actorName": "Chị Hoa",
        "createdAt": "2026-06-12T01:31:00Z",
    },
)
