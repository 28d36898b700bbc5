"""Submissions whose words about entities could not be carried out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api.endpoint import Endpoint, asked_of
from server.api.errors import language
from server.api.schema import refusals
from server.api.shapes import PageQuery
from server.inspections import entity_failures


class EntityFailureShape(serializers.Serializer[Any]):
    """One submission that made or changed nothing, though it says it does."""

    instanceId = serializers.CharField(source="instance_id")
    form = serializers.CharField(source="form_id")
    code = serializers.CharField(help_text="mã lỗi, như ở docs/errors.md")
    reason = serializers.CharField(allow_blank=True, help_text="sai ở đâu, cần làm gì")
    by = serializers.CharField(allow_blank=True, help_text="thiết bị đã gửi, ví dụ u12")
    since = serializers.DateTimeField()


_EXAMPLE = OpenApiExample(
    "danh sách không có trong biểu mẫu",
    response_only=True,
    status_codes=["200"],
    value={
        "instanceId": "uuid:5a3d1c3e-2f0f-4a53-8f8e-1d1d8d4f2b10",
        "form": "kt_18_5",
        "code": "entity.not_declared",
        "reason": "Biểu mẫu không khai báo việc này với danh sách kien_nghi_2. "
        "Sửa trang entities của biểu mẫu.",
        "by": "u12",
        "since": "2026-06-12T01:30:00Z",
    },
)


class EntityFailures(Endpoint):
    """Those of a project."""

    @extend_schema(
        operation_id="entityFailures",
        summary="Hồ sơ đã nhận nhưng không lập, không sửa được bản ghi nào",
        parameters=[PageQuery],
        responses={
            200: EntityFailureShape(many=True),
            **refusals(
                problems.Unauthenticated,
                problems.NotFound,
                problems.ParameterInvalid(field="limit", reason="Nhiều nhất là 250."),
            ),
        },
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return those that the caller reviews, the newest first, until they are put right.

        The submission itself is stored and counts; only its recommendation or task is missing.
        """
        membership = people.reviewer(request, project_id)
        asked = asked_of(PageQuery, request.query_params)
        found = entity_failures.listed(
            membership, limit=asked["limit"], offset=asked["offset"], language=language(request)
        )
        return Response(EntityFailureShape(found, many=True).data)
