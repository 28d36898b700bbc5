"""What waits for a person: the board that one looks at first.

For a manager or a supervisor what they may decide about; for a viewer only how far the inspections
have come. However much there is, the number of queries is the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from server.communes.models import AdminUnit
from server.forms.models import Form
from server.inspections import flag_review, review
from server.inspections.models import Flag
from server.plans.coverage import communes_visited
from server.plans.due import Deadline, next_deadline
from server.plans.expected import expected
from server.projects.models import AppUser, Membership, Role
from server.submissions.models import ReviewState, Submission

SILENT_AFTER = dt.timedelta(days=7)
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many submissions wait, by what for, and those that have waited longest."""

    to_review: int
    returned: int
    photo_missing: int
    severe: int  # with a severe flag that nobody has justified
    quarantined: int
    oldest: tuple[Submission, ...]  # to review; with form, inspection and unit


@dataclass(frozen=True, slots=True)
class Progress:
    """How many communes one form has come to in a year."""

    form_id: str
    title: str
    visited: int
    planned: int  # and not visited
    communes: int


@dataclass(frozen=True, slots=True)
class Silent:
    """Phones that have asked for nothing for long."""

    app_users: tuple[AppUser, ...]  # the first few, longest silent first
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Board:
    """All of it."""

    deadline: Deadline
    year: int  # of the data, that the progress is of
    progress: tuple[Progress, ...]
    waiting: Waiting | None  # None for those who decide about nothing
    silent: Silent | None
    is_empty: bool = False  # nothing has ever come, for those who would decide about it


def board(membership: Membership, today: dt.date) -> Board:
    """Return what a person sees first; today is the day where the inspections are made."""
    deadline = next_deadline(membership.project_id, today)
    progress = _progress(membership, today)
    if membership.role not in review.REVIEWERS:
        return Board(deadline, today.year, progress, None, None)
    waiting = _waiting(membership)
    came = waiting.quarantined or any(form.visited for form in progress)
    is_empty = not came and not review.within_scope(membership).exists()
    return Board(deadline, today.year, progress, waiting, _silent(membership), is_empty)


def _waiting(membership: Membership) -> Waiting:
    mine = review.within_scope(membership)
    without_photo = Flag.objects.filter(code="photo_missing", inspection__submission=OuterRef("pk"))
    # All in one: the submissions are read once, and flags are asked for of the undecided alone.
    counted = mine.filter(review_state__in=review.UNDECIDED).aggregate(
        to_review=Count("pk", filter=Q(review_state__in=review.WAITING)),
        returned=Count("pk", filter=Q(review_state=ReviewState.HAS_ISSUES)),
        photo_missing=Count("pk", filter=Exists(without_photo)),
        severe=Count("pk", filter=flag_review.with_open_severe()),
    )
    return Waiting(
        **counted,
        quarantined=review.quarantined_within(membership).filter(decided_at=None).count(),
        oldest=tuple(_oldest(mine)),
    )


def _oldest(mine: QuerySet[Submission]) -> QuerySet[Submission]:
    shown = mine.filter(review_state__in=review.WAITING).order_by("created_at", "pk")
    return shown.select_related("form__current_version", "inspection__unit").only(
        "instance_id",
        "review_state",
        "created_at",
        "form__form_id",
        "form__current_version__title",
        "inspection__visit_date",
        "inspection__result",
        "inspection__unit__name",
    )[:_MOST_SHOWN]


def _progress(membership: Membership, today: dt.date) -> tuple[Progress, ...]:
    communes = set(_communes(membership, today))
    forms = list(
        Form.objects.living()
        .filter(project=membership.project_id, current_version__rule_version__isnull=False)
        .order_by("form_id")
        .values_list("pk", "form_id", "current_version__title")
    )
    visited = communes_visited([pk for pk, _, _ in forms], today.year, None, today)
    plans = expected(membership.project_id, [today.year], today)
    return tuple(
        Progress(
            form_id,
            title,
            visited=len(communes & visited[pk]),
            planned=len(
                communes & plans.planned.get((form_id, today.year), frozenset()) - visited[pk]
            ),
            communes=len(communes),
        )
        for pk, form_id, title in forms
    )


def _communes(membership: Membership, today: dt.date) -> QuerySet[AdminUnit, str]:
    present = AdminUnit.objects.communes().in_force(today)
    if membership.role == Role.SUPERVISOR and membership.commune_uids:
        present = present.filter(uid__in=membership.commune_uids)
    return present.values_list("uid", flat=True)


def _silent(membership: Membership) -> Silent:
    now = timezone.now()
    carried = AppUser.objects.inspectors().alive(now).filter(project=membership.project_id)
    if membership.role == Role.SUPERVISOR and membership.commune_uids:
        carried = carried.for_communes(membership.commune_uids)
    silent = carried.silent_since(now - SILENT_AFTER)
    return Silent(
        tuple(silent.order_by("last_seen_at", "pk")[:_MOST_SHOWN]), silent.count(), carried.count()
    )
