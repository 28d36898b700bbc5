"""What people say about flags. It outlives `rederive`, as long as a flag rests on the same.

A flag is open until somebody has justified it with the evidence that it has now. One that holds
answers back is about a text that its evidence does not quote: what was said of it goes for the
version that the person read, and an edit opens it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from server.inspections import spoken
from server.inspections.flag_kinds import KINDS, Kind, Severity
from server.inspections.models import Flag, FlagDecision
from server.inspections.problems import FlagReasonMissing, FlagUnknown
from server.projects import audit
from server.projects.audit import Actor
from server.projects.models import User
from server.submissions.models import Submission
from server.submissions.problems import (
    ReviewOfOwn,
    ReviewVersionOutdated,
    SubmissionUnknown,
)
from server.submissions.review import audited, has_sent


@dataclass(frozen=True, slots=True)
class StandingFlag:
    """A flag with what stands about it."""

    code: str
    kind: Kind
    details: Mapping[str, object]
    decision: FlagDecision | None  # None while it is open

    @property
    def is_in_the_way(self) -> bool:
        """Tell whether nothing can be approved because of it."""
        return self.kind.severity == Severity.SEVERE and self.decision is None


@dataclass(frozen=True, slots=True)
class Justification:
    """What a person says about one flag, and which version they had before them."""

    by: User
    text: str
    seen_version: str = ""  # instanceID; "" when the caller does not say
    is_confirmed: bool = False  # they have looked at the words that may be personal data


def of(submission: Submission) -> tuple[StandingFlag, ...]:
    """Return the flags of a submission, the most severe first."""
    decisions = list(submission.flag_decisions.select_related("by").order_by("-pk"))
    found = [
        StandingFlag(
            flag.code,
            KINDS[flag.code],
            flag.details,
            next((one for one in decisions if _answers(one, flag, submission)), None),
        )
        for flag in Flag.objects.filter(inspection__submission=submission)
    ]
    order = list(KINDS)
    weights = list(Severity)
    found.sort(key=lambda flag: (weights.index(flag.kind.severity), order.index(flag.code)))
    return tuple(found)


def with_open_severe() -> Q:
    """Return what is true of submissions that have a severe flag which nobody has justified."""
    said = FlagDecision.objects.filter(
        submission=OuterRef("inspection__submission"),
        code=OuterRef("code"),
        details=OuterRef("details"),
    )
    of_this_version = Q(version=OuterRef("inspection__submission__current_version"))
    severe = Flag.objects.filter(inspection__submission=OuterRef("pk"))
    holding = severe.filter(code__in=_severe_codes(holds=True))
    plain = severe.filter(code__in=_severe_codes(holds=False))
    open_plain = plain.filter(~Exists(said))
    open_holding = holding.filter(~Exists(said.filter(of_this_version)))
    return Q(Exists(open_plain)) | Q(Exists(open_holding))


def _severe_codes(*, holds: bool) -> list[str]:
    return [
        code
        for code, kind in KINDS.items()
        if kind.severity == Severity.SEVERE and kind.holds == holds
    ]


def _answers(decision: FlagDecision, flag: Flag, submission: Submission) -> bool:
    if (decision.code, decision.details) != (flag.code, flag.details):
        return False
    return not KINDS[flag.code].holds or decision.version_id == submission.current_version_id


def justify(submission_id: int, code: str, said: Justification) -> StandingFlag:
    """Say why a flag need not stop anybody; the same person saying the same changes nothing.

    Raises SubmissionUnknown, FlagUnknown, FlagReasonMissing, ReviewOfOwn, ReviewVersionOutdated,
    WordsPersonal.
    """
    if not said.text.strip():
        raise FlagReasonMissing
    is_suspect = spoken.check(said.text, is_confirmed=said.is_confirmed)
    with transaction.atomic(durable=True):
        return _justify(submission_id, code, said, is_suspect=is_suspect)


def _justify(
    submission_id: int, code: str, said: Justification, *, is_suspect: bool
) -> StandingFlag:
    living = Submission.objects.living().select_for_update(no_key=True)
    submission = living.filter(pk=submission_id).first()
    version = submission.current_version if submission else None
    if submission is None or version is None:
        raise SubmissionUnknown(instance_id=submission_id)
    if said.seen_version and said.seen_version != version.instance_id:
        raise ReviewVersionOutdated(received_at=f"{version.received_at:%Y-%m-%d %H:%M} UTC")
    if has_sent(submission, said.by):
        raise ReviewOfOwn
    standing = next((flag for flag in of(submission) if flag.code == code), None)
    if standing is None:
        raise FlagUnknown(flag=code)
    text, last = said.text.strip(), standing.decision
    if last is not None and (last.by_id, last.justification) == (said.by.pk, text):
        return standing
    made = FlagDecision.objects.create(
        submission=submission,
        version=version,
        code=code,
        details=standing.details,
        justification=text,
        by=said.by,
        at=timezone.now(),
    )
    if standing.kind.holds:  # what waited for this look goes on, in the next derivation
        submission.derive_owed_at, submission.derive_attempts = timezone.now(), 0
        submission.save(update_fields=["derive_owed_at", "derive_attempts"])
    confirmed = {"confirmedWords": True} if is_suspect else {}
    details = {"flag": code, **confirmed}
    audit.record(Actor.person(said.by), "flag.justify", audited(submission), details)
    return StandingFlag(code, standing.kind, standing.details, made)


def held_questions(submission: Submission) -> frozenset[str]:
    """Return the questions whose answers nobody but a supervisor may see yet."""
    return frozenset(
        question
        for flag in of(submission)
        if flag.kind.holds and flag.decision is None
        for question in _questions(flag.details)
    )


def _questions(details: Mapping[str, object]) -> list[str]:
    found = details.get("questions", [])
    return [str(path) for path in found] if isinstance(found, list) else []
