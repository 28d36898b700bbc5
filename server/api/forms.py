"""Forms: which there are, and what each one is (openrosa.md §6.1, §6.2)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import forms_shapes as shapes
from server.api import people, problems
from server.api.endpoint import Endpoint
from server.api.files import Xlsx, Xml, named
from server.api.projects import EXTENDED, is_extended
from server.api.schema import refusals
from server.forms import register
from server.forms.problems import FormUnknown
from server.forms.publish import workbook_of
from server.projects.models import Role
from server.submissions import counts
from server.submissions.counts import FormCount

CALLER = (problems.Unauthenticated, problems.NotFound)
UNKNOWN = (*CALLER, FormUnknown(form_id="kt_18_6", project_id=1))
XML = {(200, "application/xml"): OpenApiResponse(OpenApiTypes.STR, description="XForm")}


class Forms(Endpoint):
    """All of a project's."""

    @extend_schema(
        operation_id="forms",
        summary="Các biểu của chương trình",
        parameters=[EXTENDED],
        responses={200: shapes.FormShape(many=True), **refusals(*CALLER)},
        examples=[shapes.FORM],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return them by id; managers see those that were never published as well."""
        membership = people.member(request, project_id)
        found = register.entries(project_id, with_drafts=membership.role == Role.MANAGER)
        if not is_extended(request):
            return Response(shapes.FormShape(found, many=True).data)
        counted = counts.by_form(project_id)
        return Response(
            [shapes.extended(entry, counted.get(entry.form.pk, FormCount())) for entry in found]
        )


class OneForm(Endpoint):
    """One form."""

    @extend_schema(
        operation_id="form",
        summary="Một biểu",
        parameters=[EXTENDED],
        responses={200: shapes.FormShape, **refusals(*UNKNOWN)},
        examples=[shapes.FORM],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return it."""
        entry = _found(request, project_id, form_id)
        if not is_extended(request):
            return Response(shapes.FormShape(entry).data)
        counted = counts.by_form(project_id)
        return Response(shapes.extended(entry, counted.get(entry.form.pk, FormCount())))


class FormXml(Endpoint):
    """The XForm of the current version."""

    renderer_classes = (Xml,)

    @extend_schema(
        operation_id="formXml",
        summary="XForm của phiên bản hiện hành",
        responses={**XML, **refusals(*UNKNOWN)},
    )
    def get(self, request: Request, project_id: int, form_id: str, **kwargs: Any) -> Response:
        """Return it byte for byte as phones get it."""
        people.member(request, project_id)
        return Response(bytes(register.version(project_id, form_id).xform))


class FormXlsx(Endpoint):
    """The workbook of the current version."""

    renderer_classes = (Xlsx,)

    @extend_schema(
        operation_id="formXlsx",
        summary="Bảng tính của phiên bản hiện hành",
        responses={
            (200, Xlsx.media_type): OpenApiResponse(OpenApiTypes.BINARY),
            **refusals(*UNKNOWN),
        },
    )
    def get(self, request: Request, project_id: int, form_id: str, **kwargs: Any) -> Response:
        """Return it byte for byte as it was sent."""
        people.member(request, project_id)
        return Response(workbook_of(project_id, form_id), headers=named(f"{form_id}.xlsx"))


def _found(request: Request, project_id: int, form_id: str) -> register.FormEntry:
    membership = people.member(request, project_id)
    return register.find(project_id, form_id, with_drafts=membership.role == Role.MANAGER)
