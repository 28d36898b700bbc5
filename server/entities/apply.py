"""Carry out what a submission says about entities: once, and all of it or nothing.

Repeating it changes nothing: a submission that has acted never acts again, whatever edit comes
(openrosa.md ET09). Whoever calls has a transaction open.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from server.entities.acts import Held, act, remove
from server.entities.blocks import Block
from server.entities.models import Entity, EntityList, EntitySource, SourceState
from server.errors import Problem

log = logging.getLogger(__name__)

PATIENCE = dt.timedelta(days=5)  # that an update waits for those before it (openrosa.md §4.12)
OWNERS = {"viec": "app_user"}  # lists that are made with an owner


@dataclass(frozen=True, slots=True)
class Source:
    """What the blocks came with."""

    project_id: int
    submission_id: int
    app_user: str  # username of the device, or ""
    is_approved: bool
    is_held: bool = False  # somebody has to look at its words before others may read them


def apply(blocks: Sequence[Block], source: Source, refused: Problem | None = None) -> None:
    """Carry out the blocks of a submission, or write down why not; then what waited for them.

    The caller holds the lock of the submission, so that nobody else writes its EntitySource.
    refused: what the caller, who knows the form, found wrong with them.
    """
    before = EntitySource.objects.filter(submission_id=source.submission_id).first()
    if before is not None and before.state == SourceState.DONE:
        return
    if not blocks and refused is None:
        if before is not None:  # an edit took it back before anything was done
            before.delete()
        return
    state, failure = _try(blocks, source, refused)
    row = before or EntitySource(project_id=source.project_id, submission_id=source.submission_id)
    _note(row, source, state, failure, blocks)
    if state == SourceState.DONE:
        _release(source.project_id)


def force_held(now: dt.datetime) -> int:
    """Carry out what has waited too long for an earlier update; return how many submissions.

    One that cannot be carried out even so has failed.
    """
    overdue = EntitySource.objects.filter(state=SourceState.HELD, since__lt=now - PATIENCE)
    ids = list(overdue.order_by("since", "pk").values_list("pk", flat=True))
    for pk in ids:
        _force(pk)
    return len(ids)


@transaction.atomic(durable=True)
def _force(pk: int) -> None:
    row = EntitySource.objects.select_for_update().get(pk=pk)
    if row.state == SourceState.HELD:
        _retry(row, is_forced=True)
        _release(row.project_id)


def lists_of(project_id: int, names: Collection[str]) -> dict[str, EntityList]:
    """Return entity lists by name, made where they are new, locked in one order everywhere."""
    found = _locked(project_id, names)
    missing = sorted(set(names).difference(found))
    for name in missing:
        EntityList.objects.get_or_create(
            project_id=project_id, name=name, defaults={"owner_property": OWNERS.get(name, "")}
        )
    # A new list comes after those that are locked by now, so the order holds.
    return _locked(project_id, names) if missing else found


def _locked(project_id: int, names: Collection[str]) -> dict[str, EntityList]:
    found = EntityList.objects.select_for_update().filter(project=project_id, name__in=names)
    return {entity_list.name: entity_list for entity_list in found.order_by("pk")}


def _try(
    blocks: Sequence[Block],
    source: Source,
    refused: Problem | None = None,
    *,
    is_forced: bool = False,
) -> tuple[SourceState, str]:
    try:
        with transaction.atomic():
            if refused is not None:
                raise refused
            if source.is_held:
                return SourceState.WAITING, ""
            lists = lists_of(source.project_id, {block.list_name for block in blocks})
            if not source.is_approved and _needs_approval(blocks, lists):
                return SourceState.WAITING, ""
            for block in blocks:
                act(block, lists[block.list_name], source.submission_id, source.app_user, is_forced)
    except Held:
        return SourceState.HELD, ""
    except Problem as problem:
        log.warning("submission %s: entities: %s", source.submission_id, problem.code)
        return SourceState.FAILED, problem.code
    return SourceState.DONE, ""


def _needs_approval(blocks: Sequence[Block], lists: dict[str, EntityList]) -> bool:
    return any(block.does_create and lists[block.list_name].approval_required for block in blocks)


def _note(
    row: EntitySource, source: Source, state: SourceState, failure: str, blocks: Sequence[Block]
) -> None:
    if row.pk is None or row.state != state:
        row.since = timezone.now()
    row.state, row.failure, row.app_user = state, failure, source.app_user
    row.blocks = [asdict(block) for block in blocks] if state == SourceState.HELD else []
    row.save()


def _release(project_id: int) -> None:
    """Carry out what was held for what has just been done, and what was held for that in turn."""
    has_moved = True
    while has_moved:
        held = EntitySource.objects.filter(project=project_id, state=SourceState.HELD)
        has_moved = any(_retry(row) for row in held.order_by("since", "pk"))


def _retry(row: EntitySource, *, is_forced: bool = False) -> bool:
    blocks = tuple(Block(**given) for given in row.blocks)
    source = Source(row.project_id, row.submission_id, row.app_user, is_approved=True)
    state, failure = _try(blocks, source, is_forced=is_forced)
    if state != SourceState.HELD:
        _note(row, source, state, failure, blocks)
    return state != SourceState.HELD


@transaction.atomic(durable=True)
def delete_one(entity: Entity) -> None:
    """Delete an entity, in a transaction of its own."""
    delete(entity)


def delete(entity: Entity) -> None:
    """Delete an entity; its id is never free again. The caller has a transaction open."""
    entity_list = EntityList.objects.select_for_update().get(pk=entity.entity_list_id)
    remove(Entity.objects.get(pk=entity.pk), entity_list)
