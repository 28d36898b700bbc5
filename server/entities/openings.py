"""Make what is new in a list, for many submissions in one statement.

Nearly all that submissions say about entities is this: some recommendations, which nobody has made
before. It is what `acts.create` does, one by one; whatever else is asked goes there.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from server.entities import rules
from server.entities.blocks import Block
from server.entities.models import SYSTEM, ConflictKind, EntityList, SourceState
from server.statements import all_rows


@dataclass(frozen=True, slots=True)
class Opening:
    """What one submission asks to be made, all of it or nothing."""

    submission_id: int
    app_user: str  # username of the device, or ""
    blocks: Sequence[Block]


def are_new(blocks: Sequence[Block]) -> bool:
    """Tell whether blocks ask for nothing but new entities, should their ids be free."""
    return bool(blocks) and all(block.does_create and block.label for block in blocks)


# Where an id is taken, be it by what was deleted, none of that submission is made; nobody else
# makes any meanwhile, because the lists are locked.
_OPEN = f"""
WITH asked AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(%s) AS asked (
    position integer, submission_id bigint, "by" text, app_user text, list_id bigint, uuid uuid,
    label text, data jsonb, held jsonb, rule text, conflict text)
), refused AS (
  SELECT asked.submission_id FROM asked CROSS JOIN LATERAL (
    SELECT FROM entities_entity taken
    WHERE taken.entity_list_id = asked.list_id AND taken.uuid = asked.uuid LIMIT 1
  ) taken  -- LIMIT: the index, however many entities there were when this was planned
), new AS MATERIALIZED (
  SELECT * FROM asked WHERE submission_id NOT IN (SELECT submission_id FROM refused)
), entity AS (
  INSERT INTO entities_entity (entity_list_id, uuid, version, label, data, created_at, updated_at)
  SELECT list_id, uuid, 1, label, data, %s, %s FROM new ORDER BY position
  RETURNING id, entity_list_id, uuid
), version AS (
  INSERT INTO entities_entityversion (entity_id, number, label, data, submission_id, "by", at,
    reason, conflict, held, rule)
  SELECT entity.id, 1, label, data, submission_id, "by", %s, '', conflict, held, rule
  FROM new JOIN entity ON entity.entity_list_id = new.list_id AND entity.uuid = new.uuid
  ORDER BY position
), list AS (
  UPDATE entities_entitylist SET changes = changes + made.count
  FROM (SELECT list_id, count(*) FROM new GROUP BY list_id) made WHERE id = made.list_id
)
INSERT INTO entities_entitysource (project_id, submission_id, state, failure, blocks, app_user,
  since)
SELECT DISTINCT %s::bigint, submission_id, '{SourceState.DONE}', '', '[]'::jsonb, app_user, %s
FROM new
RETURNING submission_id
"""  # noqa: S608  (our own word)


def open_all(
    openings: Collection[Opening], project_id: int, lists: Mapping[str, EntityList]
) -> set[int]:
    """Make entities in locked lists; return the submissions that had theirs made.

    None of the submissions may have an EntitySource, and no id come twice among them. Left out are
    those of which an id is taken, or a list waits for approval.
    """
    asked = [
        row
        for opening in openings
        if not any(lists[block.list_name].approval_required for block in opening.blocks)
        for row in _rows(opening, lists)
    ]
    if not asked:
        return set()
    for position, row in enumerate(asked):
        row["position"] = position
    now = timezone.now()
    given = json.dumps(asked, ensure_ascii=False)
    return {pk for (pk,) in all_rows(_OPEN, [given, now, now, now, project_id, now])}


def _rows(opening: Opening, lists: Mapping[str, EntityList]) -> Iterator[dict[str, Any]]:
    for block in opening.blocks:
        weighed = rules.weigh_new(block.list_name, block.data)
        yield {
            "submission_id": opening.submission_id,
            "app_user": opening.app_user,
            "by": opening.app_user or SYSTEM,
            "list_id": lists[block.list_name].pk,
            "uuid": block.uuid,
            "label": block.label,
            "data": dict(weighed.counts),
            "held": dict(weighed.held),
            "rule": weighed.rule,
            "conflict": ConflictKind.RULE if weighed.rule else ConflictKind.NONE,
        }
