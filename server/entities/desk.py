"""What people and programs at desks do to the entities of a list: make, change, delete.

The same rules as for phones hold, and the list is locked first; nothing is done by halves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from server.entities import rules
from server.entities.acts import Author, NewEntity, change, create_all, remove, set_all_deleted
from server.entities.acts import restore as bring_back
from server.entities.models import Entity, EntityList
from server.entities.problems import (
    EntityMissing,
    EntityPropertyUnknown,
    EntityVersionDiffers,
)


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to change of one entity; a blank label and what is not named stay."""

    label: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    base_version: int | None = None  # that it was made from
    is_forced: bool = False  # whatever the version is by now


def make(list_id: int, wanted: Sequence[NewEntity], author: Author) -> list[Entity]:
    """Make entities, all or none.

    Raises EntityLabelMissing, EntityExists, and what the list forbids (server.entities.rules).
    """
    with transaction.atomic(durable=True):
        entity_list = _locked(list_id)
        for one in wanted:
            rules.check_new(entity_list.name, one.data)
        return create_all(entity_list, wanted, author)


def correct(entity_id: int, asked: Correction, author: Author) -> Entity:
    """Change one entity.

    Raises EntityMissing, EntityVersionDiffers without the present version (or with none) unless
    forced, and what the list forbids.
    """
    with transaction.atomic(durable=True):
        entity_list, entity = _locked_with(entity_id)
        if not asked.is_forced and asked.base_version != entity.version:
            raise EntityVersionDiffers(current=entity.version)
        rules.check(entity_list.name, entity.data, asked.data)
        change(entity, entity_list, asked.data, author, label=asked.label)
        return entity


def delete(entity_id: int, author: Author) -> None:
    """Delete one entity, which keeps its id and its history. Raises EntityMissing."""
    with transaction.atomic(durable=True):
        entity_list, entity = _locked_with(entity_id)
        remove(entity, entity_list, author)


def restore(entity_id: int, author: Author) -> None:
    """Bring one entity back; repeating it changes nothing.

    Raises EntityMissing, also for one that was purged: nothing of it is left.
    """
    with transaction.atomic(durable=True):
        entity_list, entity = _locked_with_any(entity_id)
        if not entity.versions.exists():
            raise EntityMissing
        bring_back(entity, entity_list, author)


def delete_all(list_id: int, entity_ids: Collection[int], author: Author) -> int:
    """Delete entities of a list, all or none; return how many were not deleted before."""
    return _set_all(list_id, entity_ids, author, is_deleted=False)


def restore_all(list_id: int, entity_ids: Collection[int], author: Author) -> int:
    """Bring entities of a list back, all or none; return how many were deleted."""
    return _set_all(list_id, entity_ids, author, is_deleted=True)


def _set_all(
    list_id: int,
    entity_ids: Collection[int],
    author: Author,
    *,
    is_deleted: bool,
) -> int:
    with transaction.atomic(durable=True):
        entity_list = _locked(list_id)
        of_list = Entity.objects.filter(entity_list=entity_list, pk__in=entity_ids)
        owed = list(of_list.filter(deleted_at__isnull=not is_deleted).order_by("pk"))
        if owed:
            set_all_deleted(owed, entity_list, author, None if is_deleted else timezone.now())
        return len(owed)


def refuse_unknown(list_name: str, known: Collection[str], named: Collection[str]) -> None:
    """Refuse properties that a list does not have. Raises EntityPropertyUnknown."""
    for name in sorted(set(named) - set(known)):
        raise EntityPropertyUnknown(
            list=list_name, property=name[:64], known=", ".join(sorted(known))
        )


def _locked(list_id: int) -> EntityList:
    return EntityList.objects.select_for_update().get(pk=list_id)


def _locked_with(entity_id: int) -> tuple[EntityList, Entity]:
    entity_list, entity = _locked_with_any(entity_id)
    if entity.deleted_at is not None:
        raise EntityMissing
    return entity_list, entity


def _locked_with_any(entity_id: int) -> tuple[EntityList, Entity]:
    """Do so also with one that is deleted."""
    whose = EntityList.objects.filter(entities=entity_id)
    entity_list = EntityList.objects.select_for_update().filter(pk__in=whose.values("pk")).first()
    entity = Entity.objects.filter(pk=entity_id).first()
    if entity_list is None or entity is None:
        raise EntityMissing
    return entity_list, entity
