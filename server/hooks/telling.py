"""Note that addresses are to be told of something, in the transaction in which it happens.

A row for each address that listens: nothing is sent here. Where nobody listens nothing is written,
and statements that are made anyway can ask or write on the way, so that no submission waits longer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.utils import timezone

from server.hooks.models import Event

# SQL to stand in another statement: whether any address listens at all.
SOMEBODY_LISTENS = "EXISTS (SELECT FROM hooks_webhook WHERE is_active)"

# Which project a submission is of stands in tables of layers above. Asking for it before would be
# the statement more that this saves.
_INTO = "INSERT INTO hooks_delivery (webhook_id, event, submission_id, entity, state, at, next_at)"


def told_within(submission_id: str, source: str) -> str:
    """Return SQL that notes the event of a submission as a part (WITH) of another statement.

    submission_id: an expression over `source`, a table or an earlier part with one row or none.
    Its parameters are those of `parameters`.
    """
    return f"""
  {_INTO}
  SELECT webhook.id, asked.event, {submission_id}, NULL, asked.state, now(), now()
  FROM {source}, (SELECT %s::text AS event, %s::text AS state, %s::bigint AS form_id) asked
  JOIN forms_form form ON form.id = asked.form_id
  JOIN hooks_webhook webhook ON webhook.project_id = form.project_id
  WHERE webhook.is_active AND asked.event = ANY(webhook.events)
"""  # noqa: S608  (expressions of our own)


def parameters(event: Event | None, form_id: int, state: str = "") -> list[str | int]:
    """Return the parameters of `told_within`; of no event nobody is told."""
    return [event or "", state, form_id]


_TELL_OF_SUBMISSIONS = f"""
{_INTO}
SELECT webhook.id, %s, submission.id, NULL, %s, %s, %s
FROM submissions_submission submission
JOIN forms_form form ON form.id = submission.form_id
JOIN hooks_webhook webhook ON webhook.project_id = form.project_id
WHERE submission.id = ANY(%s) AND webhook.is_active AND %s = ANY(webhook.events)
"""  # noqa: S608
_TELL_OF_ENTITIES = f"""
{_INTO}
SELECT webhook.id, %s, NULL, entity, %s, %s, %s
FROM hooks_webhook webhook, unnest(%s::uuid[]) AS entity
WHERE webhook.project_id = %s AND webhook.is_active AND %s = ANY(webhook.events)
"""  # noqa: S608


def tell(event: Event, submission_ids: Sequence[int], state: str = "") -> None:
    """Note an event of some submissions, in one statement."""
    now = timezone.now()
    _execute(_TELL_OF_SUBMISSIONS, [event, state, now, now, list(submission_ids), event])


def tell_of_entities(event: Event, project_id: int, entities: Sequence[UUID], state: str) -> None:
    """Note an event of some entities of a project, in one statement."""
    now = timezone.now()
    _execute(_TELL_OF_ENTITIES, [event, state, now, now, list(entities), project_id, event])


def _execute(
    statement: str, values: Sequence[str | int | dt.datetime | list[int] | list[UUID]]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
