"""Which roles there are: `roles`, by ODK Central's address (openrosa.md §6.2)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems, role_table
from server.api.endpoint import Endpoint
from server.api.schema import refusals


class RoleShape(serializers.Serializer[Any]):
    """One role, in the words of Central where it has the same right."""

    id = serializers.IntegerField(help_text="số hoặc system đều dùng được ở assignments/{role}")
    system = serializers.CharField()
    name = serializers.CharField()
    verbs = serializers.ListField(child=serializers.CharField())


_EXAMPLE = OpenApiExample(
    "thiết bị",
    response_only=True,
    status_codes=["200"],
    value={
        "id": 2,
        "system": "app-user",
        "name": "Thiết bị",
        "verbs": ["form.list", "form.read", "submission.create"],
    },
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
        return Response(RoleShape(role_table.TABLE, many=True).data)


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
        found = role_table.described(role)
        if found is None:
            raise problems.NotFound
        return Response(RoleShape(found).data)
