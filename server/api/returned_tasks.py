"""What inspectors are asked to complete, and which phone has it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api.endpoint import Endpoint, asked_of, checked
from server.api.schema import refusals
from server.api.shapes import PageQuery
from server.inspections import returned_acts
from server.inspections import review as scoped
from server.inspections.models import ReturnedTask
from server.inspections.returned_acts import DeviceUnfit, TaskUnknown
from server.projects import access
from server.projects.models import AppUser
from server.submissions.problems import SubmissionUnknown


class ReturnedDeviceShape(serializers.Serializer[Any]):
    """The phone that has a task."""

    id = serializers.IntegerField(source="pk")
    displayName = serializers.CharField(source="display_name")
    team = serializers.CharField(allow_blank=True)
    usable = serializers.SerializerMethodField(help_text="false: khóa đã thu hồi hoặc hết hạn")
    lastSeenAt = serializers.DateTimeField(source="last_seen_at", allow_null=True)

    def get_usable(self, app_user: AppUser) -> bool:
        """Tell whether the phone could still fetch it."""
        return access.is_alive(app_user)


class ReturnedTaskShape(serializers.Serializer[Any]):
    """One submission that an inspector is asked to complete."""

    form = serializers.CharField(source="submission.form.form_id")
    instanceId = serializers.CharField(source="submission.instance_id")
    since = serializers.SerializerMethodField(help_text="ngày trả lại")
    dueOn = serializers.SerializerMethodField(help_text="null: không đặt hạn")
    device = ReturnedDeviceShape(source="app_user")

    def get_since(self, task: ReturnedTask) -> str:
        """Return the day on which it was sent back, ISO."""
        return str(task.entity.data.get("tu_ngay", ""))

    def get_dueOn(self, task: ReturnedTask) -> str | None:
        """Return the last day that was given, ISO."""
        return task.entity.data.get("han") or None


class GivenToShape(serializers.Serializer[Any]):
    """Which phone is to have it."""

    appUserId = serializers.IntegerField(min_value=1, help_text="máy cùng tổ hoặc cùng người")


_CALLER = (problems.Unauthenticated, problems.NotFound)
_TASK = OpenApiExample(
    "máy đã thu hồi",
    response_only=True,
    status_codes=["200"],
    value={
        "form": "kt_18_5",
        "instanceId": "uuid:5a3d1c3e-2f0f-4a53-8f8e-1d1d8d4f2b10",
        "since": "2026-06-12",
        "dueOn": "2026-06-19",
        "device": {
            "id": 7,
            "displayName": "Máy 7",
            "team": "Tổ 1",
            "usable": False,
            "lastSeenAt": "2026-06-01T02:00:00Z",
        },
    },
)
_GIVEN = OpenApiExample("giao máy số 9", request_only=True, value={"appUserId": 9})


class ReturnedTasks(Endpoint):
    """Those of a project that are open."""

    @extend_schema(
        operation_id="returnedTasks",
        summary="Các hồ sơ đang chờ bổ sung và máy đang giữ việc",
        parameters=[PageQuery],
        responses={
            200: ReturnedTaskShape(many=True),
            **refusals(
                *_CALLER, problems.ParameterInvalid(field="limit", reason="Nhiều nhất là 250.")
            ),
        },
        examples=[_TASK],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return those that the caller reviews, the oldest first."""
        membership = people.reviewer(request, project_id)
        asked = asked_of(PageQuery, request.query_params)
        first = asked["offset"]
        found = returned_acts.waiting(membership)[first : first + asked["limit"]]
        return Response(ReturnedTaskShape(found, many=True).data)


class ReturnedTaskOfOne(Endpoint):
    """That of one submission."""

    @extend_schema(
        operation_id="giveReturnedTask",
        summary="Giao việc bổ sung cho máy khác cùng tổ",
        request=GivenToShape,
        responses={
            200: ReturnedTaskShape,
            **refusals(
                *_CALLER,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="appUserId", reason="Trường này là bắt buộc."),
                SubmissionUnknown(instance_id="uuid:1"),
                TaskUnknown,
                DeviceUnfit(id=9, why="máy thuộc tổ khác", why_en="it belongs to another team"),
            ),
        },
        examples=[_GIVEN, _TASK],
    )
    def put(self, request: Request, project_id: int, form_id: str, instance_id: str) -> Response:
        """Take it off the phone that was lost or shut out, and put it on another of its team.

        The record stays as it was sent. The other phone does not hold it, so what is completed
        comes as a new form, or as an edit made at a desk.
        """
        membership = people.reviewer(request, project_id)
        asked = checked(GivenToShape(data=request.data))
        submission = scoped.find(membership, form_id, instance_id)
        given = returned_acts.give(submission, asked["appUserId"], people.actor(request))
        return Response(ReturnedTaskShape(given).data)
