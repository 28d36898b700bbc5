"""Who may review which submissions: `submissions.review`, for a supervisor's own communes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.db.models import Exists, OuterRef, Q, QuerySet

from server.communes.succession import with_predecessors
from server.forms.models import Form
from server.inspections import flag_review, look, spoken
from server.inspections.problems import FlagsOpen
from server.projects.models import Membership, Role, User
from server.submissions import review
from server.submissions.models import (
    Comment,
    Quarantined,
    ReviewState,
    Submission,
    SubmissionVersion,
)
from server.submissions.problems import QuarantinedUnknown, SubmissionUnknown
from server.submissions.review import Judgement

WAITING = (ReviewState.RECEIVED, ReviewState.EDITED)  # for a reviewer
UNDECIDED = (*WAITING, ReviewState.HAS_ISSUES)
REVIEWERS = (Role.MANAGER, Role.SUPERVISOR)


def within_scope(membership: Membership, form: Form | None = None) -> QuerySet[Submission]:
    """Return the submissions that a manager or a supervisor may see and decide about, of one form.

    form: None for all of the project. A supervisor of some communes answers for what was inspected
    in them, and in the units that they came from; what could not be brought to any commune is for
    those who answer for all.
    """
    return with_deleted(membership, form).filter(deleted_at=None)


def with_deleted(membership: Membership, form: Form | None = None) -> QuerySet[Submission]:
    """Return those `within_scope`, and the ones among them that were deleted."""
    is_of_project = form is None or form.project_id == membership.project_id
    if membership.role not in REVIEWERS or not is_of_project:
        return Submission.objects.none()
    communes = communes_of(membership)
    if form is not None:
        return of_form(form.pk, communes)
    return _inspected_in(communes, Submission.objects.filter(form__project=membership.project_id))


def of_form(form_id: int, communes: Collection[str]) -> QuerySet[Submission]:
    """Return a form's submissions, deleted ones too, of what was inspected in some units, or all.

    communes: as `communes_of` gives them.
    """
    # Whose project it is need not be looked up again for each of a million.
    return _inspected_in(communes, Submission.objects.filter(form=form_id))


def _inspected_in(communes: Collection[str], found: QuerySet[Submission]) -> QuerySet[Submission]:
    return found.filter(inspection__unit__in=communes) if communes else found


def communes_of(membership: Membership) -> frozenset[str]:
    """Return the units (AdminUnit.uid) whose records alone a reviewer sees; none for all."""
    if membership.role == Role.MANAGER or not membership.commune_uids:
        return frozenset()
    return frozenset(with_predecessors(membership.commune_uids))


def approved(membership: Membership) -> QuerySet[Submission]:
    """Return the living submissions of a project that were approved, of all communes.

    For whoever may not see a record as it is, and gets of it what tells of nobody.
    """
    found = Submission.objects.living().filter(form__project=membership.project_id)
    return found.filter(review_state=ReviewState.APPROVED)


def find(membership: Membership, form_id: str, instance_id: str) -> Submission:
    """Return a submission that a person may see, by its first instanceID.

    Raises SubmissionUnknown, also where it is only out of their reach.
    """
    found = (
        within_scope(membership)
        .filter(form__form_id=form_id, instance_id=instance_id)
        .select_related("current_version__app_user", "current_version__person", "form")
        .first()
    )
    if found is None:
        raise SubmissionUnknown(instance_id=instance_id)
    return found


def find_edited(membership: Membership, form_id: str, instance_id: str) -> Submission | None:
    """Return the submission that one of its edits, current or not, is named by; None for none."""
    return (
        within_scope(membership)
        .filter(form__form_id=form_id, versions__instance_id=instance_id)
        .exclude(instance_id=instance_id)
        .first()
    )


def quarantined_within(membership: Membership) -> QuerySet[Quarantined]:
    """Return what waits apart and a person may see and decide about, with who is named in it.

    Its comparison shows answers, so a supervisor of some communes gets what goes by the id of a
    submission of theirs; what has none has no commune, and is for those who answer for all.
    """
    found = Quarantined.objects.filter(project=membership.project_id).select_related(
        "app_user", "person", "decided_by", "submission"
    )
    if membership.role not in REVIEWERS:
        return found.none()
    if membership.role == Role.MANAGER or not membership.commune_uids:
        return found
    theirs = SubmissionVersion.objects.filter(
        Q(instance_id=OuterRef("instance_id")) | Q(instance_id=OuterRef("deprecated_id")),
        submission__in=within_scope(membership),
        form__form_id=OuterRef("form_id"),
    )
    return found.filter(Exists(theirs))


def find_quarantined(membership: Membership, quarantined_id: int) -> Quarantined:
    """Return one that a person may see.

    Raises QuarantinedUnknown, also where it is only out of their reach.
    """
    found = quarantined_within(membership).filter(pk=quarantined_id).first()
    if found is None:
        raise QuarantinedUnknown(id=quarantined_id)
    return found


def decide(
    submission: Submission, judgement: Judgement, *, is_confirmed: bool = False
) -> Submission:
    """Record a decision about a submission that `find` returned.

    is_confirmed: whoever decides has looked at the words that may be personal data.
    Raises as `review.decide`; FlagsOpen when it would approve what nobody has answered for;
    WordsPersonal.
    """
    suspect = spoken.check(judgement.reason, is_confirmed=is_confirmed)
    judgement = replace(judgement, has_confirmed_words=suspect)

    def guard(locked: Submission) -> None:
        if judgement.to_state == ReviewState.APPROVED:
            _refuse_open_flags(locked)

    if judgement.to_state == ReviewState.APPROVED:
        look.catch_up(submission.pk)  # a flag that the worker has not raised yet guards as well
    return review.decide(submission.pk, judgement, guard)


def _refuse_open_flags(submission: Submission) -> None:
    severe = [standing.code for standing in flag_review.of(submission) if standing.is_in_the_way]
    if severe:
        raise FlagsOpen(flags=", ".join(severe))


def comment(
    submission: Submission, by: User, body: str, path: str = "", *, is_confirmed: bool = False
) -> Comment:
    """Write a remark about a submission that `find` returned, or about one field of it.

    It may become the reason of a decision. Raises WordsPersonal.
    """
    suspect = spoken.check(body, is_confirmed=is_confirmed)
    return review.comment(submission, by, body, path, has_confirmed_words=suspect)
