"""What was published of a form: versions, questions, files (openrosa.md §6.2).

An empty version is written `___` in an address.
"""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import form_files, people, problems, stored
from server.api import forms_shapes as shapes
from server.api.endpoint import Endpoint, checked
from server.api.files import Xlsx, Xml
from server.api.forms import UNKNOWN, XML, shown
from server.api.projects import EXTENDED, is_extended
from server.api.schema import refusals
from server.forms import fields, register, schema
from server.forms.desk_problems import AttachmentMissing
from server.forms.models import Definition, FormVersion
from server.forms.problems import FormVersionUnknown
from server.projects import audit_reading
from server.projects.models import Role, User

_NO_VERSION = "___"  # how an empty one is written in a path (openrosa.md FD09)
_UNKNOWN = (*UNKNOWN, FormVersionUnknown(form_id="kt_18_5", version="9", current="2"))


class Versions(Endpoint):
    """All that were published."""

    @extend_schema(
        operation_id="formVersions",
        summary="Các phiên bản đã phát hành",
        parameters=[EXTENDED],
        responses={200: shapes.FormVersionShape(many=True), **refusals(*UNKNOWN)},
        examples=[shapes.VERSION],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return them, the newest first."""
        membership = people.member(request, project_id)
        is_manager = membership.role == Role.MANAGER
        found = register.versions(project_id, form_id, with_drafts=is_manager)
        rows = shapes.FormVersionShape(found, many=True).data
        if not is_extended(request):
            return Response(rows)
        publishers = _publishers(project_id, form_id)
        return Response(
            [
                {**row, **shapes.of_publication(version, publishers, with_notes=is_manager)}
                for row, version in zip(rows, found, strict=True)
            ]
        )


class OneVersion(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="formVersion",
        summary="Một phiên bản đã phát hành",
        parameters=[EXTENDED],
        responses={200: shapes.FormVersionShape, **refusals(*_UNKNOWN)},
        examples=[shapes.VERSION],
    )
    def get(self, request: Request, project_id: int, form_id: str, version: str) -> Response:
        """Return it; an empty version is written `___`."""
        found = _version(request, project_id, form_id, version)
        told = dict(shapes.FormVersionShape(found).data)
        if is_extended(request):
            is_manager = people.member(request, project_id).role == Role.MANAGER
            publishers = _publishers(project_id, form_id)
            told |= shapes.of_publication(found, publishers, with_notes=is_manager)
        return Response(told)


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


class VersionXlsx(Endpoint):
    """The workbook of one of them."""

    renderer_classes = (Xlsx,)

    @extend_schema(
        operation_id="formVersionXlsx",
        summary="Bảng tính của một phiên bản",
        responses={
            (200, Xlsx.media_type): OpenApiResponse(OpenApiTypes.BINARY),
            **refusals(*_UNKNOWN),
        },
    )
    def get(
        self, request: Request, project_id: int, form_id: str, version: str, **kwargs: Any
    ) -> Response:
        """Return it byte for byte as it was sent."""
        return form_files.workbook(_version(request, project_id, form_id, version), form_id)


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
        return Response(_fields(request, shown(request, project_id, form_id)))


class VersionFields(Endpoint):
    """The questions of one version."""

    @extend_schema(
        operation_id="formVersionFields",
        summary="Các câu hỏi của một phiên bản",
        parameters=[shapes.FieldsQuery],
        responses={
            200: shapes.FieldShape(many=True),
            **refusals(
                *_UNKNOWN, problems.ParameterInvalid(field="odata", reason="Không phải đúng/sai.")
            ),
        },
        examples=[shapes.FIELD],
    )
    def get(self, request: Request, project_id: int, form_id: str, version: str) -> Response:
        """Return them in the order of the form, with their groups."""
        return Response(_fields(request, _version(request, project_id, form_id, version)))


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
        found = shown(request, project_id, form_id).attachments.all()
        return Response(shapes.AttachmentShape(found, many=True).data)


class VersionFiles(Endpoint):
    """The files that one version needs."""

    @extend_schema(
        operation_id="formVersionAttachments",
        summary="Các tệp mà một phiên bản cần",
        responses={200: shapes.AttachmentShape(many=True), **refusals(*_UNKNOWN)},
        examples=[shapes.ATTACHMENT],
    )
    def get(self, request: Request, project_id: int, form_id: str, version: str) -> Response:
        """Return them by name, uploaded or not."""
        found = _version(request, project_id, form_id, version).attachments.all()
        return Response(shapes.AttachmentShape(found, many=True).data)


FILE: dict[Any, Any] = {(200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY), **stored.PARTS}
NO_FILE = (AttachmentMissing(form_id="kt_18_5", name="gia.csv"), *stored.REFUSALS)


class OneFile(Endpoint):
    """One of them."""

    renderer_classes = (stored.Raw,)

    @extend_schema(
        operation_id="formAttachment",
        summary="Một tệp của phiên bản hiện hành",
        responses={**FILE, **refusals(*UNKNOWN, *NO_FILE)},
    )
    def get(self, request: Request, project_id: int, form_id: str, name: str) -> HttpResponseBase:
        """Return its bytes; a list that the server makes to managers, who may see all of it."""
        return form_files.file_of(request, shown(request, project_id, form_id), name)


class VersionFile(Endpoint):
    """One file of one version."""

    renderer_classes = (stored.Raw,)

    @extend_schema(
        operation_id="formVersionAttachment",
        summary="Một tệp của một phiên bản",
        responses={**FILE, **refusals(*_UNKNOWN, *NO_FILE)},
    )
    def get(
        self, request: Request, project_id: int, form_id: str, version: str, name: str
    ) -> HttpResponseBase:
        """Return its bytes; a list that the server makes as it is now."""
        return form_files.file_of(request, _version(request, project_id, form_id, version), name)


def _publishers(project_id: int, form_id: str) -> dict[str, User]:
    """Return who published each version, where a person did."""
    acts = audit_reading.people_of(project_id, "form", form_id, "form.update.publish")
    return {str(said.get("version", "")): by for said, by in acts}


def _fields(request: Request, version: Definition) -> Any:
    asked = checked(shapes.FieldsQuery(data=request.query_params))
    found = fields.listed(schema.load(version.schema), as_odata=asked["odata"])
    return shapes.FieldShape(list(found), many=True).data


def _version(request: Request, project_id: int, form_id: str, version: str) -> FormVersion:
    people.member(request, project_id)
    return register.version(project_id, form_id, "" if version == _NO_VERSION else version)
