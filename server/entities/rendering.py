"""Entity lists as phones get them: stable order, never cut short, what each device may have.

A phone deletes what it once got and finds missing (openrosa.md MF13), and everybody who may open
a form gets its lists: so the rows are limited here, by commune and by owner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models.fields.json import KeyTextTransform

from server.entities.models import Entity, EntityList

COMMUNE = "xa"  # the property that holds the uid of an AdminUnit


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose list it is."""

    commune_uids: frozenset[str]  # empty: all
    username: str | None  # None: of everybody


@dataclass(frozen=True, slots=True)
class Limits:
    """Which rows a device gets; equal limits give equal rows."""

    owner: str | None = None  # of the rows; None: anybody's
    commune_uids: frozenset[str] = frozenset()  # empty: all


def limits(entity_list: EntityList, properties: Sequence[str], scope: Scope) -> Limits:
    """Return what limits a list: its owners, or else the communes of a list that knows some."""
    if entity_list.owner_property:
        return Limits(owner=scope.username)
    return Limits(commune_uids=scope.commune_uids if COMMUNE in properties else frozenset())


def rows(
    entity_list: EntityList, properties: Sequence[str], scope: Scope
) -> Iterator[tuple[str, ...]]:
    """Yield the rows below the header name, label, __version and the properties; oldest first."""
    limited = limits(entity_list, properties, scope)
    found = Entity.objects.filter(entity_list=entity_list, deleted_at=None)
    if limited.owner is not None:
        owner = KeyTextTransform(entity_list.owner_property, "data")
        found = found.annotate(owner=owner).filter(owner=limited.owner)
    if limited.commune_uids:
        commune = KeyTextTransform(COMMUNE, "data")
        found = found.annotate(commune=commune).filter(commune__in=limited.commune_uids)
    columns = found.order_by("pk").values_list("uuid", "label", "version", "data")
    for uuid, label, version, data in columns.iterator():
        yield str(uuid), label, str(version), *(data.get(name, "") for name in properties)


def needs_approval(project_id: int, list_name: str) -> bool:
    """Whether a phone must wait for the server before it shows what it created."""
    return EntityList.objects.filter(
        project=project_id, name=list_name, approval_required=True
    ).exists()


def deleted(
    project_id: int, list_name: str, uuids: Collection[UUID] | None, scope: Scope
) -> dict[UUID, bool]:
    """Return which entities are gone, for one device; those never seen are left out (MF19).

    uuids: those asked for; None for all. What is somebody else's own is gone for this one.
    """
    found = Entity.objects.filter(
        entity_list__project=project_id, entity_list__name=list_name
    ).select_related("entity_list")
    if uuids is not None:
        found = found.filter(uuid__in=uuids)
    return {
        entity.uuid: entity.deleted_at is not None or not _may_own(entity, scope)
        for entity in found.order_by("pk")
    }


def _may_own(entity: Entity, scope: Scope) -> bool:
    owner_property = entity.entity_list.owner_property
    if not owner_property or scope.username is None:
        return True
    return bool(entity.data.get(owner_property) == scope.username)
