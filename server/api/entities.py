"""Entities, as ODK Central's clients list, make, change and delete them (openrosa.md §6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import entities_shapes as shapes
from server.api import odata_shapes, people, problems
from server.api.endpoint import MOST_BULK_BYTES, BulkJson, Csv, Endpoint, checked
from server.api.files import table
from server.api.projects import EXTENDED, is_extended
from server.api.schema import refusals
from server.api.shapes import Done
from server.entities.acts import NewEntity
from server.entities.desk import Correction
from server.entities.models import Entity, EntityList
from server.entities.problems import (
    EntityCommuneRefused,
    EntityExists,
    EntityLabelMissing,
    EntityListKept,
    EntityListUnknown,
    EntityMissing,
    EntityPropertyUnknown,
    EntityVersionDiffers,
)
from server.entities.recommendation_problems import (
    RecommendationDueOutOfBounds,
    RecommendationPersonal,
    RecommendationStepRefused,
)
from server.inspections import entity_desk, entity_history
from server.inspections.entity_review import withheld
from server.projects.models import Membership
from server.reports import entities_table
from server.reports.odata import entities as feed
from server.reports.odata.problems import (
    FilterFieldUnsupported,
    FilterMalformed,
    FilterUnsupported,
)

FILTER = next(one for one in odata_shapes.OPTIONS if one.name == "$filter")

LIST = (
    problems.Unauthenticated,
    problems.NotFound,
    EntityListUnknown(list="kien_ngi"),
)
_WRITE = (
    problems.BodyMalformed,
    problems.MediaTypeUnsupported,
    problems.ParameterInvalid(field="label", reason="Trường này là bắt buộc."),
    EntityListKept(list="viec"),
    EntityPropertyUnknown(list="kien_nghi", property="mau", known="han, xa"),
    EntityCommuneRefused,
    RecommendationDueOutOfBounds(first="20/05/2026", last="12/06/2031"),
    RecommendationPersonal,
    RecommendationStepRefused(from_state="", to_state="hoan_thanh"),
)


class Entities(Endpoint):
    """All of a list's."""

    parser_classes = (BulkJson,)

    @extend_schema(
        operation_id="entities",
        summary="Các bản ghi của một danh sách",
        parameters=[shapes.EntityListQuery, EXTENDED],
        responses={
            200: shapes.EntityShape(many=True),
            **refusals(
                *LIST,
                problems.ParameterInvalid(
                    field="limit", reason="Giá trị phải lớn hơn hoặc bằng 1."
                ),
            ),
        },
        examples=[shapes.ENTITY],
    )
    def get(self, request: Request, project_id: int, name: str) -> Response:
        """Return those that the caller may see, the newest first; deleted ones are left out."""
        membership = people.member(request, project_id)
        asked = checked(shapes.EntityListQuery(data=request.query_params))
        of = entity_desk.in_trash if asked["deleted"] else entity_desk.within
        found = of(membership, entity_desk.find_list(membership, name))
        start, count = asked["offset"], asked["limit"]
        part = found[start : start + count if count else None]
        return Response(_told(membership, part, with_makers=is_extended(request)))

    @extend_schema(
        operation_id="makeEntities",
        summary="Lập một bản ghi, hoặc nhiều bản ghi một lần",
        request=shapes.EntityOrBulkShape,
        responses={
            200: OpenApiResponse(
                OpenApiTypes.OBJECT, description="bản ghi; với nhiều bản ghi: success"
            ),
            **refusals(
                *LIST,
                *_WRITE,
                problems.BodyTooLarge(most_bytes=MOST_BULK_BYTES),
                EntityExists(list="kien_nghi", uuids="0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f"),
                EntityLabelMissing,
            ),
        },
        examples=[shapes.NEW],
    )
    def post(self, request: Request, project_id: int, name: str) -> Response:
        """Make them, all or none."""
        membership = people.reviewer(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        if isinstance(request.data, dict) and "entities" in request.data:
            bulk = checked(shapes.BulkShape(data=request.data))
            source = bulk.get("source", {}).get("name", "")
            wanted = [_new(row) for row in bulk["entities"]]
            entity_desk.make(membership, entity_list, wanted, source)
            return Response({"success": True})
        row = checked(shapes.EntityRowShape(data=request.data))
        return Response(
            _told(membership, entity_desk.make(membership, entity_list, [_new(row)]))[0]
        )


class EntitiesCsv(Endpoint):
    """The same, as a table."""

    renderer_classes = (Csv,)

    @extend_schema(
        operation_id="entitiesCsv",
        summary="Các bản ghi dạng bảng CSV, như ODK Central",
        parameters=[FILTER],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="UTF-8."),
            304: OpenApiResponse(description="chưa có gì thay đổi từ `If-None-Match`"),
            **refusals(
                *LIST,
                FilterMalformed(at=12, reason="sai cú pháp"),
                FilterUnsupported(text="contains()", at=1),
                FilterFieldUnsupported(text="han", known="__id, __system/createdAt"),
            ),
        },
    )
    def get(self, request: Request, project_id: int, name: str, **kwargs: Any) -> HttpResponseBase:
        """Return Central's columns, as text that no spreadsheet runs; narrowed as its feed is."""
        membership = people.member(request, project_id)
        entity_list = entity_desk.find_list(membership, name)
        wanted = request.query_params.get("$filter", "")
        given = {"$filter": wanted}
        narrowed = feed.numbers(membership, entity_list, given) if wanted else None
        text = _table(membership, entity_list, narrowed)
        return table(request, text.encode(), f"{entity_list.name}.csv")


def _table(membership: Membership, entity_list: EntityList, narrowed: frozenset[int] | None) -> str:
    """Return all entities of a list that a person may see, or those of some numbers, as CSV."""
    told = entity_desk.told(entity_desk.within(membership, entity_list))
    kept = withheld([one.entity.pk for one in told], membership)
    names = entity_desk.maker_names(membership, told)
    lines = [
        entities_table.Line(one, names.get(one.entity.pk, ""), one.entity.pk in kept)
        for one in told
        if narrowed is None or one.entity.pk in narrowed
    ]
    return entities_table.as_csv(entity_desk.columns(entity_list), lines)


class OneEntity(Endpoint):
    """One of them."""

    @extend_schema(
        operation_id="entity",
        summary="Một bản ghi",
        parameters=[EXTENDED],
        responses={200: shapes.EntityShape, **refusals(*LIST, EntityMissing)},
        examples=[shapes.ENTITY],
    )
    def get(self, request: Request, project_id: int, name: str, uuid: UUID) -> Response:
        """Return it."""
        membership = people.member(request, project_id)
        _, entity = found(membership, name, uuid)
        return Response(_told(membership, [entity], with_makers=is_extended(request))[0])

    @extend_schema(
        operation_id="correctEntity",
        summary="Sửa một bản ghi",
        parameters=[shapes.CorrectionQuery],
        request=shapes.CorrectionShape,
        responses={
            200: shapes.EntityShape,
            **refusals(
                *LIST,
                *_WRITE,
                problems.BodyTooLarge(most_bytes=250_000),
                EntityMissing,
                EntityVersionDiffers(current=3),
            ),
        },
        examples=[shapes.CORRECTION, shapes.ENTITY],
    )
    def patch(self, request: Request, project_id: int, name: str, uuid: UUID) -> Response:
        """Change it, from the version that `baseVersion` names, or whatever it is with `force`."""
        membership = people.reviewer(request, project_id)
        query = checked(shapes.CorrectionQuery(data=request.query_params))
        asked = checked(shapes.CorrectionShape(data=request.data))
        entity_list, entity = found(membership, name, uuid)
        correction = Correction(
            asked["label"], asked["data"], query["baseVersion"], is_forced=query["force"]
        )
        changed = entity_desk.correct(membership, entity_list, entity, correction)
        return Response(_told(membership, [changed])[0])

    @extend_schema(
        operation_id="deleteEntity",
        summary="Xóa một bản ghi",
        responses={
            200: Done,
            **refusals(*LIST, EntityMissing, EntityListKept(list="viec")),
        },
    )
    def delete(self, request: Request, project_id: int, name: str, uuid: UUID) -> Response:
        """Delete it, for managers; phones let go of it, its id and history stay."""
        membership = people.manager(request, project_id)
        entity_desk.delete(membership, *found(membership, name, uuid))
        return Response({"success": True})


class EntityRestore(Endpoint):
    """One that was deleted."""

    @extend_schema(
        operation_id="restoreEntity",
        summary="Khôi phục bản ghi đã xóa",
        request=None,
        responses={200: Done, **refusals(*LIST, EntityMissing, EntityListKept(list="viec"))},
    )
    def post(self, request: Request, project_id: int, name: str, uuid: UUID) -> Response:
        """Bring it back, for managers, as it was; phones get it with their next list."""
        membership = people.manager(request, project_id)
        entity_desk.restore(membership, entity_desk.find_list(membership, name), uuid)
        return Response({"success": True})


def found(membership: Membership, name: str, uuid: UUID) -> tuple[EntityList, Entity]:
    """Return a list and one of its entities. Raises EntityListUnknown, EntityMissing."""
    entity_list = entity_desk.find_list(membership, name)
    return entity_list, entity_desk.find(membership, entity_list, uuid)


def _told(
    membership: Membership, entities: Iterable[Entity], *, with_makers: bool = False
) -> list[dict[str, Any]]:
    """Return entities as JSON: two questions for any number, and three for who may not read all.

    with_makers: two more, for who reviews.
    """
    told = entity_desk.told(entities)
    versions = (version for one in told for version in (one.first, one.current))
    makers = entity_history.named(membership, versions) if with_makers else None
    pks = [one.entity.pk for one in told]
    kept = withheld(pks, membership)
    conflicts = entity_desk.conflicts_of(pks)
    return [
        shapes.entity(
            one,
            conflict=conflicts.get(one.entity.pk, ""),
            is_withheld=one.entity.pk in kept,
            makers=makers,
        )
        for one in told
    ]


def _new(row: dict[str, Any]) -> NewEntity:
    label = row["label"] if row["label"].strip() else ""
    return NewEntity(row["uuid"] or uuid4(), label, row["data"])
