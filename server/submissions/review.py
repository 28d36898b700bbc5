"""Decide about a submission: approve it, send it back, or reject it.

received and edited wait for somebody; hasIssues waits for the inspector, whose correction makes
it edited (`submissions.record`); approved and rejected may be opened again, with a reason.
Nobody undoes a decision to "as if nothing had happened": the history is the record.

Scope and flags are looked at by `server.inspections.review`, which knows communes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from server.hooks import telling
from server.hooks.models import Event
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import User
from server.submissions.models import Comment, ReviewEvent, ReviewState, Submission
from server.submissions.problems import (
    ReviewedAlready,
    ReviewOfOwn,
    ReviewReasonMissing,
    ReviewStateGiven,
    ReviewStateOutdated,
    ReviewVersionOutdated,
    SubmissionUnknown,
)

DECISIONS = (ReviewState.APPROVED, ReviewState.HAS_ISSUES, ReviewState.REJECTED)
_REFUSALS = (ReviewState.HAS_ISSUES, ReviewState.REJECTED)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person decides, and what they had before them."""

    to_state: ReviewState
    by: User
    reason: str = ""
    # What was on the screen; "" when the caller does not say. Another's decision or the
    # inspector's correction may have come since.
    seen_state: str = ""  # a ReviewState
    seen_version: str = ""  # instanceID
    # Its reason may hold personal data, and they said that it does not; the audit log keeps that.
    has_confirmed_words: bool = False


def _no_guard(submission: Submission) -> None:
    """Let every decision pass."""


def decide(
    submission_id: int,
    judgement: Judgement,
    guard: Callable[[Submission], None] = _no_guard,
) -> Submission:
    """Record a decision; the same one again changes nothing.

    A refusal with another reason is another decision: the inspector reads the newest.
    A refusal needs a reason, and so does taking back what was approved or rejected; a comment that
    this person has made since the last decision will do (Central's clients cannot send a reason).
    guard: raises a Problem about what a higher layer knows against it; the submission is locked.
    Raises SubmissionUnknown, ReviewStateGiven, ReviewedAlready, ReviewStateOutdated,
    ReviewVersionOutdated, ReviewOfOwn, ReviewReasonMissing.
    """
    if judgement.to_state not in DECISIONS:
        raise ReviewStateGiven(state=judgement.to_state)
    with transaction.atomic(durable=True):
        return _decide(submission_id, judgement, guard)


def _decide(
    submission_id: int, judgement: Judgement, guard: Callable[[Submission], None]
) -> Submission:
    submission = _locked(submission_id)
    last = submission.review_events.select_related("by").order_by("-pk").first()
    if submission.review_state == judgement.to_state and not _says_more(last, judgement):
        return submission
    _refuse_if_outdated(submission, last, judgement)
    _refuse_own(submission, judgement.by)
    version = submission.current_version
    if version is None:
        raise SubmissionUnknown(instance_id=submission.instance_id)
    guard(submission)
    now = timezone.now()
    ReviewEvent.objects.create(
        submission=submission,
        version=version,
        from_state=submission.review_state,
        to_state=judgement.to_state,
        reason=_reason(submission, last, judgement),
        by=judgement.by,
        at=now,
    )
    submission.review_state, submission.updated_at = judgement.to_state, now
    # Entities may wait for the approval, and the inspector's phone is told of what came back: both
    # are derived.
    submission.derive_owed_at, submission.derive_attempts = now, 0
    submission.save(
        update_fields=["review_state", "updated_at", "derive_owed_at", "derive_attempts"]
    )
    telling.tell(Event.REVIEW_DECIDED, [submission.pk], judgement.to_state)
    said = {"reviewState": judgement.to_state, "versionInstanceId": version.instance_id}
    confirmed = {"confirmedWords": True} if judgement.has_confirmed_words else {}
    by = Actor.person(judgement.by)
    audit.record(by, "submission.update", audited(submission), {**said, **confirmed})
    return submission


def audited(submission: Submission) -> Object:
    """Return a submission as the audit log names it; its form must be known."""
    return Object("submission", submission.instance_id, submission.form.project_id)


def _locked(submission_id: int) -> Submission:
    found = (
        Submission.objects.living().select_for_update(no_key=True).filter(pk=submission_id).first()
    )
    if found is None:
        raise SubmissionUnknown(instance_id=submission_id)
    return found


def _says_more(last: ReviewEvent | None, judgement: Judgement) -> bool:
    """Tell whether a refusal that stands is given a reason that it did not have."""
    reason = judgement.reason.strip()
    is_new = last is None or reason != last.reason
    return judgement.to_state in _REFUSALS and bool(reason) and is_new


def _refuse_if_outdated(
    submission: Submission, last: ReviewEvent | None, judgement: Judgement
) -> None:
    seen, version = judgement.seen_version, submission.current_version
    if seen and version is not None and version.instance_id != seen:
        raise ReviewVersionOutdated(received_at=f"{version.received_at:%Y-%m-%d %H:%M} UTC")
    if judgement.seen_state and judgement.seen_state != submission.review_state:
        if last is None or last.to_state != submission.review_state:  # nobody's decision
            raise ReviewStateOutdated(state=submission.review_state)
        raise ReviewedAlready(state=submission.review_state, by=last.by.display_name)


def _refuse_own(submission: Submission, person: User) -> None:
    """Refuse the approval of what one has sent or corrected oneself: four eyes see more."""
    if has_sent(submission, person):
        raise ReviewOfOwn


def has_sent(submission: Submission, person: User) -> bool:
    """Tell whether a person sent a version, with the device they carry or from a desk."""
    return submission.versions.filter(Q(app_user__person=person) | Q(person=person)).exists()


def _reason(submission: Submission, last: ReviewEvent | None, judgement: Judgement) -> str:
    reason = judgement.reason.strip() or _latest_comment(submission, last, judgement.by)
    is_taken_back = submission.review_state in (ReviewState.APPROVED, ReviewState.REJECTED)
    if not reason and (judgement.to_state in _REFUSALS or is_taken_back):
        raise ReviewReasonMissing
    return reason


def _latest_comment(submission: Submission, last: ReviewEvent | None, person: User) -> str:
    since = last.at if last is not None else dt.datetime.min.replace(tzinfo=dt.UTC)
    comments = submission.comments.filter(by=person, at__gt=since).order_by("-at", "-pk")
    return comments.values_list("body", flat=True).first() or ""


def comment(
    submission: Submission,
    by: User,
    body: str,
    path: str = "",
    *,
    has_confirmed_words: bool = False,
) -> Comment:
    """Write a remark about a submission, or about the answer to one field of it."""
    with transaction.atomic(durable=True):
        made = Comment.objects.create(
            submission=submission, by=by, body=body, path=path, at=timezone.now()
        )
        said = {"confirmedWords": True} if has_confirmed_words else {}
        audit.record(Actor.person(by), "submission.comment.create", audited(submission), said)
    return made
