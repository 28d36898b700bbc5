"""Forms: which there are, and what each one is (openrosa.md §6.1, §6.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import definitions, examples, form_files, people, problems
from server.api import forms_shapes as shapes
from server.api.endpoint import Endpoint, checked
from server.api.files import Xlsx, Xml
from server.api.projects import EXTENDED, is_extended
from server.api.schema import refusals
from server.api.shapes import Done
from server.forms import drafts, register, trash
from server.forms.desk_problems import FormTaken
from server.forms.models import Draft, FormState, FormVersion
from server.forms.problems import FormUnknown
from server.forms.publish import publish_new, set_state
from server.forms.register import FormEntry
from server.inspections import form_counts
from server.projects import audit_reading
from server.projects.models import Membership, Role
from server.submissions.counts import FormCount

CALLER = (problems.Unauthenticated, problems.NotFound)
UNKNOWN = (*CALLER, FormUnknown(form_id="kt_18_6", project_id=1))
_MADE = ("form.create", "form.update.publish")  # the first of which has made it
XML = {(200, "application/xml"): OpenApiResponse(OpenApiTypes.STR, description="XForm")}


class Forms(Endpoint):
    """All of a project's."""

    @extend_schema(
        operation_id="forms",
        summary="Các biểu của chương trình",
        parameters=[EXTENDED, shapes.FormListQuery],
        responses={
            200: shapes.FormDetailShape(many=True),
            **refusals(
                *CALLER,
                problems.ParameterInvalid(field="deleted", reason="Không phải đúng/sai."),
            ),
        },
        examples=[shapes.FORM],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return them by id; managers see those that were never published as well."""
        membership = people.member(request, project_id)
        if checked(shapes.FormListQuery(data=request.query_params))["deleted"]:
            people.manager(request, project_id)
            return Response(shapes.DeletedFormShape(register.in_trash(project_id), many=True).data)
        found = register.entries(project_id, with_drafts=membership.role == Role.MANAGER)
        if not is_extended(request):
            return Response(shapes.FormShape(found, many=True).data)
        return Response(_extended(membership, found))

    @extend_schema(
        operation_id="makeForm",
        summary="Tạo biểu từ bảng tính hoặc XForm",
        parameters=[shapes.NewFormQuery],
        request=definitions.REQUEST,
        responses={
            200: shapes.NewFormShape,
            **refusals(*CALLER, *definitions.REFUSED, FormTaken(form_id="kt_18_5")),
        },
        examples=[shapes.NEW_FORM],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Make a draft of a new form or, with `publish=true`, publish it at once."""
        membership = people.manager(request, project_id)
        asked = checked(shapes.NewFormQuery(data=request.query_params))
        prepared = definitions.prepared(request, accepts_warnings=asked["ignoreWarnings"])
        token, by = {}, people.actor(request)
        if asked["publish"]:
            publish_new(membership.project, prepared, by)
        else:
            made_draft = drafts.keep(membership.project, prepared, is_new=True, by=by)
            token = {"draftToken": made_draft.token}
        form_id = prepared.checked.compiled.form_id
        made = register.find(project_id, form_id, with_drafts=True)
        return Response({**shapes.FormShape(made).data, **token})


def _extended(membership: Membership, entries: Iterable[FormEntry]) -> list[dict[str, Any]]:
    counted = form_counts.by_form(membership)
    makers = audit_reading.first_people(membership.project_id, "form", _MADE)
    return [
        shapes.extended(
            entry, counted.get(entry.form.pk, FormCount()), makers.get(entry.form.form_id)
        )
        for entry in entries
    ]


class OneForm(Endpoint):
    """One form."""

    @extend_schema(
        operation_id="form",
        summary="Một biểu",
        parameters=[EXTENDED],
        responses={200: shapes.FormDetailShape, **refusals(*UNKNOWN)},
        examples=[shapes.FORM],
    )
    def get(self, request: Request, project_id: int, form_id: str) -> Response:
        """Return it."""
        membership = people.member(request, project_id)
        entry = _found(membership, form_id)
        if not is_extended(request):
            return Response(shapes.FormShape(entry).data)
        return Response(_extended(membership, [entry])[0])

    @extend_schema(
        operation_id="setFormState",
        summary="Mở, sắp đóng hoặc đóng biểu",
        request=shapes.StateShape,
        responses={
            200: shapes.FormShape,
            **refusals(
                *UNKNOWN,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="state", reason="Trường này là bắt buộc."),
            ),
        },
        examples=[shapes.STATE, shapes.FORM],
    )
    def patch(self, request: Request, project_id: int, form_id: str) -> Response:
        """Say what phones may do with it from now on."""
        membership = people.manager(request, project_id)
        asked = checked(shapes.StateShape(data=request.data))
        set_state(project_id, form_id, FormState(asked["state"]), people.actor(request))
        return Response(shapes.FormShape(_found(membership, form_id)).data)

    @extend_schema(
        operation_id="removeForm",
        summary="Xóa biểu khỏi điện thoại và danh sách; hồ sơ đã gửi vẫn còn",
        responses={200: Done, **refusals(*UNKNOWN)},
        examples=[examples.DONE],
    )
    def delete(self, request: Request, project_id: int, form_id: str) -> Response:
        """Take it away; `restore` brings it back."""
        people.manager(request, project_id)
        trash.remove(project_id, form_id, people.actor(request))
        return Response({"success": True})


class FormRestore(Endpoint):
    """A form that was taken away."""

    @extend_schema(
        operation_id="restoreForm",
        summary="Khôi phục biểu đã xóa",
        request=None,
        responses={200: Done, **refusals(*UNKNOWN)},
        examples=[examples.DONE],
    )
    def post(self, request: Request, project_id: int, form_id: str) -> Response:
        """Bring it back, as it was; by its own id, or by the number that the trash tells."""
        people.manager(request, project_id)
        trash.restore(project_id, form_id, people.actor(request))
        return Response({"success": True})


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
        return Response(bytes(shown(request, project_id, form_id).xform))


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
        return form_files.workbook(shown(request, project_id, form_id), form_id)


def shown(request: Request, project_id: int, form_id: str) -> FormVersion | Draft:
    """Return what the caller is shown of a form: for managers the draft, where that is all.

    Raises Unauthenticated, NotFound, FormUnknown.
    """
    is_manager = people.member(request, project_id).role == Role.MANAGER
    return register.shown(project_id, form_id, with_drafts=is_manager)


def _found(membership: Membership, form_id: str) -> register.FormEntry:
    is_manager = membership.role == Role.MANAGER
    return register.find(membership.project_id, form_id, with_drafts=is_manager)
