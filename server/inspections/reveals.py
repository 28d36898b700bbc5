"""Restricted answers are masked until a person says what they must see them for.

Then that person sees them for a while, in the version that they asked about; that they did, and
why, stays with the submission, and that they did also in the audit log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from server.inspections import asked, spoken
from server.inspections.models import Reveal
from server.inspections.problems import RevealReasonMissing, RevealUnknown
from server.projects import audit
from server.projects.audit import Actor
from server.projects.models import User
from server.submissions.models import Submission
from server.submissions.problems import SubmissionUnknown
from server.submissions.review import audited

OPEN_FOR = dt.timedelta(minutes=15)
MOST_REASON = 2000  # characters


def open_to(submission: Submission, person: User) -> frozenset[str]:
    """Return the restricted questions whose answers a person has open now, by path."""
    recent = Reveal.objects.filter(
        submission=submission,
        version=submission.current_version_id,
        by=person,
        at__gt=timezone.now() - OPEN_FOR,
    )
    return frozenset(path for paths in recent.values_list("questions", flat=True) for path in paths)


def reveal(
    submission: Submission,
    by: User,
    questions: Sequence[str],
    reason: str,
    *,
    is_confirmed: bool = False,
) -> Reveal:
    """Open the answers to some restricted questions of a submission that `review.find` returned.

    Raises RevealReasonMissing, RevealUnknown, SubmissionUnknown, WordsPersonal.
    """
    if not reason.strip():
        raise RevealReasonMissing
    spoken.check(reason, is_confirmed=is_confirmed)
    version = submission.current_version
    if version is None:
        raise SubmissionUnknown(instance_id=submission.instance_id)
    form = asked.asked_by(version.form_version_id)
    wanted = list(dict.fromkeys(questions))
    if not wanted or not all(path in form.fields and form.is_restricted(path) for path in wanted):
        raise RevealUnknown
    with transaction.atomic(durable=True):
        made = Reveal.objects.create(
            submission=submission,
            version=version,
            questions=wanted,
            reason=reason.strip()[:MOST_REASON],
            by=by,
            at=timezone.now(),
        )
        said = {"questions": wanted, "versionInstanceId": version.instance_id}
        audit.record(Actor.person(by), "submission.reveal", audited(submission), said)
    return made
