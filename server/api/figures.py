"""Indicators by commune, and what communes of one day were or became."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import figures_shapes as shapes
from server.api import people, problems
from server.api.endpoint import Csv, Endpoint, Json, asked_of
from server.api.schema import refusals
from server.api.views import today
from server.communes.crosswalk import compared
from server.communes.problems import UnitUnknown
from server.inspections import summary
from server.inspections.figures import Asked, IndicatorsMissing, IndicatorTable
from server.inspections.groups import QUESTIONS, GroupWithoutSource
from server.reports import indicator_table
from server.reports.indicator_reading import read_indicators

_REFUSALS = refusals(
    problems.Unauthenticated,
    problems.ParameterInvalid(field="period", reason="Trường này là bắt buộc."),
    problems.NotFound,
    summary.FormUnknown(project_id=1, form_id="kt_18_6"),
    IndicatorsMissing(form_id="theo_doi"),
    GroupWithoutSource(group="zone", what=QUESTIONS["zone"][1], question="b_zone"),
)


class IndicatorsJson(Endpoint):
    """One row per commune."""

    renderer_classes = (Json, Csv)

    @extend_schema(
        operation_id="indicators",
        summary="Chỉ số: mỗi xã một dòng, cộng theo nhóm và toàn tỉnh",
        parameters=[shapes.IndicatorQuery],
        responses={200: shapes.IndicatorTableShape, **_REFUSALS},
        examples=[shapes.INDICATORS],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return the figures of a form and period, in the communes of any day.

        Sums are of whole components; a ratio is made from the sums. Sensitive counts below `k` are
        hidden from who does not answer for the unit, with all that would give them back
        (docs/indicators.md). `?format=csv` gives the table of indicators.csv.
        """
        table = _table(request, project_id)
        if request.accepted_renderer.format == Csv.format:
            return _as_csv(table)
        return Response(shapes.IndicatorTableShape(table).data)


class IndicatorsCsv(Endpoint):
    """The same, as a table for a spreadsheet."""

    renderer_classes = (Csv,)

    @extend_schema(
        operation_id="indicatorsCsv",
        summary="Chỉ số dạng bảng CSV cho Excel",
        parameters=[shapes.IndicatorQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.STR, description="UTF-8 có BOM; dòng cuối là toàn tỉnh."
            ),
            **_REFUSALS,
        },
    )
    def get(self, request: Request, project_id: int, **kwargs: Any) -> Response:
        """Return the same rows with Vietnamese headings, as text that no spreadsheet runs."""
        return _as_csv(_table(request, project_id))


class Crosswalk(Endpoint):
    """The communes of one day in those of another."""

    @extend_schema(
        operation_id="crosswalk",
        summary="Đối chiếu địa giới: xã của ngày này gồm những xã nào của ngày kia",
        parameters=[shapes.CrosswalkQuery],
        responses={
            200: shapes.CrosswalkShape,
            **refusals(
                problems.Unauthenticated,
                problems.ParameterInvalid(field="from", reason="Trường này là bắt buộc."),
                problems.NotFound,
                UnitUnknown(unit="05443@2019-01-01"),
            ),
        },
        examples=[shapes.CROSSWALK],
    )
    def get(self, request: Request, project_id: int) -> Response:
        """Return each commune of `to` with those of `from` that lie in it, wholly or in part."""
        people.member(request, project_id)
        asked = asked_of(shapes.CrosswalkQuery, request.query_params)
        of_day: dt.date = asked["from"]
        return Response(
            shapes.CrosswalkShape(compared(of_day, asked["to"], unit=asked.get("unit"))).data
        )


def _as_csv(table: IndicatorTable) -> Response:
    name = f"chi-so-{table.form_id}-{table.year}-{table.period}.csv"
    return Response(
        indicator_table.as_csv(table),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _table(request: Request, project_id: int) -> IndicatorTable:
    membership = people.member(request, project_id)
    asked = asked_of(shapes.IndicatorQuery, request.query_params)
    form = summary.published_form(membership.project_id, asked["form"])
    return read_indicators(
        membership,
        people.actor(request),
        form,
        Asked(
            year=asked["year"],
            period=asked["period"],
            units_on=asked.get("units_on") or today(),
            group=asked.get("group"),
            only_approved=asked["data"] == "approved",
        ),
    )
