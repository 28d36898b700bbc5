"""Write down what submissions mean, paying the debt that `submissions.intake` recorded.

Repeating it changes nothing: rows are written only where the meaning differs from what stands,
so everything derived can be computed again at any time, in part or whole.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from server.inspections import rows
from server.inspections.geotag import LoadedGeography
from server.inspections.meaning import Meaning, understand
from server.inspections.models import Finding, Flag, Inspection
from server.inspections.reading import reading_of
from server.submissions.models import Submission, SubmissionAttachment, SubmissionVersion

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3  # then a submission that cannot be understood waits for `rederive`


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run did, in submissions."""

    derived: int = 0
    changed: int = 0
    failed: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.derived + other.derived, self.changed + other.changed, self.failed + other.failed
        )


def attempt(submission_id: int) -> None:
    """Derive one submission right after it arrived. Never raises.

    The device's 201 must not depend on this: whatever goes wrong, the debt stands in the row and
    the sweep pays it.
    """
    try:
        derive([submission_id])
    except Exception:
        log.exception("submission %s: meaning not derived yet", submission_id)


@transaction.atomic(durable=True)
def derive(submission_ids: Sequence[int]) -> Outcome:
    """Derive some submissions in one transaction, locking them.

    One that cannot be understood is counted as failed and keeps its debt; the others go on.
    """
    with connection.cursor() as cursor:
        # All of this can be computed again, so it need not wait for the disk.
        cursor.execute("SET LOCAL synchronous_commit TO OFF")
    submissions = _locked(submission_ids)
    standing = _standing(submission_ids)
    understood = _understand_all(submissions)
    changed = _write_changes(submissions, understood, standing)
    _settle(submissions, understood)
    return Outcome(
        derived=len(understood), changed=changed, failed=len(submissions) - len(understood)
    )


def _locked(submission_ids: Sequence[int]) -> list[Submission]:
    return list(
        Submission.objects.select_for_update(of=("self",))
        .filter(pk__in=submission_ids, current_version__isnull=False)
        .select_related("current_version")
        .order_by("pk")
    )


def _standing(submission_ids: Sequence[int]) -> dict[int, Inspection]:
    inspections = Inspection.objects.filter(submission__in=submission_ids)
    return {i.submission_id: i for i in inspections.prefetch_related("findings", "flags")}


def _understand_all(submissions: Sequence[Submission]) -> dict[int, Meaning | None]:
    """Return the meaning of each by id, None for one that is encrypted; failures are left out."""
    received = _received_names(s.current_version for s in submissions if s.current_version)
    geography = LoadedGeography()
    understood: dict[int, Meaning | None] = {}
    for submission in submissions:
        try:
            understood[submission.pk] = _meaning(submission, received, geography)
        except Exception as error:
            log.exception("submission %s cannot be understood", submission.pk)
            submission.derive_failure = type(error).__name__
    return understood


def _meaning(
    submission: Submission, received: Mapping[int, set[str]], geography: LoadedGeography
) -> Meaning | None:
    version = submission.current_version
    if version is None or version.is_encrypted:
        return None
    names = received.get(version.pk, set())
    return understand(
        bytes(version.xml),
        reading=reading_of(version.form_version_id),
        geography=geography,
        missing=[name for name in version.expected_files if name not in names],
        received_on=version.received_at.astimezone(ZoneInfo(settings.LOCAL_TIME_ZONE)).date(),
    )


def _received_names(versions: Iterable[SubmissionVersion]) -> dict[int, set[str]]:
    expecting = [version.pk for version in versions if version.expected_files]
    names: dict[int, set[str]] = defaultdict(set)
    if expecting:
        for version_id, name in SubmissionAttachment.objects.filter(
            version__in=expecting
        ).values_list("version_id", "name"):
            names[version_id].add(name)
    return names


def _write_changes(
    submissions: Iterable[Submission],
    understood: Mapping[int, Meaning | None],
    standing: Mapping[int, Inspection],
) -> int:
    """Write what differs from what stands; return how many inspections that were."""
    fresh: list[tuple[Inspection, Meaning]] = []
    for submission in submissions:
        meaning, before = understood.get(submission.pk), standing.get(submission.pk)
        if meaning is None:
            continue
        facts = rows.facts(meaning, submission)
        if before is None:
            fresh.append((Inspection(**facts, derived_at=timezone.now()), meaning))
        elif rows.differs(before, facts, meaning):
            fresh.append((_renewed(before, facts), meaning))
    Inspection.objects.bulk_create([i for i, _ in fresh if i.pk is None])
    Finding.objects.bulk_create([row for i, m in fresh for row in rows.findings(i, m)])
    Flag.objects.bulk_create([row for i, m in fresh for row in rows.flags(i, m)])
    return len(fresh)


def _renewed(before: Inspection, facts: Mapping[str, Any]) -> Inspection:
    for name, value in facts.items():
        setattr(before, name, value)
    before.derived_at = timezone.now()
    before.save()
    before.findings.all().delete()
    before.flags.all().delete()
    return before


def _settle(submissions: Sequence[Submission], understood: Mapping[int, Meaning | None]) -> None:
    """Clear the debt of those understood; count the attempt on the others."""
    if understood:
        Submission.objects.filter(pk__in=list(understood)).update(
            derive_owed_at=None, derive_attempts=0, derive_failure=""
        )
    for submission in submissions:
        if submission.pk not in understood:
            submission.derive_attempts += 1
            submission.derive_owed_at = submission.derive_owed_at or timezone.now()
            submission.save(update_fields=["derive_attempts", "derive_failure", "derive_owed_at"])
