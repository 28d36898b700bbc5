"""Files that people ask for and fetch when they are made."""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import export_jobs_shapes as shapes
from server.api import people, problems, stored
from server.api.endpoint import SHOWN, Endpoint, checked
from server.api.schema import refusals
from server.api.stored import Download, Raw
from server.blobs import StorageUnavailable
from server.inspections import summary
from server.reports import export_audit, jobs, tasks
from server.reports.problems import (
    ExportForbidden,
    ExportGone,
    ExportNotReady,
    ExportProfileUnavailable,
    ExportsKept,
    ExportsWaiting,
    ExportUnknown,
    FilterTooFine,
    FilterUnknown,
    ProfileRefused,
)

_CALLER = (problems.Unauthenticated, problems.NotFound)


class Exports(Endpoint):
    """All that a person may see."""

    @extend_schema(
        operation_id="exports",
        summary="Các tệp đã yêu cầu: của mình; người quản lý thấy của mọi người",
        parameters=[shapes.ExportsQuery],
        responses={
            200: shapes.ExportShape(many=True),
            **refusals(
                *_CALLER,
                problems.ParameterInvalid(field="limit", reason="Giá trị phải từ 1 đến 250."),
            ),
        },
        examples=[shapes.EXPORT],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return them, the newest first."""
        membership = people.member(request, project_id)
        asked = checked(shapes.ExportsQuery(data=request.query_params))
        found = jobs.seen_by(membership)
        if "state" in asked:
            found = found.filter(state=asked["state"])
        page = list(found[asked["offset"] : asked["offset"] + asked["limit"]])
        return Response(shapes.ExportShape(page, many=True).data)

    @extend_schema(
        operation_id="askForExport",
        summary="Yêu cầu tạo một tệp",
        request=shapes.WantedShape,
        responses={
            202: shapes.ExportShape,
            **refusals(
                *_CALLER,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="purpose", reason="Trường này là bắt buộc."),
                ProfileRefused,
                ExportProfileUnavailable(format="media", profile="deidentified", known="full"),
                FilterTooFine(field="team", reason="tên đoàn được thay bằng mã.", reason_en=""),
                FilterUnknown(field="finding", value="A99", known="A1, A2"),
                summary.FormUnknown(project_id=1, form_id="kt_18_6"),
                ExportsWaiting(most=3),
                ExportsKept(most=20),
            ),
        },
        examples=[shapes.WANTED, shapes.EXPORT],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Ask for a file; look at its address until it is `ready`, then fetch its content.

        The same file asked for twice while it waits is one.
        """
        membership = people.member(request, project_id)
        given = checked(shapes.WantedShape(data=request.data))
        wanted = shapes.wanted(given)
        summary.published_form(project_id, given["form"])
        made = jobs.ask(membership, wanted, people.actor(request))
        tasks.nudge()
        return Response(
            shapes.ExportShape(jobs.find(membership, made.pk)).data,
            status=202,
            headers={"Location": f"/v1/projects/{project_id}/exports/{made.pk}"},
        )


class OneExport(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="export",
        summary="Một tệp đã yêu cầu: đang tạo đến đâu",
        responses={200: shapes.ExportShape, **refusals(*_CALLER, ExportUnknown(id=7))},
        examples=[shapes.EXPORT],
    )
    def get(self, request: Request, project_id: int, export_id: int) -> Response:
        """Return how far it is."""
        membership = people.member(request, project_id)
        return Response(shapes.ExportShape(jobs.find(membership, export_id)).data)

    @extend_schema(
        operation_id="cancelExport",
        summary="Hủy việc tạo tệp, hoặc bỏ tệp đã tạo",
        responses={200: shapes.ExportShape, **refusals(*_CALLER, ExportUnknown(id=7))},
        examples=[shapes.EXPORT],
    )
    def delete(self, request: Request, project_id: int, export_id: int) -> Response:
        """Cancel it, or let go of its file; what was over already stays as it is."""
        membership = people.member(request, project_id)
        return Response(
            shapes.ExportShape(jobs.cancel(membership, export_id, people.actor(request))).data
        )


class ExportContent(Endpoint):
    """Its file."""

    renderer_classes = (Raw,)

    @extend_schema(
        operation_id="exportContent",
        summary="Tải tệp; tải tiếp được bằng Range và If-Range",
        responses={
            (200, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY, description="cả tệp, theo Content-Type của tệp"
            ),
            **stored.PARTS,
            **refusals(
                *stored.REFUSALS,
                *_CALLER,
                ExportUnknown(id=7),
                ExportNotReady(id=7, state="đang tạo"),
                ExportGone(id=7, days=7),
                ExportForbidden,
                StorageUnavailable,
            ),
        },
    )
    def get(self, request: Request, project_id: int, export_id: int) -> HttpResponseBase:
        """Return the file, or the part that `Range` asks for; its tag is its SHA-256."""
        membership = people.member(request, project_id)
        found = jobs.opened(membership, export_id)
        wanted = Download(found.sha256, found.size or 0, found.name, found.content_type)
        response = stored.blob(request, wanted)
        if response.status_code in SHOWN and request.method == "GET":
            export_audit.record(people.actor(request), "export.download", found)
        return response
