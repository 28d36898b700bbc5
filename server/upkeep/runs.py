"""Which background tasks ran, told by the workers themselves when one ends."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from server.statements import all_rows
from server.upkeep.models import Ran

_ENDED = """
INSERT INTO upkeep_ran (task, queue, ended_at, seconds, succeeded_at, failure)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (task) DO UPDATE SET queue = excluded.queue, ended_at = excluded.ended_at,
  seconds = excluded.seconds, failure = excluded.failure,
  succeeded_at = coalesce(excluded.succeeded_at, upkeep_ran.succeeded_at)
RETURNING task
"""


def ended(task: str, queue: str, seconds: float, failure: str = "") -> None:
    """Note that a task ended now. failure: the class of what ended it, "" when all went well."""
    now = timezone.now()
    all_rows(_ENDED, [task, queue, now, seconds, None if failure else now, failure])


def last() -> dict[str, Ran]:
    """Return the last run of each task, by its name."""
    return {ran.task: ran for ran in Ran.objects.all()}


def last_of(queue: str) -> dt.datetime | None:
    """Return when a worker of a queue ended anything last."""
    return (
        Ran.objects.filter(queue=queue)
        .order_by("-ended_at")
        .values_list("ended_at", flat=True)
        .first()
    )
