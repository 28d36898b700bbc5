"""Many entities at once, who made them, and where they are (Central 2025.3)."""

from __future__ import annotations

from itertools import islice
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import people, problems, stored
from server.api import submissions_shapes as actors
from server.api.endpoint import MOST_BULK_BYTES, BulkJson, Endpoint, checked
from server.api.entities import FILTER, LIST
from server.api.entities_shapes import MOST_ENTITIES
from server.api.odata_shapes import SEARCH
from server.api.schema import refusals
from server.api.shapes import Done
from server.api.submission_places import FEATURES, streamed
from server.entities.problems import EntityListKept, EntityMissing
from server.inspections import entity_desk, entity_places
from server.reports.odata import entities as feed
from server.reports.odata.problems import (
    FilterFieldUnsupported,
    FilterMalformed,
    FilterUnsupported,
)

_REFUSED = refusals(
    *LIST,
    EntityMissing,
    EntityListKept(list="viec"),
    problems.BodyMalformed,
    problems.BodyTooLarge(most_bytes=MOST_BULK_BYTES),
    problems.MediaTypeUnsupported,
    problems.ParameterInvalid(field="ids", reason="Trường này là bắt buộc."),
)


class IdsShape(serializers.Serializer[Any]):
    """Which ones."""

    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_ENTITIES
    )


class CountShape(Done):
    """How many were changed."""

    count = serializers.IntegerField(help_text="số bản ghi đã đổi; gọi lại lần nữa thì là 0")


class EntityPlacesQuery(serializers.Serializer[Any]):
    """How many."""

    limit = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, default=None, help_text="số vị trí"
    )


_IDS = OpenApiExample(
    "hai bản ghi",
    request_only=True,
    value={"ids": ["0b1c5b1e-8a3f-4f6e-9a53-2f6f0a3f3b11", "5f1f9f0e-16b1-4a0c-8f0d-7b9c3e0d2a22"]},
)
_COUNT = OpenApiExample(
    "xong", response_only=True, status_codes=["200"], value={"success": True, "count": 2}
)


class EntitiesDeletion(Endpoint):
    """Deleting many."""

    parser_classes = (BulkJson,)

    @extend_schema(
        operation_id="deleteEntities",
        summary="Xóa nhiều bản ghi, tất cả hoặc không bản nào",
        request=IdsShape,
        responses={200: CountShape, **_REFUSED},
        examples=[_IDS, _COUNT],
    )
    def post(self, request: Request, project_id: int, name: str) -> Response:
        """Delete them, for managers, all or none; those that are deleted already stay so."""
        membership = people.manager(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        count = entity_desk.delete_all(membership, entity_list, _ids(request))
        return Response({"success": True, "count": count})


class EntitiesRestoration(Endpoint):
    """Bringing many back."""

    parser_classes = (BulkJson,)

    @extend_schema(
        operation_id="restoreEntities",
        summary="Khôi phục nhiều bản ghi, tất cả hoặc không bản nào",
        request=IdsShape,
        responses={200: CountShape, **_REFUSED},
        examples=[_IDS, _COUNT],
    )
    def post(self, request: Request, project_id: int, name: str) -> Response:
        """Bring them back, for managers, all or none; those that are there stay as they are."""
        membership = people.manager(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        count = entity_desk.restore_all(membership, entity_list, _ids(request))
        return Response({"success": True, "count": count})


class EntityCreators(Endpoint):
    """Who made the entities of a list."""

    @extend_schema(
        operation_id="entityCreators",
        summary="Những máy và người đã lập bản ghi của một danh sách",
        responses={200: actors.ActorShape(many=True), **refusals(*LIST)},
        examples=[actors.ACTOR],
    )
    def get(self, request: Request, project_id: int, name: str) -> Response:
        """Return each device and each person once, by name, for reviewers."""
        membership = people.reviewer(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        found = entity_desk.creators(membership, entity_list)
        return Response([actors.actor(one) for one in found])


class EntityPlaces(Endpoint):
    """Where the entities of a list are."""

    renderer_classes = (stored.Raw,)

    @extend_schema(
        operation_id="entityPlaces",
        summary="Vị trí các bản ghi của một danh sách, dạng GeoJSON",
        parameters=[EntityPlacesQuery, FILTER, SEARCH],
        responses={
            **FEATURES,
            **refusals(
                *LIST,
                problems.ParameterInvalid(field="limit", reason="Giá trị nhỏ nhất là 1."),
                FilterMalformed(at=12, reason="sai cú pháp"),
                FilterUnsupported(text="contains()", at=1),
                FilterFieldUnsupported(text="han", known="__id, __system/createdAt"),
            ),
        },
    )
    def get(self, request: Request, project_id: int, name: str, **kwargs: Any) -> HttpResponseBase:
        """Return a feature for each with a `geometry`, the newest first, for reviewers."""
        membership = people.reviewer(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        asked = checked(EntityPlacesQuery(data=request.query_params))
        given = {one: request.query_params.get(one, "") for one in ("$filter", "$search")}
        found = entity_desk.within(membership, entity_list)
        if any(given.values()):
            narrowed = feed.numbers(membership, entity_list, given)
            found = found.filter(pk__in=narrowed)
        return streamed(islice(entity_places.features(found), asked["limit"]))


class OneEntityPlace(Endpoint):
    """Where one of them is."""

    renderer_classes = (stored.Raw,)

    @extend_schema(
        operation_id="entityPlace",
        summary="Vị trí một bản ghi, dạng GeoJSON",
        responses={**FEATURES, **refusals(*LIST, EntityMissing)},
    )
    def get(
        self, request: Request, project_id: int, name: str, uuid: UUID, **kwargs: Any
    ) -> HttpResponseBase:
        """Return its feature, or none where it names no place."""
        membership = people.reviewer(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        one = entity_desk.find(membership, entity_list, uuid)
        found = entity_desk.within(membership, entity_list).filter(pk=one.pk)
        return streamed(entity_places.features(found))


def _ids(request: Request) -> list[UUID]:
    found: list[UUID] = checked(IdsShape(data=request.data))["ids"]
    return found
