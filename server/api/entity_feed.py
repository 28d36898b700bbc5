"""The OData feed of an entity list, as ODK Central's clients read it (openrosa.md §6.4)."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from server.api import odata_shapes as shapes
from server.api import people, problems
from server.api.endpoint import Endpoint
from server.api.odata import HEADERS, JSON, Xml, next_link, options_of
from server.api.paths import base_url
from server.api.schema import refusals
from server.entities.models import EntityList
from server.entities.problems import EntityListUnknown
from server.inspections import entity_desk
from server.reports.odata import asked, entities, flat, metadata
from server.reports.odata.problems import (
    FilterFieldUnsupported,
    FilterMalformed,
    FilterUnsupported,
    OptionInvalid,
    OptionUnsupported,
    PropertyUnknown,
)

_UNKNOWN = (problems.Unauthenticated, problems.NotFound, EntityListUnknown(list="kien_ngi"))
_OPTIONS = [*(one for one in shapes.OPTIONS if one.name in flat.OPTIONS), shapes.SEARCH]
_RESOURCE = OpenApiParameter(
    "resource", OpenApiTypes.STR, OpenApiParameter.PATH, enum=[entities.NAME]
)


class EntityService(Endpoint):
    """Which tables there are: one."""

    @extend_schema(
        operation_id="entityService",
        summary="OData: bảng của một danh sách bản ghi",
        responses={
            200: shapes.ServiceShape,
            **refusals(*_UNKNOWN, OptionUnsupported(feature="$top")),
        },
        examples=[shapes.SERVICE],
    )
    def get(self, request: Request, project_id: int, name: str) -> HttpResponseBase:
        """List it."""
        membership = people.member(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        asked.refuse_unknown(options_of(request), frozenset())
        context = f"{_root(request, entity_list)}/$metadata"
        text = metadata.service_document([entities.NAME], context)
        return HttpResponse(text, content_type=JSON, headers=HEADERS)


class EntityMetadata(Endpoint):
    """What it holds."""

    renderer_classes = (Xml,)

    @extend_schema(
        operation_id="entityMetadata",
        summary="OData: mô tả bảng bản ghi ($metadata, EDMX)",
        parameters=[shapes.DOCUMENT],
        responses={
            (200, "application/xml"): OpenApiResponse(OpenApiTypes.STR, description="EDMX 4.0"),
            **refusals(*_UNKNOWN, OptionUnsupported(feature="$top")),
        },
    )
    def get(self, request: Request, project_id: int, name: str, document: str) -> HttpResponseBase:
        """Return the types of its columns."""
        membership = people.member(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        asked.refuse_unknown(options_of(request, "xml"), frozenset())
        text = entities.edmx(entity_list)
        return HttpResponse(text, content_type="application/xml; charset=utf-8", headers=HEADERS)


class EntityRows(Endpoint):
    """Its rows."""

    @extend_schema(
        operation_id="entityRows",
        summary="OData: các bản ghi của một danh sách",
        parameters=[_RESOURCE, *_OPTIONS],
        responses={
            200: shapes.RowsShape,
            **refusals(
                *_UNKNOWN,
                OptionInvalid(option="$top", reason="cần một số nguyên"),
                OptionUnsupported(feature="$apply"),
                FilterMalformed(at=12, reason="sai cú pháp"),
                FilterUnsupported(text="contains()", at=1),
                FilterFieldUnsupported(text="han", known="__id, __system/createdAt"),
                PropertyUnknown(property="mau"),
            ),
        },
    )
    def get(self, request: Request, project_id: int, name: str, resource: str) -> HttpResponseBase:
        """Return those that the caller may see, the newest first; deleted ones are left out."""
        membership = people.member(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        if resource != entities.NAME:
            raise problems.NotFound
        properties = entity_desk.columns(entity_list)
        columns = entities.columns(properties)
        wanted = flat.read(options_of(request), columns, entities.FIELDS, is_searched=True)
        root = _root(request, entity_list)
        link = partial(next_link, request, f"{root}/{entities.NAME}")
        context = f"{root}/$metadata#{entities.NAME}"
        rows = entities.rows(membership, entity_list, properties, wanted)
        pieces = flat.page(wanted, rows, context, link)
        return StreamingHttpResponse(pieces, content_type=JSON, headers=HEADERS)


def _root(request: Request, entity_list: EntityList) -> str:
    name = quote(entity_list.name, safe="")
    return f"{base_url(request)}/v1/projects/{entity_list.project_id}/datasets/{name}.svc"
