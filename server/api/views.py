"""JSON for programs: one view an address, no paths with a trailing slash."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import examples, people, problems, shapes
from server.api.auth import address, refuse_in_clear
from server.api.endpoint import Csv, Endpoint, Json, asked_of, checked
from server.api.exports import Xlsx, streamed
from server.api.schema import refusals
from server.inspections import summary
from server.inspections.groups import QUESTIONS, GroupWithoutSource
from server.inspections.summary import Summary
from server.plans.expected import expected
from server.projects import accounts, throttle
from server.projects.problems import TooManyTries
from server.reports import summary_table, summary_xlsx


class Sessions(Endpoint):
    """Open a session."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="openSession",
        summary="Đăng nhập: đổi mật khẩu lấy mã phiên 24 giờ",
        request=shapes.Credentials,
        responses={
            200: shapes.Session,
            **refusals(
                problems.Unauthenticated,
                problems.PasswordInClear,
                TooManyTries(wait_s=900),
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.ParameterInvalid(field="email", reason="Trường này là bắt buộc."),
                problems.MediaTypeUnsupported,
            ),
        },
        examples=[examples.CREDENTIALS, examples.SESSION],
    )
    def post(self, request: Request) -> Response:
        """Exchange an e-mail address and a password for a bearer token of 24 hours."""
        refuse_in_clear(request)
        asked = checked(shapes.Credentials(data=request.data))
        email, password = asked["email"], asked["password"]
        client = request.headers.get("User-Agent", "")
        opened = throttle.guarded(
            address(request),
            email.lower(),
            lambda: accounts.open_session(email, password, client=client),
        )
        if opened is None:
            raise problems.Unauthenticated
        return Response(shapes.Session(opened).data)


class CurrentSession(Endpoint):
    """Close a session."""

    @extend_schema(
        operation_id="closeSession",
        summary="Đăng xuất: mã phiên hết hiệu lực ngay",
        responses={200: shapes.Done, **refusals(problems.Unauthenticated)},
        examples=[examples.DONE],
    )
    def delete(self, request: Request) -> Response:
        """End the session of the token that this request carries."""
        if isinstance(request.auth, str):  # none when the password itself was sent
            accounts.close_session(request.auth)
        return Response({"success": True})


_SUMMARY_REFUSALS = refusals(
    problems.Unauthenticated,
    problems.ParameterInvalid(field="year", reason="Trường này là bắt buộc."),
    problems.NotFound,
    summary.FormUnknown(project_id=1, form_id="kt_18_6"),
    GroupWithoutSource(group="zone", what=QUESTIONS["zone"][1], question="b_zone"),
)


class SummaryJson(Endpoint):
    """One row per commune."""

    renderer_classes = (Json, Csv)

    @extend_schema(
        operation_id="summary",
        summary="Tổng hợp: mỗi xã một dòng",
        parameters=[shapes.SummaryQuery],
        responses={200: shapes.SummaryShape, **_SUMMARY_REFUSALS},
        examples=[examples.SUMMARY],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return each commune's latest counting inspection, and the province's totals.

        Rows are the communes of `on_date` (today) in Vietnamese alphabetical order, inspected or
        not, whatever year is asked for; inspections of units that a reform ended stand beside
        their successors in `former_units`. `?format=csv` gives the table of summary.csv.
        """
        table = _summary(request, project_id)
        if request.accepted_renderer.format == Csv.format:
            return _as_csv(table)
        return Response(shapes.SummaryShape(table).data)


class SummaryCsv(Endpoint):
    """The same, as a table for a spreadsheet."""

    renderer_classes = (Csv,)

    @extend_schema(
        operation_id="summaryCsv",
        summary="Tổng hợp dạng bảng CSV cho Excel",
        parameters=[shapes.SummaryQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.STR, description="UTF-8 có BOM; dòng cuối là toàn tỉnh."
            ),
            **_SUMMARY_REFUSALS,
        },
    )
    def get(self, request: Request, project_id: int, **kwargs: Any) -> Response:
        """Return the same rows with Vietnamese headings, as text that no spreadsheet runs."""
        return _as_csv(_summary(request, project_id))


class SummaryXlsx(Endpoint):
    """The same, as a workbook ready to send."""

    renderer_classes = (Xlsx,)

    @extend_schema(
        operation_id="summaryXlsx",
        summary="Tổng hợp dạng Excel, các dòng cộng là công thức",
        parameters=[shapes.SummaryQuery],
        responses={
            (200, Xlsx.media_type): OpenApiResponse(
                OpenApiTypes.BINARY, description="mỗi xã một dòng; chỉ hồ sơ đã duyệt"
            ),
            **_SUMMARY_REFUSALS,
        },
    )
    def get(self, request: Request, project_id: int) -> StreamingHttpResponse:
        """Return the rows of approved records, unless `data=all`; totals below are formulas."""
        table = _summary(request, project_id, data="approved")
        return streamed(summary_xlsx.workbook(table), f"{_name(table)}.xlsx", Xlsx.media_type)


def _name(table: Summary) -> str:
    return f"{table.form_id}-{table.year}-{table.period or 'ca_nam'}"


def _as_csv(table: Summary) -> Response:
    return Response(
        summary_table.as_csv(table),
        headers={"Content-Disposition": f'attachment; filename="{_name(table)}.csv"'},
    )


def _summary(request: Request, project_id: int, *, data: str = "all") -> Summary:
    """data: what is summarised where the query does not say."""
    project = people.member(request, project_id).project
    asked = asked_of(shapes.SummaryQuery, request.query_params)
    on_date = asked.get("on_date") or today()
    return summary.summarise(
        summary.published_form(project.pk, asked["form"]),
        year=asked["year"],
        period=asked.get("period"),
        on_date=on_date,
        only_approved=asked.get("data", data) == "approved",
        expected=expected(project.pk, [asked["year"]], on_date),
        group=asked.get("group"),
    )


def today() -> dt.date:
    """Return the day it is where the inspections are made."""
    return timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
