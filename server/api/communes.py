"""The communes of a day with their polygons, and which of them points lie in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems
from server.api.endpoint import Endpoint, asked_of, checked
from server.api.schema import refusals
from server.api.shapes import boundary_note
from server.api.views import today
from server.communes import features, locate
from server.communes.features import Feature, Map

MOST_POINTS = 1_000
_CALLER = (problems.Unauthenticated, problems.NotFound)


class GeoJson(JSONRenderer):
    """GeoJSON that a view has written already."""

    media_type = "application/geo+json"
    format = "geojson"


class CommuneQuery(serializers.Serializer[Any]):
    """Which communes."""

    on_date = serializers.DateField(required=False, help_text="ngày; bỏ trống: hôm nay")


class PointShape(serializers.Serializer[Any]):
    """A point in degrees WGS 84."""

    lon = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)
    onDate = serializers.DateField(required=False, help_text="ngày; bỏ trống: hôm nay")
    accuracyM = serializers.FloatField(
        required=False, min_value=0, max_value=100_000, help_text="sai số, mét"
    )


class PointsShape(serializers.Serializer[Any]):
    """Points to look up."""

    points = serializers.ListField(child=PointShape(), min_length=1, max_length=MOST_POINTS)


class LocatedShape(serializers.Serializer[Any]):
    """Where one point is."""

    uid = serializers.CharField(allow_null=True, help_text="mã@ngày hiệu lực; null: ngoài mọi xã")
    code = serializers.CharField(allow_null=True)
    status = serializers.CharField(help_text="inside, near_border, outside, no_coverage")
    distanceM = serializers.FloatField(
        source="distance_m", allow_null=True, help_text="tới đường gần nhất, mét"
    )
    candidates = serializers.ListField(child=serializers.CharField(), help_text="mã các xã có thể")
    isSchematic = serializers.BooleanField(
        source="is_schematic", help_text="true: sơ đồ tự vẽ, không phải ranh giới"
    )


_POINTS = OpenApiExample(
    "một điểm",
    request_only=True,
    value={"points": [{"lon": 105.8412, "lat": 21.5942, "onDate": "2026-05-20", "accuracyM": 8}]},
)
_LOCATED = OpenApiExample(
    "trong một xã",
    response_only=True,
    status_codes=["200"],
    value={
        "uid": "05443@2025-07-01",
        "code": "05443",
        "status": "inside",
        "distanceM": 812.4,
        "candidates": ["05443"],
        "isSchematic": False,
    },
)


class Communes(Endpoint):
    """All of a day."""

    renderer_classes = (GeoJson,)

    @extend_schema(
        operation_id="communes",
        summary="Các xã, phường của một ngày dạng GeoJSON, kèm dòng nguồn",
        parameters=[CommuneQuery],
        responses={
            (200, GeoJson.media_type): OpenApiResponse(
                OpenApiTypes.OBJECT, description="FeatureCollection; source, note đi cùng bản đồ"
            ),
            **refusals(
                *_CALLER, problems.ParameterInvalid(field="on_date", reason="Không phải ngày.")
            ),
        },
    )
    def get(self, request: Request, project_id: int, **kwargs: Any) -> HttpResponseBase:
        """Return them in Vietnamese order; a geometry is null where nothing is drawn."""
        people.member(request, project_id)
        on_date = asked_of(CommuneQuery, request.query_params).get("on_date") or today()
        shown = features.map_of(on_date)
        return StreamingHttpResponse(_written(on_date, shown), content_type=GeoJson.media_type)


class Locate(Endpoint):
    """Which commune points lie in."""

    posts_to_read = True

    @extend_schema(
        operation_id="locate",
        summary="Điểm nằm trong xã nào vào một ngày",
        request=PointsShape,
        responses={
            200: LocatedShape(many=True),
            **refusals(
                *_CALLER,
                problems.BodyMalformed,
                problems.BodyTooLarge(most_bytes=250_000),
                problems.MediaTypeUnsupported,
                problems.ParameterInvalid(field="points.0.lon", reason="Phải từ -180 đến 180."),
            ),
        },
        examples=[_POINTS, _LOCATED],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Return one answer a point, in their order. In the body: addresses stand in logs."""
        people.member(request, project_id)
        points = checked(PointsShape(data=request.data))["points"]
        coverages, now = locate.current(), today()
        found = [
            coverages.locate_one(
                point["lon"], point["lat"], point.get("onDate", now), point.get("accuracyM")
            )
            for point in points
        ]
        return Response(LocatedShape(found, many=True).data)


def _written(on_date: dt.date, shown: Map | None) -> Iterator[str]:
    head = {
        "type": "FeatureCollection",
        "onDate": on_date.isoformat(),
        "note": boundary_note(on_date),
        "source": shown.source if shown else None,
        "isSchematic": shown.is_schematic if shown else None,
    }
    yield f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": ['
    before = ""
    for feature in features.features(on_date, shown):
        yield before + _feature(feature)
        before = ","
    yield "]}"


def _feature(feature: Feature) -> str:
    unit = feature.unit
    properties = {
        "code": unit.code,
        "name": unit.name,
        "type": unit.type,
        "validFrom": unit.valid_from.isoformat() if unit.valid_from else None,
        "validTo": unit.valid_to.isoformat() if unit.valid_to else None,
        "areaKm2": unit.area_km2,
    }
    head = json.dumps(
        {"type": "Feature", "id": unit.uid, "properties": properties}, ensure_ascii=False
    )
    return f'{head[:-1]}, "geometry": {feature.geometry or "null"}}}'
