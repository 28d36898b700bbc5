"""The tables of a form's feed that are of communes, for everybody who may read them as JSON."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from server.api import odata_shapes as shapes
from server.api import people, problems
from server.api.endpoint import Endpoint, checked
from server.api.odata import HEADERS, JSON, next_link, options_of, published, root_of
from server.api.schema import refusals
from server.api.views import today
from server.reports.odata import flat
from server.reports.odata.commune_sets import SETS, Reading, fields
from server.reports.odata.problems import (
    FilterFieldUnsupported,
    FilterMalformed,
    FilterUnsupported,
    OptionInvalid,
    OptionUnsupported,
    PropertyUnknown,
)

_OPTIONS = [one for one in shapes.OPTIONS if one.name in flat.OPTIONS]
_SET = OpenApiParameter("feed_set", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(SETS))


class SetQuery(serializers.Serializer[Any]):
    """What is asked beside OData's options, as at the addresses in JSON."""

    on_date = serializers.DateField(
        required=False, help_text="các xã của ngày này; bỏ trống: hôm nay"
    )
    # The name hides an attribute of serializers that nothing here uses.
    data = serializers.ChoiceField(  # type: ignore[assignment]
        choices=("approved", "all"),
        required=False,
        help_text="của Summary: approved: chỉ hồ sơ đã duyệt; bỏ trống: mọi hồ sơ không bị từ chối",
    )


class SetRows(Endpoint):
    """Rows of one of them."""

    @extend_schema(
        operation_id="odataSetRows",
        summary="OData: các xã, bảng tổng hợp, kiến nghị của một biểu",
        parameters=[_SET, SetQuery, *_OPTIONS],
        responses={
            200: shapes.RowsShape,
            **refusals(
                problems.Unauthenticated,
                problems.NotFound,
                problems.ParameterInvalid(field="on_date", reason="Không phải ngày."),
                OptionInvalid(option="$top", reason="cần một số nguyên"),
                OptionUnsupported(feature="$apply"),
                FilterMalformed(at=12, reason="sai cú pháp"),
                FilterUnsupported(text="contains()", at=1),
                FilterFieldUnsupported(text="overdue", known="__id, due, state"),
                PropertyUnknown(property="mau"),
            ),
        },
    )
    def get(
        self, request: Request, project_id: int, form_id: str, feed_set: str
    ) -> HttpResponseBase:
        """Return them: communes by code, the newest year or recommendation first.

        `Communes` and `Summary` are of the communes of a day. `Summary` has each year that
        inspections tell of three times: `period` `fy`, `h1`, and null for the whole year.
        `Recommendations` are those that inspections with this form made.
        """
        membership = people.member(request, project_id)
        form = published(membership, form_id)
        query = checked(SetQuery(data=request.query_params))
        given = {k: v for k, v in options_of(request).items() if k not in ("on_date", "data")}
        table = SETS[feed_set]
        columns = table.columns(form)
        asked = flat.read(given, columns, fields(columns))
        root = root_of(request, form)
        reading = Reading(
            membership, form, query.get("on_date") or today(), query.get("data") == "approved"
        )
        link = partial(next_link, request, f"{root}/{feed_set}")
        pieces = flat.page(asked, table.rows(reading, asked), f"{root}/$metadata#{feed_set}", link)
        return StreamingHttpResponse(pieces, content_type=JSON, headers=HEADERS)
