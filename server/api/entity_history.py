"""The history of one entity, as ODK Central's clients ask for it (openrosa.md §6.1)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from server.api import entities_shapes as shapes
from server.api import people, problems
from server.api import submissions_shapes as actors
from server.api.endpoint import Endpoint, checked
from server.api.entities import LIST, found
from server.api.moments import written
from server.api.projects import EXTENDED, is_extended
from server.api.schema import refusals
from server.entities import conflicts
from server.entities.models import Entity
from server.entities.problems import EntityMissing
from server.inspections import entity_history
from server.inspections.entity_history import Act
from server.inspections.entity_review import withheld


class EntityAuditShape(serializers.Serializer[Any]):
    """One thing that happened to an entity."""

    action = serializers.CharField(help_text="entity.create, entity.update.version …")
    actorId = serializers.IntegerField(help_text="người hoặc máy; 0: hệ thống")
    acteeId = serializers.CharField(help_text="mã bản ghi")
    loggedAt = serializers.DateTimeField()
    notes = serializers.CharField(allow_null=True, help_text="lý do")
    details = serializers.DictField(help_text="entity, source, số của bản")
    actor = actors.ActorShape(
        allow_null=True, help_text="null: hệ thống, hoặc người hỏi chỉ xem số tổng hợp"
    )


_AUDIT = OpenApiExample(
    "một thay đổi",
    response_only=True,
    status_codes=["200"],
    value={
        "action": "entity.update.version",
        "actorId": 3,
        "acteeId": "0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f",
        "loggedAt": "2026-06-12T01:30:00Z",
        "notes": "Xã đã có kế hoạch tập huấn.",
        "details": {
            "entity": {"uuid": "0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f", "dataset": "kien_nghi"},
            "source": {},
            "version": 2,
        },
        "actor": None,
    },
)


class EntityVersions(Endpoint):
    """All states that one entity had."""

    @extend_schema(
        operation_id="entityVersions",
        summary="Các bản của một bản ghi",
        parameters=[EXTENDED],
        responses={200: shapes.EntityVersionShape(many=True), **refusals(*LIST, EntityMissing)},
        examples=[shapes.VERSION],
    )
    def get(self, request: Request, project_id: int, name: str, uuid: UUID) -> Response:
        """Return them, the oldest first."""
        membership = people.member(request, project_id)
        _, entity = found(membership, name, uuid)
        is_withheld = entity.pk in withheld([entity.pk], membership)
        versions = list(entity.versions.order_by("number"))
        makers = entity_history.named(membership, versions) if is_extended(request) else None
        said = entity_history.submissions(membership, versions)
        others = {version.number: version for version in versions}
        return Response(
            [
                {
                    **shapes.version_of(
                        version,
                        is_current=version.number == entity.version,
                        is_withheld=is_withheld,
                        makers=makers,
                    ),
                    "conflict": shapes.conflict(version.conflict),
                    "conflictingProperties": conflicts.crossed(version, others),
                    "resolved": version.decided_at is not None,
                    "source": shapes.source(said.get(version.pk)),
                }
                for version in versions
            ]
        )


class EntityDiffs(Endpoint):
    """What each version changed."""

    @extend_schema(
        operation_id="entityDiffs",
        summary="Mỗi bản đã đổi gì",
        responses={
            200: OpenApiResponse(
                serializers.ListSerializer(child=shapes.ChangedPropertyShape(many=True)),
                description="một danh sách cho mỗi bản từ bản 2",
            ),
            **refusals(*LIST, EntityMissing),
        },
    )
    def get(self, request: Request, project_id: int, name: str, uuid: UUID) -> Response:
        """Return a list of changes for each version from the second, the oldest first."""
        membership = people.member(request, project_id)
        _, entity = found(membership, name, uuid)
        if withheld([entity.pk], membership):
            raise EntityMissing
        versions = entity.versions.order_by("number")
        return Response([shapes.changes(old, new) for old, new in pairwise(versions)])


class EntityAudits(Endpoint):
    """What happened to one entity."""

    @extend_schema(
        operation_id="entityAudits",
        summary="Ai đã làm gì với một bản ghi, khi nào",
        parameters=[shapes.PartQuery],
        responses={
            200: EntityAuditShape(many=True),
            **refusals(
                *LIST,
                EntityMissing,
                problems.ParameterInvalid(field="limit", reason="Giá trị nhỏ nhất là 1."),
            ),
        },
        examples=[_AUDIT],
    )
    def get(self, request: Request, project_id: int, name: str, uuid: UUID) -> Response:
        """Return it, the newest first: made, changed, decided, deleted, brought back."""
        membership = people.member(request, project_id)
        asked = checked(shapes.PartQuery(data=request.query_params))
        entity_list, entity = found(membership, name, uuid)
        acts = entity_history.acts(membership, entity_list, entity)
        start, count = asked["offset"], asked["limit"]
        part = acts[start : start + count if count else None]
        return Response([_audit(act, entity, entity_list.name) for act in part])


def _audit(act: Act, entity: Entity, list_name: str) -> dict[str, Any]:
    return {
        "action": act.action,
        "actorId": act.by_id,
        "acteeId": str(entity.uuid),
        "loggedAt": written(act.at),
        "notes": act.notes or None,
        "details": {
            "entity": {"uuid": str(entity.uuid), "dataset": list_name},
            "source": shapes.source(act.submission),
            **act.details,
        },
        "actor": actors.actor(act.by) if act.by else None,
    }
