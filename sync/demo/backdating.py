"""Let what the demonstration sent have arrived when it would have: on the evening of the visit.

Played years arrive within seconds, so that everything would be late and no figure on reports in
time could be shown. Nothing but the moment of arrival is changed, and nothing real is ever touched.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from server.submissions.models import Submission, SubmissionVersion

DAYS_WITHOUT_NETWORK = (0, 0, 0, 0, 0, 1, 1, 2, 4)
_EVENING = dt.time(9, 30, tzinfo=dt.UTC)  # 16:30 in Vietnam


@transaction.atomic(durable=True)
def date_back(days: Mapping[str, dt.date]) -> None:
    """Move arrivals back to the days of their visits, or soon after; again changes nothing.

    days: {instanceID of a version: day of its visit}. What came earlier than that stays.
    """
    moved = []
    for version in SubmissionVersion.objects.filter(instance_id__in=days).order_by("pk"):
        at = _arrived_at(version.instance_id, days[version.instance_id])
        if at < version.received_at:
            version.received_at = at
            moved.append(version)
    SubmissionVersion.objects.bulk_update(moved, ["received_at"], batch_size=200)
    _move_submissions([version.submission_id for version in moved])


def _move_submissions(ids: list[int]) -> None:
    """Take the moments of submissions from their versions; they owe another look for it."""
    now = timezone.now()
    changed = list(Submission.objects.filter(pk__in=ids).prefetch_related("versions"))
    for submission in changed:
        arrivals = sorted(version.received_at for version in submission.versions.all())
        submission.created_at = arrivals[0]
        submission.updated_at = arrivals[-1] if len(arrivals) > 1 else None
        submission.look_owed_at = now
    fields = ["created_at", "updated_at", "look_owed_at"]
    Submission.objects.bulk_update(changed, fields, batch_size=200)


def _arrived_at(instance_id: str, day: dt.date) -> dt.datetime:
    rng = random.Random(f"arrival {instance_id}")  # noqa: S311  (no secret)
    late = dt.timedelta(days=rng.choice(DAYS_WITHOUT_NETWORK), minutes=rng.randint(0, 150))
    return dt.datetime.combine(day, _EVENING) + late
