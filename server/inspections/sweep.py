"""Pay what is owed, and compute everything again on request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone

from server.inspections import rescoring
from server.inspections.derive import MAX_ATTEMPTS, Outcome, derive
from server.submissions.models import Submission

BATCH = 200  # submissions in one transaction


def pay_debts(most: int = 5_000) -> Outcome:
    """Derive submissions whose meaning is owed, oldest debt first, at the most `most` of them.

    Several processes may do so at once, and submissions may arrive meanwhile: each passes over
    what another has in hand.
    """
    rescoring.pay()
    owed = Submission.objects.owed().filter(derive_attempts__lt=MAX_ATTEMPTS)[:most]
    ids = list(owed.values_list("pk", flat=True))
    outcome = Outcome()
    for start in range(0, len(ids), BATCH):
        outcome += derive(ids[start : start + BATCH], only_owed=True)
    return outcome


def submissions_to_rederive(form_id: str | None, since: dt.datetime | None) -> QuerySet[Submission]:
    """Return the submissions to compute again: all, of one form, received since a moment."""
    submissions = Submission.objects.filter(current_version__isnull=False)
    if form_id:
        submissions = submissions.filter(form__form_id=form_id)
    if since:
        submissions = submissions.filter(current_version__received_at__gte=since)
    return submissions


def rederive(submissions: QuerySet[Submission]) -> Iterator[Outcome]:
    """Compute submissions again, batch by batch; yields what each batch did.

    Can be stopped and begun anew at any time. New submissions may arrive meanwhile.
    """
    last = 0
    while ids := list(
        submissions.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        outcome = derive(ids)
        # Also of what means the same as before: how we compare may have changed.
        Submission.objects.filter(pk__in=ids).update(look_owed_at=timezone.now(), look_attempts=0)
        yield outcome
        last = ids[-1]
