"""Submissions whose words about entities could not be carried out: stored whole, but no entity."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.entities import failures
from server.entities.models import EntitySource, SourceState
from server.inspections.review import within_scope
from server.projects.models import Membership
from server.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class EntityFailure:
    """One submission that made or changed nothing in the lists, though it says it does."""

    instance_id: str
    form_id: str
    code: str  # of the Problem
    reason: str  # its sentence
    by: str  # the device, as entities name it: u12; "" for a person
    since: dt.datetime


def listed(
    membership: Membership, *, limit: int, offset: int = 0, language: str = "vi"
) -> list[EntityFailure]:
    """Return the failures that a reviewer answers for, the newest first: two questions for any.

    One that is derived again without a fault, after an edit or a mended form, is here no more.
    """
    found = EntitySource.objects.filter(
        project=membership.project_id,
        state=SourceState.FAILED,
        submission_id__in=within_scope(membership).values("pk"),
    )
    sources = list(found.order_by("-since", "-pk")[offset : offset + limit])
    keys = [source.submission_id for source in sources]
    submissions = Submission.objects.select_related("form").in_bulk(keys)
    return [
        EntityFailure(
            instance_id=submissions[source.submission_id].instance_id,
            form_id=submissions[source.submission_id].form.form_id,
            code=source.failure,
            reason=failures.sentence(source, language),
            by=source.app_user,
            since=source.since,
        )
        for source in sources
        if source.submission_id in submissions  # unless it was purged between the two
    ]
