"""Keys for scripts: making them, seeing how they are used, taking them back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems
from server.api.endpoint import Endpoint, checked
from server.api.moments import Moment
from server.api.schema import refusals
from server.api.shapes import Done
from server.projects import api_keys
from server.projects.api_keys import Wanted
from server.projects.models import ApiKey, Membership, Role
from server.projects.problems import (
    ApiKeyByKey,
    ApiKeyLifeRefused,
    ApiKeyTellsOthers,
    ApiKeyTooStrong,
    ApiKeyUnknown,
)

_CALLER = (problems.Unauthenticated, problems.NotFound, ApiKeyByKey)
_ROLES = [
    (str(Role.MANAGER), "quản lý"),
    (str(Role.SUPERVISOR), "giám sát"),
    (str(Role.VIEWER), "chỉ xem"),
]


class ApiKeyShape(serializers.Serializer[Any]):
    """One key, without the key itself."""

    id = serializers.IntegerField(source="pk")
    projectId = serializers.IntegerField(source="project_id")
    ownerId = serializers.IntegerField(source="owner_id")
    displayName = serializers.CharField(source="name")
    role = serializers.ChoiceField(choices=_ROLES, help_text="không hơn vai trò của người tạo")
    readOnly = serializers.BooleanField(source="is_read_only")
    createdAt = Moment(source="created_at")
    expiresAt = Moment(source="expires_at")
    lastUsed = Moment(source="last_used_at", allow_null=True)
    token = serializers.SerializerMethodField(help_text="chỉ có khi vừa tạo; về sau để trống")

    def get_token(self, key: ApiKey) -> str:
        """Give no key: only its SHA-256 is kept."""
        return ""


class NewApiKeyQuery(serializers.Serializer[Any]):
    """What is to be made."""

    displayName = serializers.CharField(max_length=100, help_text="để nhận ra khóa, ví dụ Power BI")
    role = serializers.ChoiceField(choices=_ROLES, default=str(Role.VIEWER))
    readOnly = serializers.BooleanField(default=True, help_text="true: chỉ đọc")
    expiresAt = serializers.DateTimeField(help_text="hết hạn lúc nào; nhiều nhất 366 ngày nữa")


_ONE = {
    "id": 4,
    "projectId": 1,
    "ownerId": 3,
    "displayName": "Power BI",
    "role": "viewer",
    "readOnly": True,
    "createdAt": "2026-05-20T03:00:00.000Z",
    "expiresAt": "2027-05-20T03:00:00.000Z",
    "lastUsed": None,
    "token": "",
}
_EXAMPLE = OpenApiExample("một khóa", response_only=True, status_codes=["200"], value=_ONE)
_NEW = OpenApiExample(
    "vừa tạo", response_only=True, status_codes=["200"], value={**_ONE, "token": "sxk_q4…"}
)
_ASKED = OpenApiExample(
    "một khóa chỉ đọc",
    request_only=True,
    value={"displayName": "Power BI", "expiresAt": "2027-05-20T03:00:00Z"},
)


class ApiKeys(Endpoint):
    """Those of a project."""

    @extend_schema(
        operation_id="apiKeys",
        summary="Các khóa API còn dùng được",
        responses={200: ApiKeyShape(many=True), **refusals(*_CALLER)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return one's own, for managers all of the project's, the newest first."""
        found = api_keys.listed(_member(request, project_id))
        return Response(ApiKeyShape(found, many=True).data)

    @extend_schema(
        operation_id="makeApiKey",
        summary="Tạo khóa API cho một chương trình máy tính",
        request=NewApiKeyQuery,
        responses={
            200: ApiKeyShape,
            **refusals(
                *_CALLER,
                ApiKeyTooStrong(role="manager", own="viewer"),
                ApiKeyTellsOthers,
                ApiKeyLifeRefused(most_days=366),
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="expiresAt", reason="Trường này là bắt buộc."),
            ),
        },
        examples=[_ASKED, _NEW],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Make one for oneself; the key is told now and never again."""
        membership = _member(request, project_id)
        asked = checked(NewApiKeyQuery(data=request.data))
        wanted = Wanted(
            asked["displayName"], Role(asked["role"]), asked["readOnly"], asked["expiresAt"]
        )
        made = api_keys.create(membership, wanted)
        return Response({**ApiKeyShape(made.api_key).data, "token": made.token})


class OneApiKey(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="revokeApiKey",
        summary="Thu hồi một khóa API",
        responses={200: Done, **refusals(*_CALLER, ApiKeyUnknown)},
        examples=[examples.DONE],
    )
    def delete(self, request: Request, project_id: int, api_key_id: int) -> Response:
        """Take it back, at once."""
        api_keys.revoke(_member(request, project_id), api_key_id)
        return Response({"success": True})


def _member(request: Request, project_id: int) -> Membership:
    """Return the caller's membership; a script makes no keys and sees none."""
    membership = people.member(request, project_id)
    if membership.user.api_key is not None:
        raise ApiKeyByKey
    return membership
