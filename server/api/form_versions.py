"""What was published of a form: versions, questions, files (openrosa.md §6.2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import forms_shapes as shapes
from server.api import people, problems, stored
from server.api.endpoint import Endpoint, checked
from server.api.files import Xml, named
from server.api.forms import UNKNOWN, XML
from server.api.schema import refusals
from server.forms import fields, register, schema
from server.forms.desk_problems import AttachmentMissing
from server.forms.models import AttachmentSource, FormVersion
from server.forms.problems import FormVersionUnknown
from server.inspections import lists
from server.projects.models import Role

_NO_VERSION = "___"  # how an empty one is written in a path (openrosa.md FD09)
_UNKNOWN = (*UNKNOWN, FormVersionUnknown(form_id="kt_18_5", version="9", current="2"))


class Versions(Endpoint):
    """All that were published."""

    @extend_schema(
        operation_id="formVersions",
        summary="Các phiên bản đã phát hành",
        responses={200: shapes.FormVersionShape(many=True), **refusals(*UNKNOWN)},
        examples=[shapes.VERSION],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return them, the newest first."""
        people.member(request, project_id)
        found = register.versions(project_id, form_id)
        return Response(shapes.FormVersionShape(found, many=True).data)


class OneVersion(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="formVersion",
        summary="Một phiên bản đã phát hành",
        responses={200: shapes.FormVersionShape, **refusals(*_UNKNOWN)},
        examples=[shapes.VERSION],
    )
    def get(self, request: Request, project_id: int, form_id: str, version: str) -> Response:
        """Return it; an empty version is written `___`."""
        found = _version(request, project_id, form_id, version)
        return Response(shapes.FormVersionShape(found).data)


class VersionXml(Endpoint):
    """The XForm of one of them."""

    renderer_classes = (Xml,)

    @extend_schema(
        operation_id="formVersionXml",
        summary="XForm của một phiên bản",
        responses={**XML, **refusals(*_UNKNOWN)},
    )
    def get(
        self, request: Request, project_id: int, form_id: str, version: str, **kwargs: Any
    ) -> Response:
        """Return it byte for byte as phones got it."""
        return Response(bytes(_version(request, project_id, form_id, version).xform))


class Fields(Endpoint):
    """The questions of the current version."""

    @extend_schema(
        operation_id="formFields",
        summary="Các câu hỏi của phiên bản hiện hành",
        parameters=[shapes.FieldsQuery],
        responses={
            200: shapes.FieldShape(many=True),
            **refusals(
                *UNKNOWN, problems.ParameterInvalid(field="odata", reason="Không phải đúng/sai.")
            ),
        },
        examples=[shapes.FIELD],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return them in the order of the form, with their groups."""
        people.member(request, project_id)
        asked = checked(shapes.FieldsQuery(data=request.query_params))
        published = register.version(project_id, form_id)
        found = fields.listed(schema.load(published.schema), as_odata=asked["odata"])
        return Response(shapes.FieldShape(list(found), many=True).data)


class Files(Endpoint):
    """The files that the current version needs."""

    @extend_schema(
        operation_id="formAttachments",
        summary="Các tệp mà phiên bản hiện hành cần",
        responses={200: shapes.AttachmentShape(many=True), **refusals(*UNKNOWN)},
        examples=[shapes.ATTACHMENT],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return them by name, uploaded or not."""
        people.member(request, project_id)
        found = register.version(project_id, form_id).attachments.all()
        return Response(shapes.AttachmentShape(found, many=True).data)


class OneFile(Endpoint):
    """One of them."""

    renderer_classes = (stored.Raw,)

    @extend_schema(
        operation_id="formAttachment",
        summary="Một tệp của phiên bản hiện hành",
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY),
            **stored.PARTS,
            **refusals(
                *UNKNOWN,
                AttachmentMissing(form_id="kt_18_5", name="gia.csv"),
                *stored.REFUSALS,
            ),
        },
    )
    def get(self, request: Request, project_id: int, form_id: str, name: str) -> HttpResponseBase:
        """Return its bytes; a list that the server makes to managers, who may see all of it."""
        membership = people.member(request, project_id)
        file = register.version(project_id, form_id).attachments.filter(name=name).first()
        if file is not None and file.sha256:
            size, kind = file.size or 0, file.content_type
            wanted = stored.Download(file.sha256, size, name, kind, is_served=True)
            return stored.blob(request, wanted)
        is_list = file is not None and file.source != AttachmentSource.FILE
        if file is None or not is_list or membership.role != Role.MANAGER:
            raise AttachmentMissing(form_id=form_id, name=name)
        content = lists.rendered(file, project_id).content
        return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=named(name))


def _version(request: Request, project_id: int, form_id: str, version: str) -> FormVersion:
    people.member(request, project_id)
    return register.version(project_id, form_id, "" if version == _NO_VERSION else version)
