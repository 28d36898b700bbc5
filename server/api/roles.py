"""Which roles there are: `roles`, by ODK Central's address (openrosa.md §6.2).

Ours go by their names, also where Central's addresses hold a number: it takes names there too.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api.endpoint import Endpoint
from server.api.form_assignments import APP_USER
from server.api.schema import refusals
from server.projects.models import Role

_DEVICE = "app-user"
_SEES = ("project.read", "form.list", "form.read", "dataset.list", "dataset.read", "entity.list")
_REVIEWS = (*_SEES, "submission.list", "submission.read", "submission.update", "entity.read")
_MANAGES = (
    *_REVIEWS,
    *("assignment.list", "assignment.create", "assignment.delete", "field_key.list"),
    *("field_key.create", "field_key.delete", "session.end", "form.create", "form.update"),
    *("form.delete", "form.restore", "submission.create", "submission.delete"),
    *("submission.restore", "dataset.create", "dataset.update", "entity.create", "entity.update"),
    *("entity.delete", "entity.restore", "audit.read", "user.list", "user.read", "user.create"),
)
_ROLES: dict[str, dict[str, Any]] = {
    system: {"id": number, "system": system, "name": name, "verbs": list(verbs)}
    for number, system, name, verbs in (
        (str(Role.MANAGER), str(Role.MANAGER), "Quản lý", _MANAGES),
        (str(Role.SUPERVISOR), str(Role.SUPERVISOR), "Giám sát", _REVIEWS),
        (str(Role.VIEWER), str(Role.VIEWER), "Chỉ xem", _SEES),
        (str(APP_USER), _DEVICE, "Thiết bị", ("form.list", "form.read", "submission.create")),
    )
}


class RoleShape(serializers.Serializer[Any]):
    """One role, in the words of Central where it has the same right."""

    id = serializers.CharField(help_text="dùng ở assignments/{role}; của thiết bị: 2")
    system = serializers.CharField()
    name = serializers.CharField()
    verbs = serializers.ListField(child=serializers.CharField())


_EXAMPLE = OpenApiExample(
    "thiết bị", response_only=True, status_codes=["200"], value=_ROLES[_DEVICE]
)


class Roles(Endpoint):
    """All of them."""

    @extend_schema(
        operation_id="roles",
        summary="Các vai trò",
        responses={200: RoleShape(many=True), **refusals(problems.Unauthenticated)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        """Return them, the one that may most first."""
        people.caller(request)
        return Response(list(_ROLES.values()))


class OneRole(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="role",
        summary="Một vai trò",
        parameters=[OpenApiParameter("role", str, location="path")],
        responses={
            200: RoleShape,
            **refusals(problems.Unauthenticated, problems.NotFound),
        },
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, role: str) -> Response:
        """Return it, by its id or its name."""
        people.caller(request)
        found = [one for one in _ROLES.values() if role in (one["id"], one["system"])]
        if not found:
            raise problems.NotFound
        return Response(found[0])
