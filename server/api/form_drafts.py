"""Drafts of forms: made, given their files, tried, published (openrosa.md §6.1)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import action_notes, definitions, examples, form_files, people, problems, raw_body
from server.api import forms_shapes as shapes
from server.api.endpoint import Endpoint, checked
from server.api.files import Xlsx, Xml
from server.api.form_versions import FILE, NO_FILE
from server.api.forms import UNKNOWN, XML
from server.api.schema import refusals
from server.api.shapes import Done
from server.forms import attachments, drafts, fields, register, schema
from server.forms.desk_problems import (
    AttachmentUnexpected,
    DraftNotThere,
    DraftOnly,
    EntityListSpelt,
    FormIdInAddress,
    NothingToCopy,
)
from server.forms.models import Draft
from server.forms.problems import VersionUnchanged, WorkbookRefused

_LONGEST_NOTE = 2000  # characters, as in the pages
_UNKNOWN = (*UNKNOWN, DraftNotThere(form_id="kt_18_5"))
_VERSION = problems.ParameterInvalid(field="version", reason="Có ký tự không viết được vào XForm.")


class OneDraft(Endpoint):
    """The draft of a form."""

    @extend_schema(
        operation_id="draft",
        summary="Bản thử của biểu",
        responses={200: shapes.DraftShape, **refusals(*_UNKNOWN)},
        examples=[shapes.DRAFT],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return it, for managers; its token is told when it is made and never again."""
        return Response(shapes.DraftShape(_found(request, project_id, form_id)).data)

    @extend_schema(
        operation_id="makeDraft",
        summary="Tạo bản thử từ bảng tính, XForm, hoặc chép bản hiện hành",
        parameters=[shapes.DefinitionQuery],
        request=definitions.REQUEST,
        responses={
            200: shapes.NewDraftShape,
            **refusals(
                *UNKNOWN,
                *definitions.REFUSED,
                FormIdInAddress(found="kt_18_6", form_id="kt_18_5"),
                NothingToCopy(form_id="kt_18_5"),
            ),
        },
        examples=[shapes.NEW_DRAFT],
    )
    def post(self, request: Request, project_id: int, form_id: str) -> Response:
        """Make it, in place of any other; an empty body copies the current version.

        Files that the draft still wants are carried over from the one before it.
        """
        membership = people.manager(request, project_id)
        asked = checked(shapes.DefinitionQuery(data=request.query_params))
        register.find(project_id, form_id, with_drafts=True)
        content = definitions.body(request)
        if content:
            given = definitions.stored(
                content, accepts_warnings=asked["ignoreWarnings"], form_id=form_id
            )
            made = drafts.keep(membership.project, given, by=people.actor(request))
        else:
            made = drafts.copy(project_id, form_id, people.actor(request))
        return Response({"success": True, "draftToken": made.token})

    @extend_schema(
        operation_id="discardDraft",
        summary="Bỏ bản thử",
        responses={200: Done, **refusals(*_UNKNOWN, DraftOnly(form_id="kt_18_5"))},
        examples=[examples.DONE],
    )
    def delete(self, request: Request, project_id: int, form_id: str) -> Response:
        """End it; a form that was never published keeps its only draft."""
        people.manager(request, project_id)
        drafts.discard(project_id, form_id, people.actor(request))
        return Response({"success": True})


class DraftXml(Endpoint):
    """The XForm of the draft."""

    renderer_classes = (Xml,)

    @extend_schema(
        operation_id="draftXml",
        summary="XForm của bản thử",
        responses={**XML, **refusals(*_UNKNOWN)},
    )
    def get(self, request: Request, project_id: int, form_id: str, **kwargs: Any) -> Response:
        """Return it byte for byte as phones get it."""
        return Response(bytes(_found(request, project_id, form_id).xform))


class DraftXlsx(Endpoint):
    """The workbook of the draft."""

    renderer_classes = (Xlsx,)

    @extend_schema(
        operation_id="draftXlsx",
        summary="Bảng tính của bản thử",
        responses={
            (200, Xlsx.media_type): OpenApiResponse(OpenApiTypes.BINARY),
            **refusals(*_UNKNOWN),
        },
    )
    def get(self, request: Request, project_id: int, form_id: str, **kwargs: Any) -> Response:
        """Return it byte for byte as it was sent."""
        return form_files.workbook(_found(request, project_id, form_id), form_id)


class DraftPublication(Endpoint):
    """The draft, on its way to the phones."""

    @extend_schema(
        operation_id="publishDraft",
        summary="Phát hành bản thử",
        parameters=[shapes.PublishQuery],
        request=None,
        responses={
            200: Done,
            **refusals(
                *_UNKNOWN,
                _VERSION,
                VersionUnchanged(form_id="kt_18_5", version="1", suggestion="2026052001"),
                WorkbookRefused([]),
                EntityListSpelt(name="Kien_nghi", known="kien_nghi"),
            ),
        },
        examples=[examples.DONE],
    )
    def post(self, request: Request, project_id: int, form_id: str) -> Response:
        """Make it the version that phones get; `version` is written into the XForm.

        What is new may come as `X-Action-Notes`; the versions tell it as `publishNotes`.
        """
        people.manager(request, project_id)
        version = checked(shapes.PublishQuery(data=request.query_params)).get("version")
        if version is not None and not version.isprintable():
            raise _VERSION
        note = action_notes.of(request).strip()[:_LONGEST_NOTE]
        drafts.publish(project_id, form_id, people.actor(request), version, note=note)
        return Response({"success": True})


class DraftFields(Endpoint):
    """The questions of the draft."""

    @extend_schema(
        operation_id="draftFields",
        summary="Các câu hỏi của bản thử",
        parameters=[shapes.FieldsQuery],
        responses={
            200: shapes.FieldShape(many=True),
            **refusals(
                *_UNKNOWN, problems.ParameterInvalid(field="odata", reason="Không phải đúng/sai.")
            ),
        },
        examples=[shapes.FIELD],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return them in the order of the form, with their groups."""
        draft = _found(request, project_id, form_id)
        asked = checked(shapes.FieldsQuery(data=request.query_params))
        found = fields.listed(schema.load(draft.schema), as_odata=asked["odata"])
        return Response(shapes.FieldShape(list(found), many=True).data)


class DraftFiles(Endpoint):
    """The files that the draft needs."""

    @extend_schema(
        operation_id="draftAttachments",
        summary="Các tệp mà bản thử cần",
        responses={200: shapes.AttachmentShape(many=True), **refusals(*_UNKNOWN)},
        examples=[shapes.ATTACHMENT],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return them by name, uploaded or not."""
        found = _found(request, project_id, form_id).attachments.all()
        return Response(shapes.AttachmentShape(found, many=True).data)


class DraftFile(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="draftAttachment",
        summary="Một tệp của bản thử",
        responses={**FILE, **refusals(*_UNKNOWN, *NO_FILE)},
    )
    def get(self, request: Request, project_id: int, form_id: str, name: str) -> HttpResponseBase:
        """Return its bytes; a list that the server makes as it is now."""
        return form_files.file_of(request, _found(request, project_id, form_id), name)

    @extend_schema(
        operation_id="giveDraftAttachment",
        summary="Tải lên một tệp mà bản thử cần",
        request={"*/*": OpenApiTypes.BINARY},
        responses={
            200: shapes.GivenShape,
            **refusals(
                *_UNKNOWN,
                AttachmentUnexpected(form_id="kt_18_5", name="gia.csv"),
                problems.RawBodyTooLarge(most_bytes=100_000_000),
                problems.BodyCut,
                problems.BodyEmpty,
                problems.BodyEncoding(encoding="br"),
            ),
        },
        examples=[shapes.GIVEN],
    )
    def post(self, request: Request, project_id: int, form_id: str, name: str) -> Response:
        """Store its bytes, chunked or not, in place of any other of that name."""
        draft = _found(request, project_id, form_id)
        if not draft.attachments.filter(name=name).exists():
            raise AttachmentUnexpected(form_id=form_id, name=name)  # before all of it is read
        with raw_body.opened(request, settings.MAX_POST_BYTES) as file:
            kept = attachments.keep_one(file)
        if not kept.blob.size:
            raise problems.BodyEmpty
        given = drafts.give(project_id, form_id, name, kept, people.actor(request))
        return Response({"success": True, **shapes.AttachmentShape(given).data})


def _found(request: Request, project_id: int, form_id: str) -> Draft:
    people.manager(request, project_id)
    return register.draft(project_id, form_id)
