"""Carry out what a submission says about entities: once, and all of it or nothing.

Repeating it changes nothing: a submission that has acted never acts again, whatever edit comes
(openrosa.md ET09). Whoever calls has a transaction open.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from server.entities import failures, openings
from server.entities.acts import Held, act
from server.entities.blocks import Block
from server.entities.models import EntityList, EntitySource, SourceState
from server.entities.openings import Opening
from server.entities.problems import EntityUnknown
from server.errors import Problem
from server.statements import Columns, all_rows

log = logging.getLogger(__name__)

PATIENCE = dt.timedelta(days=5)  # that an update waits for those before it (openrosa.md §4.12)
LAST_PATIENCE = dt.timedelta(days=30)  # of one whose entity may wait for approval
OWNERS = {"viec": "app_user"}  # lists that are made with an owner


@dataclass(frozen=True, slots=True)
class Source:
    """What the blocks came with."""

    project_id: int
    submission_id: int
    app_user: str  # username of the device, or ""
    is_approved: bool
    is_held: bool = False  # somebody has to look at its words before others may read them


@dataclass(frozen=True, slots=True)
class Asked:
    """What one submission says about entities."""

    source: Source
    blocks: Sequence[Block]
    refused: Problem | None = None  # what the caller, who knows the form, found wrong with them

    @property
    def is_new_alone(self) -> bool:
        """Tell whether it asks for nothing but new entities, and need not wait for anybody."""
        is_free = self.refused is None and not self.source.is_held
        return is_free and openings.are_new(self.blocks)


def done(submission_ids: Collection[int]) -> set[int]:
    """Return the submissions that have acted, and never act again."""
    sources = EntitySource.objects.filter(submission_id__in=submission_ids, state=SourceState.DONE)
    return set(sources.values_list("submission_id", flat=True))


def apply(asked: Sequence[Asked]) -> None:
    """Carry out what submissions ask for, or write down why not; then what waited for them.

    In their order, but for those that only make what is new: they come first, and together. The
    caller holds the locks of the submissions, so that nobody else writes their EntitySource, and
    leaves out those that are `done`.
    """
    sources = EntitySource.objects.filter(submission_id__in=[a.source.submission_id for a in asked])
    before = {row.submission_id: row for row in sources}
    opened = open_new([one for one in asked if one.source.submission_id not in before])
    has_acted = {one.source.project_id for one in asked if one.source.submission_id in opened}
    for one in asked:
        if one.source.submission_id not in opened:
            has_acted |= _act(one, before.get(one.source.submission_id))
    for project_id in sorted(has_acted):
        release(project_id)


def open_new(asked: Sequence[Asked]) -> set[int]:
    """Make what is new for submissions that have no EntitySource; return for which it was done.

    What waited for them is left to the caller (`release`), and so is whatever else they ask for.
    """
    uuids = Counter(block.uuid for one in asked for block in one.blocks)
    by_project: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        # Where another speaks of the same, the order counts.
        if one.is_new_alone and all(uuids[block.uuid] == 1 for block in one.blocks):
            by_project[one.source.project_id].append(one)
    opened: set[int] = set()
    for project_id, ones in sorted(by_project.items()):
        lists = lists_of(project_id, {block.list_name for one in ones for block in one.blocks})
        opened |= openings.open_all(
            [Opening(o.source.submission_id, o.source.app_user, o.blocks) for o in ones],
            project_id,
            lists,
        )
    return opened


def _act(asked: Asked, before: EntitySource | None) -> set[int]:
    """Carry out one submission; return its project where that was done."""
    source = asked.source
    if not asked.blocks and asked.refused is None:
        if before is not None:  # an edit took it back before anything was done
            before.delete()
        return set()
    state, failure = _try(asked.blocks, source, asked.refused)
    row = before or EntitySource(project_id=source.project_id, submission_id=source.submission_id)
    _note(row, source, state, failure, asked.blocks)
    return {source.project_id} if state == SourceState.DONE else set()


def force_held(now: dt.datetime) -> int:
    """Carry out what has waited too long for an earlier update; return how many submissions.

    One that cannot be carried out even so has failed, but for one whose entity may still wait for
    approval: it goes on waiting, though not for ever, since each arrival looks at all that wait.
    """
    overdue = EntitySource.objects.filter(state=SourceState.HELD, since__lt=now - PATIENCE)
    ids = list(overdue.order_by("since", "pk").values_list("pk", flat=True))
    return sum(_force(pk, now) for pk in ids)


@transaction.atomic(durable=True)
def _force(pk: int, now: dt.datetime) -> bool:
    row = EntitySource.objects.select_for_update().get(pk=pk)
    if row.state != SourceState.HELD:
        return False
    if _retry(row, is_forced=True):
        release(row.project_id)
        return True
    if row.since < now - LAST_PATIENCE:
        source = Source(row.project_id, row.submission_id, row.app_user, is_approved=True)
        problem = EntityUnknown(list=Block(**row.blocks[0]).list_name)
        _note(row, source, SourceState.FAILED, problem, ())
    return False


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


# `declared` is JSON, which would need a converter; nothing here looks at it.
_LIST = Columns(EntityList, frozenset({"declared"}))
_LOCK = f"""
SELECT {_LIST.names} FROM entities_entitylist
WHERE project_id = %s AND name = ANY(%s) ORDER BY id FOR UPDATE
"""  # noqa: S608  (names of our own columns)


def _locked(project_id: int, names: Collection[str]) -> dict[str, EntityList]:
    found = (_LIST.read(row) for row in all_rows(_LOCK, [project_id, list(names)]))
    return {entity_list.name: entity_list for entity_list in found}


def _try(
    blocks: Sequence[Block],
    source: Source,
    refused: Problem | None = None,
    *,
    is_forced: bool = False,
) -> tuple[SourceState, Problem | None]:
    try:
        with transaction.atomic():
            if refused is not None:
                raise refused
            if source.is_held:
                return SourceState.WAITING, None
            lists = lists_of(source.project_id, {block.list_name for block in blocks})
            if not source.is_approved and _needs_approval(blocks, lists):
                return SourceState.WAITING, None
            for block in blocks:
                act(block, lists[block.list_name], source.submission_id, source.app_user, is_forced)
    except Held:
        return SourceState.HELD, None
    except Problem as problem:
        log.warning("submission %s: entities: %s", source.submission_id, problem.code)
        return SourceState.FAILED, problem
    return SourceState.DONE, None


def _needs_approval(blocks: Sequence[Block], lists: dict[str, EntityList]) -> bool:
    return any(block.does_create and lists[block.list_name].approval_required for block in blocks)


def _note(
    row: EntitySource,
    source: Source,
    state: SourceState,
    failure: Problem | None,
    blocks: Sequence[Block],
) -> None:
    if row.pk is None or row.state != state:
        row.since = timezone.now()
    row.state, row.app_user = state, source.app_user
    row.failure = failure.code if failure else ""
    row.details = failures.details_of(failure) if failure else {}
    row.blocks = [asdict(block) for block in blocks] if state == SourceState.HELD else []
    row.save()


# Asked after nearly every submission, and nearly always answered with nothing.
_HELD = f"""
SELECT id FROM entities_entitysource WHERE project_id = %s AND state = '{SourceState.HELD}'
ORDER BY since, id
"""  # noqa: S608  (our own word)


def release(project_id: int) -> None:
    """Carry out what was held for what has just been done, and what was held for that in turn."""
    has_moved = True
    while has_moved:
        held = [pk for (pk,) in all_rows(_HELD, [project_id])]
        has_moved = any(_retry(EntitySource.objects.get(pk=pk)) for pk in held)


def _retry(row: EntitySource, *, is_forced: bool = False) -> bool:
    blocks = tuple(Block(**given) for given in row.blocks)
    source = Source(row.project_id, row.submission_id, row.app_user, is_approved=True)
    state, failure = _try(blocks, source, is_forced=is_forced)
    if state != SourceState.HELD:
        _note(row, source, state, failure, blocks)
    return state != SourceState.HELD
