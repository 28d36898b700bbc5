"""Create and update one entity, with its conflicts and its branches (openrosa.md §4.12).

The list is locked by the caller, so nothing in it changes meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from server.entities.blocks import Block
from server.entities.models import SYSTEM, ConflictKind, Entity, EntityList, EntityVersion
from server.entities.problems import (
    EntityBaseInvalid,
    EntityBranchInvalid,
    EntityExists,
    EntityIdInvalid,
    EntityLabelMissing,
    EntityUnknown,
)


class Held(Exception):  # noqa: N818  (no error: it only waits)
    """An earlier update of the same branch is still to come."""


@dataclass(frozen=True, slots=True)
class Base:
    """What an update was made from."""

    number: int  # of the entity's version
    branch_id: UUID | None = None
    branch_base: int | None = None  # as the device counts


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a version."""

    name: str  # username of a device, or SYSTEM
    submission_id: int | None = None


def act(
    block: Block, entity_list: EntityList, submission_id: int, app_user: str, is_forced: bool
) -> None:
    """Carry out one block. Raises Held, and the Problems of server.entities.problems."""
    uuid = _uuid(block.uuid, entity_list)
    _check_branch(block, entity_list)
    author = Author(app_user, submission_id)
    entity = Entity.objects.filter(entity_list=entity_list, uuid=uuid).first()
    if block.is_update and entity is not None and entity.deleted_at is None:
        base = _base(block, entity, is_forced=is_forced)
        change(entity, entity_list, block.properties, author, label=block.label, base=base)
    elif block.is_create:
        create(entity_list, uuid, block.label, block.properties, author)
    elif entity is None and block.branch_id and not block.trunk_version:
        # Made without a network, and what made it has not come.
        if not is_forced:
            raise Held
        create(entity_list, uuid, block.label, block.properties, author)
    else:
        raise EntityUnknown(list=entity_list.name)


def create(
    entity_list: EntityList, uuid: UUID, label: str, data: Mapping[str, str], author: Author
) -> Entity:
    """Create an entity in a locked list. Raises EntityLabelMissing, EntityExists."""
    if not label:
        raise EntityLabelMissing(list=entity_list.name)
    if Entity.objects.filter(entity_list=entity_list, uuid=uuid).exists():
        raise EntityExists(list=entity_list.name)
    now = timezone.now()
    entity = Entity.objects.create(
        entity_list=entity_list,
        uuid=uuid,
        label=label,
        data=dict(data),
        created_at=now,
        updated_at=now,
    )
    _keep_version(entity, author, None, ConflictKind.NONE)
    _touch(entity_list)
    return entity


def change(
    entity: Entity,
    entity_list: EntityList,
    data: Mapping[str, str],
    author: Author,
    *,
    label: str = "",
    base: Base | None = None,
) -> None:
    """Write the next version of an entity in a locked list; a blank label keeps the old one.

    base: what it was made from, the present version for None. Where that is an older one, the
    change is made all the same and flagged as a conflict.
    """
    base = base or Base(entity.version)
    conflict = _conflict(entity, base.number, {**data, **({"label": label} if label else {})})
    entity.version += 1
    entity.label = label or entity.label
    entity.data = {**entity.data, **data}
    entity.updated_at = timezone.now()
    entity.save()
    _keep_version(entity, author, base, conflict)
    _touch(entity_list)


def _uuid(text: str, entity_list: EntityList) -> UUID:
    bare = text.lower().removeprefix("uuid:")
    try:
        uuid = UUID(bare)
    except ValueError as error:
        raise EntityIdInvalid(list=entity_list.name) from error
    if uuid.version != 4 or str(uuid) != bare:
        raise EntityIdInvalid(list=entity_list.name)
    return uuid


def _check_branch(block: Block, entity_list: EntityList) -> None:
    if not block.branch_id:
        if block.trunk_version:
            raise EntityBranchInvalid(list=entity_list.name)
        return
    try:
        UUID(block.branch_id)
    except ValueError as error:
        raise EntityBranchInvalid(list=entity_list.name) from error


def _base(block: Block, entity: Entity, *, is_forced: bool) -> Base:
    """Return what an update was made from, by the server's count.

    A device counts its own updates on from the version that it got (trunk), or from 1 for what it
    made itself; the server may have counted others in between.
    """
    name = entity.entity_list.name
    counted = _number(block.base_version, name)
    if not block.branch_id:
        return Base(_existing(counted, entity, name))
    trunk = _number(block.trunk_version, name) if block.trunk_version else 1
    branch = UUID(block.branch_id)
    if counted <= trunk:
        return Base(_existing(counted, entity, name), branch, counted)
    earlier = entity.versions.filter(branch_id=branch, branch_base__lt=counted)
    last = earlier.order_by("-branch_base").first()
    if last is not None and last.branch_base == counted - 1:
        return Base(last.number, branch, counted)
    if not is_forced:
        raise Held
    number = last.number if last is not None else _existing(trunk, entity, name)
    return Base(number, branch, counted)


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise EntityBaseInvalid(list=name)
    return int(text)


def _existing(number: int, entity: Entity, name: str) -> int:
    if not 1 <= number <= entity.version:
        raise EntityBaseInvalid(list=name)
    return number


def _conflict(entity: Entity, base: int, mine: Mapping[str, str]) -> ConflictKind:
    if base == entity.version:
        return ConflictKind.NONE
    old = entity.versions.get(number=base)
    before, now = {**old.data, "label": old.label}, {**entity.data, "label": entity.label}
    differs = any(
        now.get(name) != before.get(name) and now.get(name) != value for name, value in mine.items()
    )
    return ConflictKind.HARD if differs else ConflictKind.SOFT


def _keep_version(
    entity: Entity, author: Author, base: Base | None, conflict: ConflictKind
) -> None:
    EntityVersion.objects.create(
        entity=entity,
        number=entity.version,
        label=entity.label,
        data=entity.data,
        base=base.number if base else None,
        branch_id=base.branch_id if base else None,
        branch_base=base.branch_base if base else None,
        submission_id=author.submission_id,
        by=author.name or SYSTEM,
        at=entity.updated_at,
        conflict=conflict,
    )


def _touch(entity_list: EntityList) -> None:
    entity_list.changes += 1
    entity_list.save(update_fields=["changes"])
