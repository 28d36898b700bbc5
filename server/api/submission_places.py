"""Where submissions are, as GeoJSON for maps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from server.api import problems, stored
from server.api.endpoint import Endpoint, checked
from server.api.people import reviewer
from server.api.schema import refusals
from server.api.submissions import UNKNOWN
from server.inspections import review as scoped
from server.inspections import submission_desk, submission_points
from server.inspections.submission_points import PlaceUnknown
from server.reports.odata.narrowing import narrowed
from server.reports.odata.problems import (
    FilterFieldUnsupported,
    FilterMalformed,
    FilterUnsupported,
)
from server.submissions.desk_problems import VersionMissing
from server.submissions.models import Submission
from server.submissions.problems import FormUnknown

_GEOJSON = "application/geo+json"
FEATURES = {
    (200, _GEOJSON): OpenApiResponse(
        dict[str, Any], description="FeatureCollection (RFC 7946), kinh độ trước; id: instanceId"
    )
}


class PlacesTwice(problems.ParameterInvalid):
    """Two questions at once, where a feature has one geometry (Central's 400.41)."""

    code = "parameter.fieldpath_twice"
    vi = "Chỉ chọn một câu hỏi về vị trí mỗi lần. Gửi một tham số fieldpath."
    en = "Choose one question about a place at a time: send one fieldpath."
    central = 400.41


class PlacesQuery(serializers.Serializer[Any]):
    """Which question, and how many."""

    fieldpath = serializers.CharField(
        max_length=1000, required=False, default="", help_text="ví dụ /h/h_gps; mặc định câu đầu"
    )
    limit = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


_FILTER = OpenApiParameter(
    "$filter", str, description="như của OData, ví dụ __system/reviewState eq 'approved'"
)


class SubmissionPlaces(Endpoint):
    """All of a form's."""

    renderer_classes = (stored.Raw,)
    reads = "form.submission.read"

    @extend_schema(
        operation_id="submissionPlaces",
        summary="Vị trí các hồ sơ của một biểu, dạng GeoJSON",
        parameters=[PlacesQuery, _FILTER],
        responses={
            **FEATURES,
            **refusals(
                problems.Unauthenticated,
                problems.NotFound,
                FormUnknown(form_id="kt_18_5"),
                PlaceUnknown(path="ten", known="/h/h_gps"),
                PlacesTwice,
                FilterMalformed(at=1, reason="thiếu vế phải"),
                FilterUnsupported(at=1, text="contains"),
                FilterFieldUnsupported(text="h/h_date", known="__system/reviewState"),
            ),
        },
    )
    def get(
        self, request: Request, project_id: int, form_id: str, **kwargs: Any
    ) -> HttpResponseBase:
        """Return a feature for each submission with a place, the newest first, for reviewers."""
        membership = reviewer(request, project_id)
        form = submission_desk.form_of(membership, form_id)
        asked = _asked(request)
        found = narrowed(submission_desk.listed(membership, form), asked["$filter"])
        rows = submission_points.features(form, found, asked["fieldpath"])
        return streamed(islice(rows, asked.get("limit")))


class OneSubmissionPlace(Endpoint):
    """One of them."""

    renderer_classes = (stored.Raw,)
    reads = "submission.read"

    @extend_schema(
        operation_id="submissionPlace",
        summary="Vị trí một hồ sơ, dạng GeoJSON",
        parameters=[PlacesQuery],
        responses={
            **FEATURES,
            **refusals(*UNKNOWN, PlaceUnknown(path="ten", known="/h/h_gps"), PlacesTwice),
        },
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str
    ) -> HttpResponseBase:
        """Return its feature, or none where it names no place."""
        submission = scoped.find(reviewer(request, project_id), form_id, instance_id)
        asked = _asked(request)
        one = Submission.objects.filter(pk=submission.pk)
        return streamed(submission_points.features(submission.form, one, asked["fieldpath"]))


class SubmissionVersionPlace(Endpoint):
    """One version of one of them."""

    renderer_classes = (stored.Raw,)
    reads = "submission.read"

    @extend_schema(
        operation_id="submissionVersionPlace",
        summary="Vị trí trong một bản của một hồ sơ, dạng GeoJSON",
        parameters=[PlacesQuery],
        responses={
            **FEATURES,
            **refusals(
                *UNKNOWN,
                VersionMissing(instance_id="uuid:5a3d…"),
                PlaceUnknown(path="ten", known="/h/h_gps"),
                PlacesTwice,
            ),
        },
    )
    def get(
        self, request: Request, project_id: int, form_id: str, instance_id: str, version_id: str
    ) -> HttpResponseBase:
        """Return its feature, or none where it names no place."""
        submission = scoped.find(reviewer(request, project_id), form_id, instance_id)
        version = submission_desk.version(submission, version_id)
        return streamed(submission_points.of_version(version, _asked(request)["fieldpath"]))


def _asked(request: Request) -> dict[str, Any]:
    asked = checked(PlacesQuery(data=request.query_params))
    if len(request.query_params.getlist("fieldpath")) > 1:
        raise PlacesTwice
    return {"$filter": request.query_params.get("$filter", ""), **asked}


def streamed(rows: Iterable[dict[str, Any]]) -> HttpResponseBase:
    """Return features as they are read."""
    return StreamingHttpResponse(_collection(rows), content_type=_GEOJSON)


def _collection(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Write features as they are read: a form may have a million."""
    yield '{"type":"FeatureCollection","features":['
    before = ""
    for feature in rows:
        yield before + json.dumps(feature, ensure_ascii=False)
        before = ","
    yield "]}"
