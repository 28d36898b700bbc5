"""The JSON of entities, as ODK Central spells it (openrosa.md §6.1), with its examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from server.api import submissions_shapes as actors
from server.api.moments import written
from server.entities.models import ConflictKind, EntityVersion
from server.entities.rendering import COMMUNE
from server.inspections.entity_desk import Told, maker_id
from server.projects.models import AppUser, User
from server.submissions.models import Submission

MOST_ENTITIES = 10_000
_MOST_TEXT = 100_000  # characters: a shape has some thousand points

Makers = Mapping[int, AppUser | User]


class VersionShape(serializers.Serializer[Any]):
    """One version."""

    label = serializers.CharField(  # type: ignore[assignment]  # Field has one of another meaning
        allow_blank=True
    )
    current = serializers.BooleanField()
    createdAt = serializers.DateTimeField()
    creatorId = serializers.IntegerField(help_text="người hoặc máy; 0: hệ thống")
    userAgent = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()
    baseVersion = serializers.IntegerField(allow_null=True)
    creator = actors.ActorShape(
        required=False, allow_null=True, help_text="chỉ với X-Extended-Metadata; null: hệ thống"
    )
    # The name hides an attribute of serializers that nothing here uses.
    data = serializers.DictField(child=serializers.CharField(allow_blank=True))  # type: ignore[assignment]


class EntityVersionShape(VersionShape):
    """One version in the history of its entity."""

    conflict = serializers.CharField(allow_null=True, help_text="null, soft hoặc hard")
    conflictingProperties = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="hai bên ghi khác nhau"
    )
    resolved = serializers.BooleanField(help_text="xung đột đã quyết định")
    source = serializers.DictField(  # type: ignore[assignment]  # Field has one of another meaning
        help_text="hồ sơ đã ghi bản này; trống: ghi tại bàn, hoặc người hỏi chỉ xem số tổng hợp"
    )


class EntityShape(serializers.Serializer[Any]):
    """One entity."""

    uuid = serializers.CharField()
    creatorId = serializers.IntegerField()
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField(allow_null=True)
    deletedAt = serializers.DateTimeField(allow_null=True)
    conflict = serializers.CharField(allow_null=True, help_text="null, soft hoặc hard")
    creator = actors.ActorShape(
        required=False, allow_null=True, help_text="chỉ với X-Extended-Metadata; null: hệ thống"
    )
    currentVersion = VersionShape()


class PropertiesField(serializers.DictField):
    """Texts by property, as they came: pyodk's merge would find them changed each time.

    Only a commune is told by its number alone, or nobody who answers for it would see the entity.
    """

    child = serializers.CharField(max_length=_MOST_TEXT, allow_blank=True, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Return them."""
        given = super().to_internal_value(data)
        return {name: text.strip() if name == COMMUNE else text for name, text in given.items()}


class EntityRowShape(serializers.Serializer[Any]):
    """What is to be made."""

    uuid = serializers.UUIDField(required=False, default=None, help_text="UUID phiên bản 4")
    # The name hides an attribute of serializers that nothing here uses.
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=2000, allow_blank=True, trim_whitespace=False
    )
    data = PropertiesField(required=False, default=dict)  # type: ignore[assignment]

    def validate_uuid(self, given: UUID | None) -> UUID | None:
        """Take what phones can hold."""
        if given is not None and given.version != 4:
            raise serializers.ValidationError("Cần UUID phiên bản 4.")
        return given


class PartQuery(serializers.Serializer[Any]):
    """Which part of a list is asked for; as Central, all of it where nothing is said."""

    limit = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, default=None)
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)


class EntityListQuery(PartQuery):
    """Which entities are asked for."""

    deleted = serializers.BooleanField(
        default=False, help_text="true: các bản ghi đã xóa còn khôi phục được"
    )


class EntitySourceShape(serializers.Serializer[Any]):
    """Where entities of a bulk come from."""

    name = serializers.CharField(max_length=500)
    size = serializers.IntegerField(required=False, min_value=0)


class BulkShape(serializers.Serializer[Any]):
    """Many at once."""

    entities = serializers.ListField(child=EntityRowShape(), min_length=1, max_length=MOST_ENTITIES)
    source = EntitySourceShape(required=False)  # type: ignore[assignment]  # as above


class EntityOrBulkShape(serializers.Serializer[Any]):
    """One entity (`uuid`, `label`, `data`), or many (`entities`, `source`)."""

    uuid = serializers.UUIDField(required=False)
    label = serializers.CharField(required=False)  # type: ignore[assignment]  # as above
    data = serializers.DictField(  # type: ignore[assignment]  # as above
        child=serializers.CharField(allow_blank=True), required=False
    )
    entities = serializers.ListField(child=EntityRowShape(), required=False)
    source = EntitySourceShape(required=False)  # type: ignore[assignment]  # as above


class CorrectionQuery(serializers.Serializer[Any]):
    """What a change was made from."""

    force = serializers.BooleanField(default=False, help_text="True: bỏ qua phiên bản")
    baseVersion = serializers.IntegerField(required=False, default=None)
    resolve = serializers.BooleanField(default=False, help_text="luôn bị từ chối khi là true")

    def validate_resolve(self, given: bool) -> bool:
        """Refuse Central's way to decide about a conflict, which asks for no reason."""
        if given:
            raise serializers.ValidationError(
                "Xung đột được quyết định tại …/conflicts/{id}, kèm lý do."
            )
        return given


class CorrectionShape(serializers.Serializer[Any]):
    """What is to change; what is left out stays."""

    # The name hides an attribute of serializers that nothing here uses.
    label = serializers.RegexField(  # type: ignore[assignment]
        r"\S",
        max_length=2000,
        required=False,
        default="",
        trim_whitespace=False,
        error_messages={"invalid": "Không được để trống."},
    )
    data = PropertiesField(required=False, default=dict)  # type: ignore[assignment]

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Refuse what changes nothing, which may well be misspelt: it would be a version."""
        if not {"label", "data"} & set(self.initial_data):
            raise serializers.ValidationError("Cần label hoặc data.")
        return asked


class ChangedPropertyShape(serializers.Serializer[Any]):
    """One value that a version changed."""

    propertyName = serializers.CharField()
    old = serializers.CharField(allow_null=True)
    new = serializers.CharField(allow_null=True)


def conflict(kind: str) -> str | None:
    """Return what Central calls a conflict; to it a broken rule is a hard one."""
    return str(ConflictKind.HARD) if kind == ConflictKind.RULE else kind or None


def source(submission: Submission | None) -> dict[str, Any]:
    """Return what a version came of, as Central tells it: of nothing where a desk made it."""
    if submission is None:
        return {}
    said = {
        "xmlFormId": submission.form.form_id,
        "instanceId": submission.instance_id,
        "createdAt": written(submission.created_at),
    }
    return {"submission": said}


def version_of(
    version: EntityVersion,
    *,
    is_current: bool,
    is_withheld: bool = False,
    makers: Makers | None = None,
) -> dict[str, Any]:
    """Return one version as JSON; without its words where they are withheld.

    makers: of versions, by their keys, where they are asked for.
    """
    return {
        "label": "" if is_withheld else version.label,
        "current": is_current,
        "createdAt": written(version.at),
        "creatorId": maker_id(version),
        "userAgent": "",
        "version": version.number,
        "baseVersion": version.base,
        "data": {} if is_withheld else version.data,
        **_named(version, makers),
    }


def _named(version: EntityVersion, makers: Makers | None) -> dict[str, Any]:
    """Return who made a version, where makers are asked for and may be told."""
    if makers is None:
        return {}
    maker = makers.get(version.pk)
    return {"creator": actors.actor(maker) if maker else None}


def entity(
    told: Told, *, conflict: str = "", is_withheld: bool = False, makers: Makers | None = None
) -> dict[str, Any]:
    """Return one entity as JSON; makers as `version_of` takes them."""
    one = told.entity
    return {
        "uuid": str(one.uuid),
        "creatorId": maker_id(told.first),
        "createdAt": written(one.created_at),
        "updatedAt": written(one.updated_at) if one.version > 1 else None,
        "deletedAt": one.deleted_at and written(one.deleted_at),
        "conflict": conflict or None,
        "currentVersion": version_of(
            told.current, is_current=True, is_withheld=is_withheld, makers=makers
        ),
        **_named(told.first, makers),
    }


def changes(old: EntityVersion, new: EntityVersion) -> list[dict[str, Any]]:
    """Return what one version changed of the one before it, label first."""
    before, after = {"label": old.label, **old.data}, {"label": new.label, **new.data}
    return [
        {"propertyName": name, "old": before.get(name), "new": after.get(name)}
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


_VERSION = {
    "label": "A4. Tập huấn",
    "current": True,
    "createdAt": "2026-06-12T01:30:00Z",
    "creatorId": 3,
    "userAgent": "",
    "version": 2,
    "baseVersion": 1,
    "data": {"trang_thai": "dang_thuc_hien"},
}
_ENTITY = {
    "uuid": "0b1f5a52-6d1c-4c5e-9d0a-3f2b1c4d5e6f",
    "creatorId": 12,
    "createdAt": "2026-05-20T03:00:00Z",
    "updatedAt": "2026-06-12T01:30:00Z",
    "deletedAt": None,
    "conflict": None,
    "currentVersion": _VERSION,
}
_OF_HISTORY = {
    **_VERSION,
    "conflict": None,
    "conflictingProperties": None,
    "resolved": False,
    "source": {
        "submission": {
            "xmlFormId": "kn",
            "instanceId": "uuid:5a3d…",
            "createdAt": "2026-06-12T01:30:00.000Z",
        }
    },
}
ENTITY = OpenApiExample("một bản ghi", response_only=True, status_codes=["200"], value=_ENTITY)
NEW = OpenApiExample(
    "một bản ghi mới",
    request_only=True,
    value={"label": "A4. Tập huấn", "data": {"xa": "05443@2025-07-01", "trang_thai": "moi"}},
)
VERSION = OpenApiExample("một bản", response_only=True, status_codes=["200"], value=_OF_HISTORY)
CORRECTION = OpenApiExample(
    "sửa một thuộc tính", request_only=True, value={"data": {"muc_do": "cao"}}
)
