"""Several forms and periods at once, for programs and for spreadsheets."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import overview_shapes as shapes
from server.api import people, problems
from server.api.endpoint import Csv, Endpoint, Json, asked_of
from server.api.schema import refusals
from server.api.views import today
from server.inspections.groups import QUESTIONS, GroupWithoutSource
from server.inspections.overview import (
    Asked,
    FormJudgesNothing,
    Overview,
    overview,
    published_forms,
)
from server.inspections.summary import PERIODS, FormUnknown
from server.plans.expected import expected
from server.reports import overview_table

_REFUSALS = refusals(
    problems.Unauthenticated,
    problems.ParameterInvalid(field="year", reason="Ghi year hoặc years, một trong hai."),
    problems.NotFound,
    FormUnknown(project_id=1, form_id="kt_18_6"),
    FormJudgesNothing(form_id="theo_doi"),
    GroupWithoutSource(group="zone", what=QUESTIONS["zone"][1], question="b_zone"),
)


class OverviewJson(Endpoint):
    """The matrix."""

    renderer_classes = (Json, Csv)

    @extend_schema(
        operation_id="overview",
        summary="Tổng hợp nhiều biểu, nhiều kỳ: mỗi xã một dòng",
        parameters=[shapes.OverviewQuery],
        responses={200: shapes.OverviewShape, **_REFUSALS},
        examples=[shapes.OVERVIEW],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return what each commune's latest inspection of each form and period came to.

        Only what was approved, unless `data=all`. `?format=csv` gives the table of overview.csv.
        """
        table = _overview(request, project_id)
        if request.accepted_renderer.format == Csv.format:
            return _as_csv(table)
        return Response(shapes.OverviewShape(table).data)


class OverviewCsv(Endpoint):
    """The same, as a table for a spreadsheet."""

    renderer_classes = (Csv,)

    @extend_schema(
        operation_id="overviewCsv",
        summary="Tổng hợp nhiều biểu, nhiều kỳ dạng bảng CSV cho Excel",
        parameters=[shapes.OverviewQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.STR, description="UTF-8 có BOM; dòng cuối là toàn tỉnh."
            ),
            **_REFUSALS,
        },
    )
    def get(self, request: Request, project_id: int, **kwargs: Any) -> Response:
        """Return the same rows with Vietnamese headings, as text that no spreadsheet runs."""
        return _as_csv(_overview(request, project_id))


def _as_csv(table: Overview) -> Response:
    return Response(
        overview_table.as_csv(table),
        headers={"Content-Disposition": 'attachment; filename="tong-hop-nhieu-ky.csv"'},
    )


def _overview(request: Request, project_id: int) -> Overview:
    project = people.member(request, project_id).project
    asked = asked_of(shapes.OverviewQuery, request.query_params)
    years = asked.get("years") or [asked["year"]]
    on_date = asked.get("on_date") or today()
    return overview(
        Asked(
            project.pk,
            published_forms(project.pk, asked.get("forms", ())),
            years,
            on_date,
            periods=(asked["period"],) if "period" in asked else PERIODS,
            only_approved=asked.get("data") != "all",
            group=asked.get("group"),
        ),
        expected(project.pk, years, on_date),
    )
