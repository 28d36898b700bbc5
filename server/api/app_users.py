"""The keys of devices, as ODK Central's clients ask for them: `app-users` (openrosa.md §6.1)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems
from server.api.endpoint import Endpoint, checked
from server.api.moments import Moment
from server.api.paths import base_url
from server.api.projects import EXTENDED, is_extended
from server.api.schema import refusals
from server.api.shapes import Done
from server.api.submissions_shapes import actor
from server.projects import accounts, audit_reading, device_acts, qr
from server.projects.accounts import NewAppUser
from server.projects.device_setup import setup
from server.projects.models import AppUser
from server.projects.problems import AppUserUnknown

_CALLER = (problems.Unauthenticated, problems.NotFound)


class AppUserShape(serializers.Serializer[Any]):
    """One device's key, without the key itself."""

    projectId = serializers.IntegerField(source="project_id")
    id = serializers.IntegerField(source="pk")
    type = serializers.SerializerMethodField()
    displayName = serializers.CharField(source="display_name")
    createdAt = Moment(source="created_at")
    updatedAt = serializers.SerializerMethodField(help_text="luôn null")
    deletedAt = Moment(source="revoked_at", allow_null=True)
    token = serializers.SerializerMethodField(help_text="chỉ có khi vừa cấp; về sau để trống")

    def get_type(self, app_user: AppUser) -> str:
        """Give Central's word for devices."""
        return "field_key"

    def get_updatedAt(self, app_user: AppUser) -> str | None:
        """Give nothing: it is not kept."""
        return None

    def get_token(self, app_user: AppUser) -> str | None:
        """Give no key: only its SHA-256 is kept.

        Not null, by which Central means one that was taken back, and pyodk would make another.
        """
        return "" if app_user.revoked_at is None else None


class AppUserDetailShape(AppUserShape):
    """The same, with how it fares."""

    lastUsed = Moment(source="last_seen_at", allow_null=True)
    expiresAt = Moment(source="expires_at", allow_null=True)
    opensAllForms = serializers.BooleanField(source="opens_all_forms")
    forms = serializers.ListField(child=serializers.CharField(), source="form_ids")


def with_makers(
    project_id: int, rows: Iterable[dict[str, Any]], action: str
) -> list[dict[str, Any]]:
    """Return devices or links as JSON with `createdBy`: null where a command made them."""
    makers = audit_reading.first_people(project_id, "app_user", (action,))
    found = ((row, makers.get(str(row["id"]))) for row in rows)
    return [{**row, "createdBy": actor(maker) if maker else None} for row, maker in found]


class NewAppUserQuery(serializers.Serializer[Any]):
    """What is to be made."""

    displayName = serializers.CharField(max_length=255)
    opensAllForms = serializers.BooleanField(
        required=False, default=False, help_text="true: mở mọi biểu; false: chỉ biểu được giao"
    )


class PictureQuery(serializers.Serializer[Any]):
    """Which picture of the code that the phone scans is wanted."""

    qr = serializers.ChoiceField(choices=("png", "svg"), required=False)


class NewAppUserShape(AppUserShape):
    """A device that was just made, on the only occasion that its key can be read."""

    serverUrl = serializers.CharField(required=False, help_text="khi hỏi qr: địa chỉ cho Collect")
    qr = serializers.CharField(required=False, help_text="PNG dạng base64, hoặc SVG, như đã hỏi")


_ONE = {
    "projectId": 1,
    "id": 12,
    "type": "field_key",
    "displayName": "Chị Lan",
    "createdAt": "2026-05-20T03:00:00.000Z",
    "updatedAt": None,
    "deletedAt": None,
    "token": "",
}
_EXAMPLE = OpenApiExample("một thiết bị", response_only=True, status_codes=["200"], value=_ONE)
_NEW = OpenApiExample(
    "vừa cấp", response_only=True, status_codes=["200"], value={**_ONE, "token": "q4!…"}
)
_ASKED = OpenApiExample("một thiết bị", request_only=True, value={"displayName": "Chị Lan"})


class AppUsers(Endpoint):
    """All of a project's."""

    @extend_schema(
        operation_id="appUsers",
        summary="Các thiết bị còn dùng được",
        parameters=[EXTENDED],
        responses={200: AppUserShape(many=True), **refusals(*_CALLER)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return those that were not taken back, the newest first, for managers."""
        people.manager(request, project_id)
        found = living(project_id)
        if not is_extended(request):
            return Response(AppUserShape(found, many=True).data)
        rows = AppUserDetailShape(found, many=True).data
        return Response(with_makers(project_id, rows, "field_key.create"))

    @extend_schema(
        operation_id="makeAppUser",
        summary="Cấp mã cho một thiết bị",
        parameters=[PictureQuery],
        request=NewAppUserQuery,
        responses={
            200: NewAppUserShape,
            **refusals(
                *_CALLER,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="displayName", reason="Trường này là bắt buộc."),
            ),
        },
        examples=[_ASKED, _NEW],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Make a key, told now and never again; it opens the forms that are assigned to it.

        With `qr`, also as the picture that Collect scans to set itself up.
        """
        membership = people.manager(request, project_id)
        asked = checked(NewAppUserQuery(data=request.data))
        picture = checked(PictureQuery(data=request.query_params)).get("qr")
        made = accounts.create_app_user(
            membership.project,
            asked["displayName"],
            form_ids=None if asked["opensAllForms"] else (),
            by=people.actor(request),
        )
        return Response(
            {**_with_key(made), **(_drawn(made, base_url(request), picture) if picture else {})}
        )


class OneAppUser(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="appUser",
        summary="Một thiết bị",
        responses={200: AppUserDetailShape, **refusals(*_CALLER, AppUserUnknown(id=12))},
    )
    def get(self, request: Request, project_id: int, app_user_id: int) -> Response:
        """Return it, taken back or not, with how it fares, for managers."""
        people.manager(request, project_id)
        return Response(AppUserDetailShape(device_acts.find(project_id, app_user_id)).data)

    @extend_schema(
        operation_id="revokeAppUser",
        summary="Thu hồi mã của một thiết bị",
        responses={200: Done, **refusals(*_CALLER, AppUserUnknown(id=12))},
        examples=[examples.DONE],
    )
    def delete(self, request: Request, project_id: int, app_user_id: int) -> Response:
        """Take it back, at once; what the device sent stays."""
        people.manager(request, project_id)
        accounts.revoke_app_user(
            device_acts.find(project_id, app_user_id).pk, people.actor(request)
        )
        return Response({"success": True})


def living(project_id: int) -> QuerySet[AppUser]:
    """Return the devices of a project that were not taken back, the newest first."""
    found = AppUser.objects.inspectors().filter(project=project_id, revoked_at=None)
    return found.order_by("-pk")


def _with_key(made: NewAppUser) -> dict[str, Any]:
    return {**AppUserShape(made.app_user).data, "token": made.token}


def _drawn(made: NewAppUser, base: str, picture: str) -> dict[str, str]:
    ready = setup(made, base)
    drawn = qr.svg(ready.code) if picture == "svg" else b64encode(qr.png(ready.code)).decode()
    return {"serverUrl": ready.url, "qr": drawn}
