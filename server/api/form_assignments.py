"""Which devices may have a form: `assignments` of role 2, which is Central's «app-user»."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems
from server.api.endpoint import Endpoint
from server.api.forms import UNKNOWN
from server.api.schema import refusals
from server.api.shapes import Done
from server.forms import register
from server.projects import accounts, device_acts
from server.projects.problems import AppUserUnknown

APP_USER = 2  # pyodk's scripts have it written into them (openrosa.md §6.1)
_UNKNOWN = (*UNKNOWN, AppUserUnknown(id=12))


class Assignment(Endpoint):
    """One device and one form."""

    @extend_schema(
        operation_id="assignForm",
        summary="Giao biểu cho một thiết bị",
        request=None,
        responses={200: Done, **refusals(*_UNKNOWN)},
        examples=[examples.DONE],
    )
    def post(
        self, request: Request, project_id: int, form_id: str, role_id: int, actor_id: int
    ) -> Response:
        """Let the device have the form; repeating it changes nothing."""
        _check(request, project_id, form_id, role_id)
        app_user = device_acts.find(project_id, actor_id)
        accounts.grant(app_user.pk, form_id, by=people.actor(request))
        return Response({"success": True})

    @extend_schema(
        operation_id="withdrawForm",
        summary="Thôi giao biểu cho một thiết bị",
        responses={200: Done, **refusals(*_UNKNOWN)},
        examples=[examples.DONE],
    )
    def delete(
        self, request: Request, project_id: int, form_id: str, role_id: int, actor_id: int
    ) -> Response:
        """Take the form from the device; one that had every form keeps all others of today."""
        _check(request, project_id, form_id, role_id)
        others = [entry.form.form_id for entry in register.entries(project_id, with_drafts=True)]
        app_user = device_acts.find(project_id, actor_id)
        accounts.withdraw(app_user.pk, form_id, others, by=people.actor(request))
        return Response({"success": True})


def _check(request: Request, project_id: int, form_id: str, role_id: int) -> None:
    people.manager(request, project_id)
    register.find(project_id, form_id, with_drafts=True)
    if role_id != APP_USER:
        raise problems.NotFound
