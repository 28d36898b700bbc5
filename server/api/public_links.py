"""Links to one form that may be given to anybody: `public-links`, by Central's addresses."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems
from server.api.app_users import with_makers
from server.api.endpoint import Endpoint, checked
from server.api.forms import UNKNOWN
from server.api.moments import Moment
from server.api.paths import base_url
from server.api.projects import EXTENDED, is_extended
from server.api.schema import refusals
from server.api.shapes import Done
from server.forms import register
from server.projects import public_links
from server.projects.device_setup import setup
from server.projects.models import AppUser, Membership
from server.projects.problems import AppUserUnknown


class PublicLinkShape(serializers.Serializer[Any]):
    """One link, without its key."""

    id = serializers.IntegerField(source="pk")
    type = serializers.SerializerMethodField()
    displayName = serializers.CharField(source="display_name")
    once = serializers.BooleanField(
        source="takes_once", help_text="mỗi điện thoại hoặc trình duyệt chỉ gửi được một phiếu"
    )
    createdAt = Moment(source="created_at")
    updatedAt = serializers.SerializerMethodField(help_text="luôn null")
    deletedAt = Moment(source="revoked_at", allow_null=True)
    expiresAt = Moment(source="expires_at", allow_null=True)
    token = serializers.SerializerMethodField(help_text="chỉ có khi vừa tạo; về sau để trống")

    def get_type(self, link: AppUser) -> str:
        """Give Central's word for links."""
        return "public_link"

    def get_updatedAt(self, link: AppUser) -> str | None:
        """Give nothing: it is not kept."""
        return None

    def get_token(self, link: AppUser) -> str:
        """Give no key: only its SHA-256 is kept."""
        return ""


class NewPublicLinkShape(PublicLinkShape):
    """A link that was just made, on the only occasion that it can be read."""

    serverUrl = serializers.CharField(help_text="địa chỉ máy chủ cho Collect")


class NewPublicLinkQuery(serializers.Serializer[Any]):
    """What is to be made."""

    displayName = serializers.CharField(max_length=255)
    once = serializers.BooleanField(default=False)
    expiresAt = serializers.DateTimeField(required=False, allow_null=True, default=None)


_ONE = {
    "id": 31,
    "type": "public_link",
    "displayName": "Khảo sát hộ",
    "once": True,
    "createdAt": "2026-05-20T03:00:00.000Z",
    "updatedAt": None,
    "deletedAt": None,
    "expiresAt": None,
    "token": "",
}
_EXAMPLE = OpenApiExample("một liên kết", response_only=True, status_codes=["200"], value=_ONE)
_NEW = OpenApiExample(
    "vừa tạo",
    response_only=True,
    status_codes=["200"],
    value={
        **_ONE,
        "token": "q4!…",
        "serverUrl": "https://khaosat.example.vn/v1/key/q4!…/projects/1",
    },
)
_ASKED = OpenApiExample(
    "gửi một lần", request_only=True, value={"displayName": "Khảo sát hộ", "once": True}
)


class PublicLinks(Endpoint):
    """All of a form's."""

    @extend_schema(
        operation_id="publicLinks",
        summary="Các liên kết công khai của một biểu còn dùng được",
        parameters=[EXTENDED],
        responses={200: PublicLinkShape(many=True), **refusals(*UNKNOWN)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return those that were not taken back, the newest first, for managers."""
        _manager(request, project_id, form_id)
        shown = PublicLinkShape(public_links.listed(project_id, form_id), many=True).data
        if not is_extended(request):
            return Response(shown)
        return Response(with_makers(project_id, shown, "public_link.create"))

    @extend_schema(
        operation_id="makePublicLink",
        summary="Tạo liên kết công khai cho một biểu",
        request=NewPublicLinkQuery,
        responses={
            200: NewPublicLinkShape,
            **refusals(
                *UNKNOWN,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="displayName", reason="Trường này là bắt buộc."),
            ),
        },
        examples=[_ASKED, _NEW],
    )
    def post(self, request: Request, project_id: int, form_id: str) -> Response:
        """Make one; whoever has it may fetch the form and send, and nothing else."""
        by = _manager(request, project_id, form_id)
        asked = checked(NewPublicLinkQuery(data=request.data))
        made = public_links.create(
            by.project,
            form_id,
            name=asked["displayName"],
            expires_at=asked["expiresAt"],
            takes_once=asked["once"],
            by=people.actor(request),
        )
        told = {"token": made.token, "serverUrl": setup(made, base_url(request)).url}
        return Response({**PublicLinkShape(made.app_user).data, **told})


class OnePublicLink(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="publicLink",
        summary="Một liên kết công khai",
        responses={200: PublicLinkShape, **refusals(*UNKNOWN, AppUserUnknown(id=31))},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int, form_id: str, link_id: int) -> Response:
        """Return it, taken back or not, for managers."""
        _manager(request, project_id, form_id)
        return Response(PublicLinkShape(public_links.find(project_id, form_id, link_id)).data)

    @extend_schema(
        operation_id="revokePublicLink",
        summary="Thu hồi một liên kết công khai",
        responses={200: Done, **refusals(*UNKNOWN, AppUserUnknown(id=31))},
        examples=[examples.DONE],
    )
    def delete(self, request: Request, project_id: int, form_id: str, link_id: int) -> Response:
        """Take it back, at once; what was sent by it stays."""
        _manager(request, project_id, form_id)
        public_links.revoke(project_id, form_id, link_id, people.actor(request))
        return Response({"success": True})


def _manager(request: Request, project_id: int, form_id: str) -> Membership:
    by = people.manager(request, project_id)
    register.version(project_id, form_id)  # no link leads to what was never published
    return by
