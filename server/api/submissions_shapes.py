"""The JSON of submissions, their review and comments, as ODK Central spells it; with examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from server.api.moments import Moment, written
from server.inspections.submission_desk import Told
from server.projects.models import AppUser, User
from server.submissions.models import Comment, ReviewState, SubmissionVersion
from server.submissions.review import DECISIONS

EXTENDED = OpenApiParameter(
    "X-Extended-Metadata",
    bool,
    OpenApiParameter.HEADER,
    description="true: thêm ai đã gửi, và phiên bản biểu",
)
DEVICE_ID = OpenApiParameter("deviceID", str, description="tên máy hoặc chương trình gửi")
CONFIRMED = OpenApiParameter(
    "confirmed", bool, description="true: đã xem lại, lý do không nêu thông tin cá nhân của ai"
)


class ActorShape(serializers.Serializer[Any]):
    """A device or a person, as Central knows both."""

    id = serializers.IntegerField()
    type = serializers.ChoiceField(
        choices=[("field_key", "máy"), ("user", "người")],
        help_text="field_key: máy; user: người. Số của máy và của người là hai dãy riêng",
    )
    displayName = serializers.CharField()
    createdAt = serializers.CharField()
    updatedAt = serializers.CharField(allow_null=True)
    deletedAt = serializers.CharField(allow_null=True)


class SubmissionVersionShape(serializers.Serializer[Any]):
    """One instance as received."""

    instanceId = serializers.CharField()
    instanceName = serializers.CharField(allow_null=True)
    submitterId = serializers.IntegerField(help_text="máy hoặc người đã gửi; 0: không rõ")
    deviceId = serializers.CharField(allow_null=True)
    userAgent = serializers.CharField(allow_null=True)
    createdAt = serializers.CharField(help_text="lúc nhận, UTC, đến mili giây")
    current = serializers.BooleanField()
    submitter = ActorShape(
        required=False, allow_null=True, help_text="khi hỏi với X-Extended-Metadata: true"
    )
    formVersion = serializers.CharField(
        required=False, help_text="khi hỏi với X-Extended-Metadata: true"
    )


class SubmissionShape(serializers.Serializer[Any]):
    """One record (openrosa.md §6.3)."""

    instanceId = serializers.CharField(help_text="của bản đầu tiên, không bao giờ đổi")
    submitterId = serializers.IntegerField(help_text="máy hoặc người đã gửi bản đầu; 0: không rõ")
    deviceId = serializers.CharField(allow_null=True)
    userAgent = serializers.CharField(allow_null=True)
    reviewState = serializers.ChoiceField(
        choices=[str(state) for state in ReviewState if state != ReviewState.RECEIVED],
        allow_null=True,
        help_text="null: mới nhận; edited, hasIssues, approved, rejected",
    )
    createdAt = serializers.CharField(help_text="lúc nhận, UTC, đến mili giây")
    updatedAt = serializers.CharField(allow_null=True, help_text="lúc sửa hoặc duyệt lần cuối")
    deletedAt = serializers.CharField(allow_null=True)
    currentVersion = SubmissionVersionShape(help_text="bản hiện tại")
    submitter = ActorShape(
        required=False, allow_null=True, help_text="khi hỏi với X-Extended-Metadata: true"
    )


def is_extended(request: Request) -> bool:
    """Tell whether a caller asks for who sent it, in full."""
    return str(request.headers.get("X-Extended-Metadata", "")).lower() == "true"


def submission(told: Told, *, is_extended: bool = False) -> dict[str, Any]:
    """Return one record as JSON; to Central `received` is no state yet."""
    row, first = told.submission, told.first
    state = row.review_state
    return {
        "instanceId": row.instance_id,
        **_sent(first, is_extended=is_extended),
        "reviewState": None if state == ReviewState.RECEIVED else state,
        "createdAt": written(row.created_at),
        "updatedAt": written(row.updated_at) if row.updated_at else None,
        "deletedAt": written(row.deleted_at) if row.deleted_at else None,
        "currentVersion": version(told.current, is_current=True, is_extended=is_extended),
    }


def version(
    version: SubmissionVersion, *, is_current: bool, is_extended: bool = False
) -> dict[str, Any]:
    """Return one version as JSON."""
    of_form = {"formVersion": version.form_version.version} if is_extended else {}
    return {
        "instanceId": version.instance_id,
        "instanceName": version.instance_name or None,
        **_sent(version, is_extended=is_extended),
        **of_form,
        "createdAt": written(version.received_at),
        "current": is_current,
    }


def _sent(version: SubmissionVersion, *, is_extended: bool) -> dict[str, Any]:
    by = version.app_user or version.person
    submitter = {"submitter": None if by is None else actor(by)} if is_extended else {}
    return {
        "submitterId": 0 if by is None else by.pk,  # pyodk insists on a number
        "deviceId": version.device_id or None,
        "userAgent": version.user_agent or None,
        **submitter,
    }


def actor(by: AppUser | User) -> dict[str, Any]:
    """Return a device or a person as JSON."""
    revoked_at = by.revoked_at if isinstance(by, AppUser) else None
    return {
        "id": by.pk,
        "type": "field_key" if isinstance(by, AppUser) else "user",
        "displayName": by.display_name,
        "createdAt": written(by.created_at),
        "updatedAt": None,
        "deletedAt": written(revoked_at) if revoked_at else None,
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
    confirmed = serializers.BooleanField(
        required=False, default=False, help_text="đã xem lại: lý do không nêu thông tin cá nhân"
    )
    seenState = serializers.CharField(
        max_length=20,
        required=False,
        help_text="trạng thái lúc bạn xem; khác thì không ghi quyết định",
    )
    seenVersion = serializers.CharField(
        max_length=255, required=False, help_text="instanceId của bản bạn đã xem"
    )


class RemarkedShape(serializers.Serializer[Any]):
    """What a person has remarked."""

    body = serializers.CharField(max_length=10_000)
    path = serializers.CharField(
        max_length=1_000,
        required=False,
        allow_blank=True,
        default="",
        help_text="câu hỏi mà nhận xét nói đến, ví dụ a/a3_key_f; trống: cả hồ sơ",
    )


class RemarkShape(RemarkedShape):
    """What a person remarks."""

    confirmed = serializers.BooleanField(
        required=False, default=False, help_text="đã xem lại: không nêu thông tin cá nhân"
    )


class CommentShape(RemarkedShape):
    """One remark, with who made it."""

    actorId = serializers.IntegerField()
    actorName = serializers.CharField()
    createdAt = serializers.CharField(help_text="UTC, đến mili giây")
    actor = ActorShape(required=False, help_text="khi hỏi với X-Extended-Metadata: true")


def comment(said: Comment, *, is_extended: bool = False) -> dict[str, Any]:
    """Return one remark as JSON."""
    by = {"actor": actor(said.by)} if is_extended else {}
    return {
        "body": said.body,
        "path": said.path,
        "actorId": said.by_id,
        "actorName": said.by.display_name,
        "createdAt": written(said.at),
        **by,
    }


class ReviewEventShape(serializers.Serializer[Any]):
    """One decision in the history."""

    fromState = serializers.CharField(source="from_state")
    toState = serializers.CharField(source="to_state")
    reason = serializers.CharField()
    versionInstanceId = serializers.CharField(source="version.instance_id")
    actorId = serializers.IntegerField(source="by_id")
    actorName = serializers.CharField(source="by.display_name")
    createdAt = Moment(source="at")


_ID = "uuid:5a3d1c3e-2f0f-4a53-8f8e-1d1d8d4f2b10"
_SENT = {
    "instanceId": _ID,
    "submitterId": 12,
    "deviceId": "collect:abc",
    "userAgent": "org.odk.collect.android/v2026.3.0",
    "createdAt": "2026-06-11T09:12:44.120Z",
}
_VERSION = {**_SENT, "instanceName": "Xã Phú Lương 2026-06-11", "current": True}
_SUBMISSION = {
    **_SENT,
    "reviewState": "hasIssues",
    "updatedAt": None,
    "deletedAt": None,
    "currentVersion": _VERSION,
}
VERSION = OpenApiExample("một bản", response_only=True, status_codes=["200"], value=_VERSION)
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
        "createdAt": "2026-06-12T01:30:00.000Z",
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
        "createdAt": "2026-06-12T01:31:00.000Z",
    },
)
ACTOR = OpenApiExample(
    "một máy",
    response_only=True,
    status_codes=["200"],
    value={
        "id": 12,
        "type": "field_key",
        "displayName": "Chị Lan",
        "createdAt": "2026-05-02T02:00:00.000Z",
        "updatedAt": None,
        "deletedAt": None,
    },
)
