"""Entity lists as phones get them: stable order, never cut short, what each device may have.

A phone deletes what it once got and finds missing (openrosa.md MF13), and everybody who may open
a form gets its lists: so the rows are limited here, by commune and by owner.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.entities.models import Entity, EntityList

COMMUNE = "xa"  # the property that holds the uid of an AdminUnit


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose list it is."""

    commune_uids: frozenset[str]  # empty: all
    username: str

    def holds(self, data: Mapping[str, str], owner_property: str, *, has_commune: bool) -> bool:
        """Whether a row is for this device; of a list that knows communes, none without one."""
        if owner_property and data.get(owner_property) != self.username:
            return False
        if owner_property or not has_commune or not self.commune_uids:
            return True
        return data.get(COMMUNE) in self.commune_uids


def rows(
    project_id: int, list_name: str, properties: Sequence[str], scope: Scope
) -> list[tuple[str, ...]]:
    """Return the rows below the header name, label, __version and the properties; oldest first."""
    entity_list = EntityList.objects.filter(project=project_id, name=list_name).first()
    if entity_list is None:
        return []
    found = (
        Entity.objects.filter(entity_list=entity_list, deleted_at=None)
        .order_by("pk")
        .values_list("uuid", "label", "version", "data")
    )
    owner, has_commune = entity_list.owner_property, COMMUNE in properties
    return [
        (str(uuid), label, str(version), *(data.get(name, "") for name in properties))
        for uuid, label, version, data in found
        if scope.holds(data, owner, has_commune=has_commune)
    ]


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
        entity.uuid: entity.deleted_at is not None
        or not scope.holds(entity.data, entity.entity_list.owner_property, has_commune=False)
        for entity in found.order_by("pk")
    }
