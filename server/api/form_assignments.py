"""Which devices may have a form: `assignments` of role 2, which is Central's «app-user».

Of other roles there are none here: people have theirs in the whole project.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems
from server.api.app_users import AppUserShape, living
from server.api.endpoint import Endpoint
from server.api.forms import UNKNOWN
from server.api.projects import EXTENDED, is_extended
from server.api.role_table import APP_USER, DEVICE
from server.api.schema import refusals
from server.api.shapes import Done
from server.forms import register
from server.projects import access, accounts, device_acts
from server.projects.models import AppUser
from server.projects.problems import AppUserUnknown

_OF_DEVICES = (str(APP_USER), DEVICE)
_UNKNOWN = (*UNKNOWN, AppUserUnknown(id=12))
_CALLER = (problems.Unauthenticated, problems.NotFound)
_ROLE = OpenApiParameter("role", str, location="path", description="2 hoặc app-user; khác: rỗng")
_DEVICE = OpenApiParameter("role_id", str, location="path", description="2 hoặc app-user")


class FormAssignmentShape(serializers.Serializer[Any]):
    """One device and one form."""

    actorId = serializers.IntegerField()
    actor = AppUserShape(required=False, help_text="khi hỏi X-Extended-Metadata")
    roleId = serializers.IntegerField(help_text="luôn 2: thiết bị")


class FormsAssignmentShape(FormAssignmentShape):
    """The same, with the form."""

    xmlFormId = serializers.CharField()


_ONE = {"actorId": 12, "roleId": APP_USER}
_OF_ONE = OpenApiExample("một thiết bị", response_only=True, status_codes=["200"], value=_ONE)
_OF_ALL = OpenApiExample(
    "một thiết bị và một biểu",
    response_only=True,
    status_codes=["200"],
    value={**_ONE, "xmlFormId": "kt_18_5"},
)


class FormAssignments(Endpoint):
    """Those of a form."""

    @extend_schema(
        operation_id="formAssignments",
        summary="Những thiết bị được giao một biểu",
        parameters=[EXTENDED],
        responses={200: FormAssignmentShape(many=True), **refusals(*UNKNOWN)},
        examples=[_OF_ONE],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return each device that opens it, also those that open every form, for managers."""
        found = _devices_with(request, project_id, form_id)
        return Response([_told(request, one) for one in found])


class FormAssignmentsOfRole(Endpoint):
    """Those of a form and a role."""

    @extend_schema(
        operation_id="formAssignmentsOfRole",
        summary="Những thiết bị được giao một biểu, theo vai trò",
        parameters=[_ROLE],
        responses={200: AppUserShape(many=True), **refusals(*UNKNOWN)},
    )
    def get(self, request: Request, project_id: int, form_id: str, role: str) -> Response:
        """Return the devices themselves, for managers."""
        found = _devices_with(request, project_id, form_id)
        return Response(AppUserShape(found if role in _OF_DEVICES else [], many=True).data)


class FormsAssignments(Endpoint):
    """Those of all forms."""

    @extend_schema(
        operation_id="formsAssignments",
        summary="Thiết bị nào được giao biểu nào",
        parameters=[EXTENDED],
        responses={200: FormsAssignmentShape(many=True), **refusals(*_CALLER)},
        examples=[_OF_ALL],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return each device with each form that it opens, for managers."""
        return Response(_pairs(request, project_id))


class FormsAssignmentsOfRole(Endpoint):
    """Those of all forms and a role."""

    @extend_schema(
        operation_id="formsAssignmentsOfRole",
        summary="Thiết bị nào được giao biểu nào, theo vai trò",
        parameters=[_ROLE, EXTENDED],
        responses={200: FormsAssignmentShape(many=True), **refusals(*_CALLER)},
        examples=[_OF_ALL],
    )
    def get(self, request: Request, project_id: int, role: str) -> Response:
        """Return each device with each form that it opens, for managers."""
        found = _pairs(request, project_id)
        return Response(found if role in _OF_DEVICES else [])


def _told(request: Request, device: AppUser) -> dict[str, Any]:
    told = {"actor": AppUserShape(device).data} if is_extended(request) else {}
    return {"actorId": device.pk, "roleId": APP_USER, **told}


def _devices_with(request: Request, project_id: int, form_id: str) -> list[AppUser]:
    people.manager(request, project_id)
    register.find(project_id, form_id, with_drafts=True)
    return [one for one in living(project_id) if access.may_open(one, form_id)]


def _pairs(request: Request, project_id: int) -> list[dict[str, Any]]:
    people.manager(request, project_id)
    forms = [entry.form.form_id for entry in register.entries(project_id, with_drafts=True)]
    return [
        {**_told(request, one), "xmlFormId": form_id}
        for one in living(project_id)
        for form_id in forms
        if access.may_open(one, form_id)
    ]


class Assignment(Endpoint):
    """One device and one form."""

    @extend_schema(
        operation_id="assignForm",
        summary="Giao biểu cho một thiết bị",
        parameters=[_DEVICE],
        request=None,
        responses={200: Done, **refusals(*_UNKNOWN)},
        examples=[examples.DONE],
    )
    def post(
        self, request: Request, project_id: int, form_id: str, role_id: str, actor_id: int
    ) -> Response:
        """Let the device have the form; repeating it changes nothing."""
        _check(request, project_id, form_id, role_id)
        app_user = device_acts.find(project_id, actor_id)
        accounts.grant(app_user.pk, form_id, by=people.actor(request))
        return Response({"success": True})

    @extend_schema(
        operation_id="withdrawForm",
        summary="Thôi giao biểu cho một thiết bị",
        parameters=[_DEVICE],
        responses={200: Done, **refusals(*_UNKNOWN)},
        examples=[examples.DONE],
    )
    def delete(
        self, request: Request, project_id: int, form_id: str, role_id: str, actor_id: int
    ) -> Response:
        """Take the form from the device; one that had every form keeps all others of today."""
        _check(request, project_id, form_id, role_id)
        others = [entry.form.form_id for entry in register.entries(project_id, with_drafts=True)]
        app_user = device_acts.find(project_id, actor_id)
        accounts.withdraw(app_user.pk, form_id, others, by=people.actor(request))
        return Response({"success": True})


def _check(request: Request, project_id: int, form_id: str, role: str) -> None:
    people.manager(request, project_id)
    register.find(project_id, form_id, with_drafts=True)
    if role not in _OF_DEVICES:
        raise problems.NotFound
