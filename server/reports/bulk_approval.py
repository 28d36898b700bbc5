"""Approve several records at once: only what nobody would have to look at once more.

Each is decided by itself, as if on its own page (`inspections.review.decide`): what somebody else
decided, corrected or flagged meanwhile is left and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

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
    waits = Q(review_state__in=review.WAITING, current_version__isnull=False)
    of_others = waits & ~_sent_by(membership.user)
    good = of_others & ~flag_review.with_open_severe()
    # All in one: the records are read once, and what is dear is asked of the waiting alone.
    counted = found.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=waits),
        of_others=Count("pk", filter=of_others),
        good=Count("pk", filter=good),
    )
    keys = found.filter(good).order_by("created_at", "pk").values_list("pk", flat=True)[:MOST]
    return Candidates(
        tuple(_shown(list(keys))),
        more=max(0, counted["good"] - MOST),
        severe=counted["of_others"] - counted["good"],
        own=counted["waiting"] - counted["of_others"],
        decided=counted["all"] - counted["waiting"],
    )


def _shown(keys: Sequence[int]) -> QuerySet[Submission]:
    """Return records as they are listed; forms are large and answers are none of the list's."""
    return (
        Submission.objects.filter(pk__in=keys)
        .select_related("form__current_version", "current_version", "inspection__unit")
        .only(
            "instance_id",
            "review_state",
            "created_at",
            "form__form_id",
            "form__current_version__title",
            "current_version__instance_id",
            "inspection__visit_date",
            "inspection__result",
            "inspection__unit__name",
        )
        .order_by("created_at", "pk")
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
