"""What the OData feed takes and gives, for the description of the API; with examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_serializer
from rest_framework import serializers


class EntitySetShape(serializers.Serializer[Any]):
    """One table."""

    name = serializers.CharField(help_text="Submissions, hoặc Submissions.<nhóm lặp>")
    kind = serializers.CharField()
    url = serializers.CharField()


class ServiceShape(serializers.Serializer[Any]):
    """All tables."""

    value = EntitySetShape(many=True)


@extend_schema_serializer(many=False)
class RowsShape(serializers.Serializer[Any]):
    """A page of rows."""

    value = serializers.ListField(
        child=serializers.DictField(),
        help_text="mỗi dòng: __id, __system, rồi các trường của biểu theo $metadata",
    )


SERVICE = OpenApiExample(
    "Các bảng",
    value={
        "@odata.context": "https://xa.example.org/v1/projects/1/forms/kt_18_5.svc/$metadata",
        "value": [
            {"name": "Submissions", "kind": "EntitySet", "url": "Submissions"},
            {"name": "Submissions.z_photo", "kind": "EntitySet", "url": "Submissions.z_photo"},
        ],
    },
    response_only=True,
    status_codes=["200"],
)
ROWS = OpenApiExample(
    "Một trang",
    value={
        "@odata.context": (
            "https://xa.example.org/v1/projects/1/forms/kt_18_5.svc/$metadata#Submissions"
        ),
        "@odata.count": 812,
        "value": [
            {
                "__id": "uuid:5a3d…",
                "__system": {
                    "submissionDate": "2026-06-12T01:30:00.000Z",
                    "updatedAt": None,
                    "submitterId": "12",
                    "submitterName": "Đoàn 3",
                    "attachmentsPresent": 2,
                    "attachmentsExpected": 2,
                    "status": None,
                    "reviewState": "approved",
                    "deviceId": "collect:1",
                    "edits": 0,
                    "formVersion": "1",
                    "deletedAt": None,
                },
                "h": {"h_date": "2026-06-11", "h_year": 2026, "h_commune": "05665"},
                "z_photo@odata.navigationLink": "Submissions('uuid%3A5a3d…')/z_photo",
            }
        ],
        "@odata.nextLink": (
            "https://xa.example.org/v1/projects/1/forms/kt_18_5.svc/Submissions"
            "?$top=1&$count=true&$skiptoken=MS04MTItMA"
        ),
    },
    response_only=True,
    status_codes=["200"],
)


def _option(name: str, kind: Any, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description)


DOCUMENT = OpenApiParameter("document", OpenApiTypes.STR, OpenApiParameter.PATH, enum=["$metadata"])
RESOURCE = OpenApiParameter(
    "resource",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="Submissions; Submissions.<nhóm lặp>; Submissions('uuid:…')[/<nhóm lặp>]",
)
OPTIONS = (
    _option("$top", OpenApiTypes.INT, "nhiều nhất bao nhiêu dòng một trang; không có: tất cả"),
    _option("$skip", OpenApiTypes.INT, "bỏ qua bao nhiêu dòng đầu"),
    _option("$count", OpenApiTypes.BOOL, "true: kèm tổng số dòng sau khi lọc"),
    _option("$filter", OpenApiTypes.STR, "ví dụ: __system/submissionDate ge 2026-05-04"),
    _option("$orderby", OpenApiTypes.STR, "ví dụ: __system/submissionDate asc"),
    _option("$select", OpenApiTypes.STR, "ví dụ: __id,__system/reviewState,h/h_year"),
    _option("$expand", OpenApiTypes.STR, "*: kèm các dòng của mọi nhóm lặp"),
    _option("$wkt", OpenApiTypes.BOOL, "true: tọa độ dạng WKT thay cho GeoJSON"),
    _option("$skiptoken", OpenApiTypes.STR, "chỉ lấy từ @odata.nextLink"),
)
SEARCH = _option(
    "$search", OpenApiTypes.STR, "chỉ những dòng có một chữ chứa đoạn này, không kể hoa thường"
)
