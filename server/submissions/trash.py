"""Records taken away, brought back, and in the end removed with all that came with them.

A record that was taken away counts nowhere and is listed nowhere; its bytes stay until it is
purged (`server.inspections.purge` says when).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from server.forms.models import Form
from server.projects import audit
from server.projects.audit import Actor, Object
from server.submissions import orphans
from server.submissions.models import (
    Quarantined,
    ReviewEvent,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from server.submissions.problems import SubmissionUnknown
from server.submissions.review import audited

BATCH = 200  # records that go in one transaction


@dataclass(frozen=True, slots=True)
class Gone:
    """What was removed."""

    records: int = 0
    files: int = 0  # that no other record has, and that are old enough to be nobody's any more

    def __add__(self, other: Gone) -> Gone:
        return Gone(self.records + other.records, self.files + other.files)


def remove(submission_id: int, by: Actor) -> None:
    """Take a record away; repeating it changes nothing. Raises SubmissionUnknown."""
    _set_deleted(submission_id, timezone.now(), "submission.delete", by)


def restore(submission_id: int, by: Actor) -> None:
    """Bring a record back, as it was; repeating it changes nothing. Raises SubmissionUnknown."""
    _set_deleted(submission_id, None, "submission.restore", by)


@transaction.atomic(durable=True)
def _set_deleted(submission_id: int, at: dt.datetime | None, action: str, by: Actor) -> None:
    locked = Submission.objects.select_for_update(no_key=True).select_related("form")
    submission = locked.filter(pk=submission_id).first()
    if submission is None:
        raise SubmissionUnknown(instance_id=submission_id)
    if (submission.deleted_at is None) == (at is None):
        return
    submission.deleted_at = at
    # Its task on a phone and its neighbours' flags follow from whether it counts.
    submission.derive_owed_at, submission.derive_attempts = timezone.now(), 0
    submission.save(update_fields=["deleted_at", "derive_owed_at", "derive_attempts"])
    audit.record(by, action, audited(submission))


def purge(
    form: Form, gone: QuerySet[Submission], with_them: Callable[[Sequence[int]], None], by: Actor
) -> Gone:
    """Remove records of one form for good, with versions, files, comments, reviews and meaning.

    gone: those of the form that go. with_them: removes what a layer above keeps of some of them,
    by number. In batches, each its own transaction with its entry in the audit log, so that a purge
    that breaks off goes on the next time. Files that another record has stay.
    Raises StorageUnavailable when only the rows are gone; `orphans.collect` removes such files.
    """
    told = Gone()
    while batch := list(gone.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        told += _purge(form, gone.filter(pk__in=batch), with_them, by)
    return told


def _purge(
    form: Form, gone: QuerySet[Submission], with_them: Callable[[Sequence[int]], None], by: Actor
) -> Gone:
    with transaction.atomic(durable=True):
        # Locked in one order, and looked at again: whoever restored one meanwhile keeps it, and
        # whoever restored the form keeps all that is left. Nobody restores it during a batch.
        list(Form.objects.select_for_update(no_key=True).filter(pk=form.pk))
        locked = gone.select_for_update(of=("self",)).order_by("pk")
        going = list(locked.values_list("pk", flat=True))
        if not going:
            return Gone()
        versions = SubmissionVersion.objects.filter(submission__in=going)
        files = SubmissionAttachment.objects.filter(version__in=versions)
        sha256s = list(files.values_list("sha256", flat=True).distinct())
        with_them(going)
        # What was accepted out of quarantine is a copy of a version.
        Quarantined.objects.filter(submission__in=going).delete()
        ReviewEvent.objects.filter(submission__in=going).delete()
        Submission.objects.filter(pk__in=going).update(current_version=None)
        Submission.objects.filter(pk__in=going).delete()
        said = {"submissions": len(going), "files": len(sha256s)}
        audit.record(by, "submission.purge", Object("form", form.form_id, form.project_id), said)
    return Gone(len(going), orphans.remove_unused(sha256s))
