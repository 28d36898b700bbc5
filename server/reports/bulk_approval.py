"""Approve several records at once: only what nobody would have to look at once more.

Each is decided by itself, as if on its own page (`inspections.review.decide`): what somebody else
decided, corrected or flagged meanwhile is left and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from server.errors import Problem
from server.inspections import flag_review, review
from server.projects.models import Membership, User
from server.reports.problems import BulkTooWide
from server.reports.selection import Selection, select
from server.submissions.models import ReviewState, Submission, SubmissionVersion
from server.submissions.problems import SubmissionUnknown
from server.submissions.review import Judgement

MOST = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """One record as it was when somebody said that it may be approved."""

    submission_id: int
    state: str  # ReviewState
    version: str  # instanceID of its current version


@dataclass(frozen=True, slots=True)
class Candidates:
    """What of a filter can be approved at once, and what not."""

    ready: tuple[Submission, ...]  # the first MOST, with form, version, inspection and unit
    more: int  # as good, beyond them
    severe: int  # with a severe flag that nobody has justified
    own: int  # that this person sent
    decided: int  # or returned


@dataclass(frozen=True, slots=True)
class Left:
    """One that was not approved."""

    submission: Submission
    problem: Problem


@dataclass(frozen=True, slots=True)
class Approved:
    """What was done."""

    number: int
    left: tuple[Left, ...]


def candidates(membership: Membership, asked: Selection) -> Candidates:
    """Return what can be approved at once within a filter.

    Raises BulkTooWide for a filter that is neither of one commune nor of one period of a year.
    """
    if not asked.is_one_place_or_period:
        raise BulkTooWide
    found = select(membership, asked)
    waiting = found.filter(review_state__in=review.WAITING, current_version__isnull=False)
    foreign = waiting.exclude(_sent_by(membership.user))
    good = foreign.exclude(flag_review.with_open_severe())
    ready = good.select_related(
        "form__current_version", "current_version", "inspection__unit"
    ).order_by("created_at", "pk")[:MOST]
    number, of_others, all_waiting = good.count(), foreign.count(), waiting.count()
    return Candidates(
        tuple(ready),
        more=max(0, number - MOST),
        severe=of_others - number,
        own=all_waiting - of_others,
        decided=found.count() - all_waiting,
    )


def approve(membership: Membership, seen: Sequence[Seen]) -> Approved:
    """Approve records that somebody has seen, at most MOST of them.

    Each in a transaction of its own, so what was approved stays when the rest fails; sent again,
    it approves what is left. Raises SubmissionUnknown before anything is decided.
    """
    by_key = {one.submission_id: one for one in seen[:MOST]}
    found = review.within_scope(membership).filter(pk__in=by_key)
    within = found.select_related("form__current_version", "inspection__unit").in_bulk()
    if missing := by_key.keys() - within.keys():
        raise SubmissionUnknown(instance_id=min(missing))
    left, number = [], 0
    for key, one in by_key.items():
        judgement = Judgement(
            to_state=ReviewState.APPROVED,
            by=membership.user,
            seen_state=one.state,
            seen_version=one.version,
        )
        try:
            review.decide(within[key], judgement)
            number += 1
        except Problem as problem:
            left.append(Left(within[key], problem))
    return Approved(number, tuple(left))


def _sent_by(person: User) -> Q:
    theirs = SubmissionVersion.objects.filter(
        Q(app_user__person=person) | Q(person=person), submission=OuterRef("pk")
    )
    return Q(Exists(theirs))
