"""Webhooks: addresses that are told of events, what they were told, and trying them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems
from server.api.endpoint import Endpoint, asked_of, checked
from server.api.moments import Moment
from server.api.schema import refusals
from server.api.shapes import Done
from server.hooks import desk
from server.hooks.desk import Made, Wish
from server.hooks.models import EVENTS, Event
from server.hooks.problems import (
    DeliveryUnknown,
    WebhookInactive,
    WebhooksFull,
    WebhookTaken,
    WebhookUnknown,
    WebhookUrl,
)

_CALLER = (problems.Unauthenticated, problems.NotFound)
_ONE = (*_CALLER, WebhookUnknown(id=3))
_BODY = (
    problems.BodyMalformed,
    problems.BodyTooLarge(most_bytes=250_000),
    problems.MediaTypeUnsupported,
    problems.ParameterInvalid(field="events", reason="«x» không phải là lựa chọn."),
    WebhookUrl,
    WebhookTaken,
)


class WebhookShape(serializers.Serializer[Any]):
    """A webhook, without its secret."""

    id = serializers.IntegerField(source="pk")
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(EVENTS))
    isActive = serializers.BooleanField(source="is_active", help_text="tắt khi chưa bật")
    createdAt = Moment(source="made_at")


class MadeWebhookShape(WebhookShape):
    """A webhook with its secret, told this once."""

    secret = serializers.CharField(help_text="khóa để kiểm tra chữ ký; chỉ hiện lần này")


class DeliveryShape(serializers.Serializer[Any]):
    """One thing that an address was told, or is owed."""

    id = serializers.IntegerField(source="pk")
    event = serializers.ChoiceField(tuple(Event))
    at = Moment(help_text="lúc sự kiện xảy ra")
    attempts = serializers.IntegerField()
    lastAt = Moment(source="last_at", allow_null=True)
    lastStatus = serializers.IntegerField(source="last_status", allow_null=True)
    lastFailure = serializers.CharField(source="last_failure", help_text="vì sao chưa gửi được")
    nextAt = Moment(source="next_at", allow_null=True, help_text="null: đã gửi, hoặc đã thôi")
    deliveredAt = Moment(source="told_at", allow_null=True)
    payload = serializers.CharField(help_text="nội dung đã ký và gửi; trống khi chưa gửi")


class NewWebhookQuery(serializers.Serializer[Any]):
    """A webhook to be made."""

    url = serializers.CharField(max_length=2000)
    events = serializers.ListField(child=serializers.ChoiceField(EVENTS), min_length=1)
    isActive = serializers.BooleanField(default=False)


class WebhookQuery(serializers.Serializer[Any]):
    """What is to be different."""

    url = serializers.CharField(max_length=2000, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(EVENTS), min_length=1, required=False
    )
    isActive = serializers.BooleanField(required=False)


class PageQuery(serializers.Serializer[Any]):
    """Which part of a log."""

    limit = serializers.IntegerField(min_value=1, max_value=1000, default=100)
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)


_VALUE = {
    "id": 3,
    "url": "https://nhan.thainguyen.example/so-xa",
    "events": ["submission.created", "review.decided"],
    "isActive": True,
    "createdAt": "2026-05-20T03:00:00.000Z",
}
_ASKED = OpenApiExample(
    "hai loại sự kiện",
    request_only=True,
    value={"url": _VALUE["url"], "events": _VALUE["events"], "isActive": True},
)
_EXAMPLE = OpenApiExample("một webhook", response_only=True, status_codes=["200"], value=_VALUE)
_MADE = OpenApiExample(
    "vừa tạo", response_only=True, status_codes=["200"], value={**_VALUE, "secret": "9f2c…"}
)


class Webhooks(Endpoint):
    """All of a project's."""

    @extend_schema(
        operation_id="webhooks",
        summary="Các webhook của chương trình",
        responses={200: WebhookShape(many=True), **refusals(*_CALLER)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return them, the oldest first, for managers."""
        people.manager(request, project_id)
        return Response(WebhookShape(desk.of(project_id), many=True).data)

    @extend_schema(
        operation_id="makeWebhook",
        summary="Thêm một webhook",
        request=NewWebhookQuery,
        responses={200: MadeWebhookShape, **refusals(*_CALLER, *_BODY, WebhooksFull(most=20))},
        examples=[_ASKED, _MADE],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Make one; its secret is told now and never again."""
        people.manager(request, project_id)
        asked = checked(NewWebhookQuery(data=request.data))
        made = desk.make(project_id, _wish(asked), people.actor(request))
        return Response(_with_secret(made))


class OneWebhook(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="webhook",
        summary="Một webhook",
        responses={200: WebhookShape, **refusals(*_ONE)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int, webhook_id: int) -> Response:
        """Return it, without its secret."""
        people.manager(request, project_id)
        return Response(WebhookShape(desk.find(project_id, webhook_id)).data)

    @extend_schema(
        operation_id="changeWebhook",
        summary="Sửa, bật hoặc tắt một webhook",
        request=WebhookQuery,
        responses={200: WebhookShape, **refusals(*_ONE, *_BODY)},
        examples=[_EXAMPLE],
    )
    def patch(self, request: Request, project_id: int, webhook_id: int) -> Response:
        """Change what is given; what waits goes to the address as it is now."""
        people.manager(request, project_id)
        asked = checked(WebhookQuery(data=request.data))
        changed = desk.change(project_id, webhook_id, _wish(asked), people.actor(request))
        return Response(WebhookShape(changed).data)

    @extend_schema(
        operation_id="removeWebhook",
        summary="Xóa một webhook và nhật ký gửi của nó",
        responses={200: Done, **refusals(*_ONE)},
        examples=[examples.DONE],
    )
    def delete(self, request: Request, project_id: int, webhook_id: int) -> Response:
        """Remove it, with what it is owed."""
        people.manager(request, project_id)
        desk.remove(project_id, webhook_id, people.actor(request))
        return Response({"success": True})


class WebhookSecret(Endpoint):
    """Its secret."""

    @extend_schema(
        operation_id="renewWebhookSecret",
        summary="Đổi khóa chữ ký của một webhook",
        request=None,
        responses={200: MadeWebhookShape, **refusals(*_ONE)},
        examples=[_MADE],
    )
    def post(self, request: Request, project_id: int, webhook_id: int) -> Response:
        """Give it another, told now and never again; the one before is void at once."""
        people.manager(request, project_id)
        made = desk.renew_secret(project_id, webhook_id, people.actor(request))
        return Response(_with_secret(made))


class WebhookPing(Endpoint):
    """A try."""

    @extend_schema(
        operation_id="pingWebhook",
        summary="Gửi thử",
        request=None,
        responses={200: DeliveryShape, **refusals(*_ONE, WebhookInactive)},
    )
    def post(self, request: Request, project_id: int, webhook_id: int) -> Response:
        """Tell the address that it can be told something; the log says what came of it."""
        people.manager(request, project_id)
        made = desk.ping(project_id, webhook_id, people.actor(request))
        return Response(DeliveryShape(made).data)


class Deliveries(Endpoint):
    """What an address was told."""

    @extend_schema(
        operation_id="webhookDeliveries",
        summary="Nhật ký gửi của một webhook",
        parameters=[PageQuery],
        responses={
            200: DeliveryShape(many=True),
            **refusals(*_ONE, problems.ParameterInvalid(field="limit", reason="Phải lớn hơn 0.")),
        },
    )
    def get(self, request: Request, project_id: int, webhook_id: int) -> Response:
        """Return what it was told within 30 days and what it is owed, the newest first."""
        people.manager(request, project_id)
        asked = asked_of(PageQuery, request.query_params)
        found = desk.log_of(desk.find(project_id, webhook_id))
        page = found[asked["offset"] : asked["offset"] + asked["limit"]]
        return Response(DeliveryShape(page, many=True).data)


class Redelivery(Endpoint):
    """One of those, once more."""

    @extend_schema(
        operation_id="redeliver",
        summary="Gửi lại một lần gửi",
        request=None,
        responses={
            200: DeliveryShape,
            **refusals(*_ONE, WebhookInactive, DeliveryUnknown(id=12)),
        },
    )
    def post(
        self, request: Request, project_id: int, webhook_id: int, delivery_id: int
    ) -> Response:
        """Tell the same bytes again, under the same number."""
        people.manager(request, project_id)
        by = people.actor(request)
        return Response(DeliveryShape(desk.redeliver(project_id, webhook_id, delivery_id, by)).data)


def _wish(asked: dict[str, Any]) -> Wish:
    return Wish(asked.get("url"), asked.get("events"), asked.get("isActive"))


def _with_secret(made: Made) -> dict[str, Any]:
    return {**WebhookShape(made.webhook).data, "secret": made.secret}
