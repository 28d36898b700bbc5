"""Create and update one entity, with its conflicts and its branches (openrosa.md §4.12).

The list is locked by the caller, so nothing in it changes meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils import timezone

from server.entities import rules
from server.entities.blocks import Block
from server.entities.models import SYSTEM, ConflictKind, Entity, EntityList, EntityVersion
from server.entities.problems import (
    EntityBaseInvalid,
    EntityCommuneRefused,
    EntityExists,
    EntityLabelMissing,
    EntityUnknown,
)
from server.entities.rendering import COMMUNE
from server.entities.rules import Weighed
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import AppUser, User

_BATCH = 1000  # rows that are written at once
_TOLD = 20  # ids that are taken, to whoever wants many made
UNNAMED = "(chưa có nhãn)"  # of what an update made, whose form asks for no label


class Held(Exception):
    """An earlier update of the same branch is still to come."""


@dataclass(frozen=True, slots=True)
class NewEntity:
    """What is to be made."""

    uuid: UUID
    label: str
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Base:
    """What an update was made from."""

    number: int | None  # of the entity's version; None where the update made the entity
    branch_id: UUID | None = None
    branch_base: int | None = None  # as the device counts


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a version."""

    name: str  # username of a device, name of a person, or SYSTEM
    submission_id: int | None = None
    person: User | None = None
    reason: str = ""


def act(
    block: Block, entity_list: EntityList, submission_id: int, app_user: str, is_forced: bool
) -> None:
    """Carry out one block. Raises Held, and the Problems of server.entities.problems."""
    uuid = UUID(block.uuid)
    author = Author(app_user, submission_id)
    entity = Entity.objects.filter(entity_list=entity_list, uuid=uuid).first()
    if block.does_update and entity is not None and entity.deleted_at is None:
        _report(block, entity, entity_list, author, _base(block, entity, is_forced=is_forced))
    elif block.does_create and entity is not None and _is_guessed(entity):
        _report(_beneath(entity, block), entity, entity_list, author, Base(entity.version))
    elif block.does_create:
        _open(block, entity_list, author)
    elif entity is None and block.branch_id and block.trunk_version is None:
        # Made without a network, and what made it has not come, or waits for approval: that may
        # take weeks, and would be refused if this made the entity meanwhile.
        if not is_forced or entity_list.approval_required:
            raise Held
        branch = Base(None, UUID(block.branch_id), block.base_version)
        _open(replace(block, label=block.label or UNNAMED), entity_list, author, branch)
    else:
        raise EntityUnknown(list=entity_list.name)


def _report(
    block: Block, entity: Entity, entity_list: EntityList, author: Author, base: Base
) -> None:
    said = {**block.data, **({"label": block.label} if block.label else {})}
    if _is_out_of_reach(entity, author):
        weighed = Weighed({}, said, EntityCommuneRefused.code)
    else:
        weighed = rules.weigh_update(entity_list.name, entity.data, said)
    counts = {name: value for name, value in weighed.counts.items() if name != "label"}
    label = weighed.counts.get("label", "")
    change(entity, entity_list, counts, author, label=label, base=base, weighed=weighed)


def _is_out_of_reach(entity: Entity, author: Author) -> bool:
    """Tell whether an entity was never of a commune whose rows the device gets.

    What it once could have got it may report on, wherever a reform has brought the entity since.
    """
    number = author.name.removeprefix("u")  # of AppUser.username; "" where no device sent it
    if not entity.data.get(COMMUNE) or not number.isdecimal():
        return False
    device = AppUser.objects.filter(pk=number).first()
    if device is None or not device.commune_uids:
        return False
    return not entity.versions.filter(data__xa__in=device.commune_uids).exists()


def _is_guessed(entity: Entity) -> bool:
    """Tell whether an update made an entity, because what should have made it did not come."""
    return (
        entity.deleted_at is None
        and entity.versions.filter(number=1).exclude(branch_id=None).exists()
    )


def _beneath(entity: Entity, block: Block) -> Block:
    """Return what comes after all made an entity: what updates have said since stands above it."""
    data = {name: value for name, value in block.data.items() if name not in entity.data}
    return replace(block, data=data, label=block.label if entity.label == UNNAMED else "")


def _open(
    block: Block, entity_list: EntityList, author: Author, branch: Base | None = None
) -> None:
    weighed = rules.weigh_new(entity_list.name, block.data)
    new = NewEntity(UUID(block.uuid), block.label, weighed.counts)
    create_all(entity_list, [new], author, weighed, branch)


def create(
    entity_list: EntityList,
    uuid: UUID,
    label: str,
    data: Mapping[str, str],
    author: Author,
    weighed: Weighed | None = None,
) -> Entity:
    """Create an entity in a locked list. Raises EntityLabelMissing, EntityExists."""
    return create_all(entity_list, [NewEntity(uuid, label, data)], author, weighed)[0]


def create_all(
    entity_list: EntityList,
    wanted: Sequence[NewEntity],
    author: Author,
    weighed: Weighed | None = None,
    branch: Base | None = None,
) -> list[Entity]:
    """Create entities in a locked list. Raises EntityLabelMissing, EntityExists.

    branch: whose update makes them.
    The audit log comes last: from its first line on, all others who write one wait.
    """
    many = Counter(one.uuid for one in wanted)
    if not all(one.label for one in wanted):
        raise EntityLabelMissing(list=entity_list.name)
    there = Entity.objects.filter(entity_list=entity_list, uuid__in=many)
    taken = {uuid for uuid in many if many[uuid] > 1} | set(there.values_list("uuid", flat=True))
    if taken:
        uuids = ", ".join(sorted(str(uuid) for uuid in taken)[:_TOLD])
        raise EntityExists(list=entity_list.name, uuids=uuids)
    now = timezone.now()
    entities = [
        Entity(
            entity_list=entity_list,
            uuid=one.uuid,
            label=one.label,
            data=dict(one.data),
            created_at=now,
            updated_at=now,
        )
        for one in wanted
    ]
    made = Entity.objects.bulk_create(entities, batch_size=_BATCH)
    versions = [_version(one, author, branch, ConflictKind.NONE, weighed) for one in made]
    EntityVersion.objects.bulk_create(versions, batch_size=_BATCH)
    _touch(entity_list)
    for one in made:
        _audit(author, "entity.create", one, entity_list)
    return made


def _audit(author: Author, action: str, entity: Entity, entity_list: EntityList) -> None:
    """Tell of what people do; what a device does, its submission says."""
    if author.person is not None:
        what = Object("entity", str(entity.uuid), entity_list.project_id)
        said = {"dataset": entity_list.name, "version": entity.version}
        audit.record(Actor.person(author.person), action, what, said)


def change(
    entity: Entity,
    entity_list: EntityList,
    data: Mapping[str, str],
    author: Author,
    *,
    label: str = "",
    base: Base | None = None,
    weighed: Weighed | None = None,
) -> None:
    """Write the next version of an entity in a locked list; a blank label keeps the old one.

    base: what it was made from, the present version for None. Where that is an older one, the
    change is made all the same and flagged as a conflict.
    weighed: what else was said, and is kept with the version until somebody decides.
    """
    base = base or Base(entity.version)
    mine = {**data, **({"label": label} if label else {})}
    conflict = _conflict(entity, base.number or entity.version, mine)
    entity.version += 1
    entity.label = label or entity.label
    entity.data = {**entity.data, **data}
    entity.updated_at = timezone.now()
    entity.save()
    _version(entity, author, base, conflict, weighed).save()
    _touch(entity_list)
    _audit(author, "entity.update.version", entity, entity_list)


def remove(entity: Entity, entity_list: EntityList, author: Author | None = None) -> None:
    """Delete an entity of a locked list; no device ever makes another by its id."""
    if entity.deleted_at is None:
        _set_deleted(entity, entity_list, timezone.now())
        if author is not None:
            _audit(author, "entity.delete", entity, entity_list)


def restore(entity: Entity, entity_list: EntityList, author: Author | None = None) -> None:
    """Bring a deleted entity of a locked list back, as it was."""
    if entity.deleted_at is not None:
        _set_deleted(entity, entity_list, None)
        if author is not None:
            _audit(author, "entity.restore", entity, entity_list)


def set_all_deleted(
    entities: Sequence[Entity], entity_list: EntityList, author: Author, at: dt.datetime | None
) -> None:
    """Delete entities of a locked list, or bring them back with None; the audit log comes last."""
    Entity.objects.filter(pk__in=[one.pk for one in entities]).update(deleted_at=at)
    _touch(entity_list)
    action = "entity.restore" if at is None else "entity.delete"
    for one in entities:
        _audit(author, action, one, entity_list)


def _set_deleted(entity: Entity, entity_list: EntityList, at: dt.datetime | None) -> None:
    entity.deleted_at = at
    entity.save(update_fields=["deleted_at"])
    _touch(entity_list)


def _base(block: Block, entity: Entity, *, is_forced: bool) -> Base:
    """Return what an update was made from, by the server's count.

    A device counts its own updates on from the version that it got (trunk), or from 1 for what it
    made itself; the server may have counted others in between.
    """
    counted = block.base_version
    if counted is None:  # it was asked for both, and was new to the device
        return Base(entity.version)
    if not block.branch_id:
        return Base(_existing(counted, entity))
    trunk = 1 if block.trunk_version is None else block.trunk_version
    branch = UUID(block.branch_id)
    if counted <= trunk:
        return Base(_existing(counted, entity), branch, counted)
    earlier = entity.versions.filter(branch_id=branch, branch_base__lt=counted)
    last = earlier.order_by("-branch_base").first()
    if last is not None and last.branch_base == counted - 1:
        return Base(last.number, branch, counted)
    if not is_forced:
        raise Held
    number = last.number if last is not None else _existing(trunk, entity)
    return Base(number, branch, counted)


def _existing(number: int, entity: Entity) -> int:
    if not 1 <= number <= entity.version:
        raise EntityBaseInvalid(attribute="baseVersion")
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


def _version(
    entity: Entity,
    author: Author,
    base: Base | None,
    conflict: ConflictKind,
    weighed: Weighed | None,
) -> EntityVersion:
    """Return an entity as it is now, as a version to be kept."""
    rule = weighed.rule if weighed else ""
    return EntityVersion(
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
        person=author.person,
        reason=author.reason,
        conflict=ConflictKind.RULE if rule else conflict,
        held=dict(weighed.held) if weighed else {},
        rule=rule,
    )


def _touch(entity_list: EntityList) -> None:
    entity_list.changes += 1
    entity_list.save(update_fields=["changes"])
