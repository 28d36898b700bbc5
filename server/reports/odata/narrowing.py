"""A filter of OData's, on submissions that are not asked for as a feed."""

from __future__ import annotations

from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce

from server.reports.odata import filters
from server.reports.odata.conditions import condition
from server.submissions.models import Submission, SubmissionVersion


def narrowed(submissions: QuerySet[Submission], text: str) -> QuerySet[Submission]:
    """Return those that a `$filter` on the table Submissions lets through; all for "".

    Raises FilterMalformed, FilterUnsupported, FilterFieldUnsupported.
    """
    if not text:
        return submissions
    return with_first(submissions).filter(condition(filters.read(text), on_repeats=False))


def with_first(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Give each submission its `first` version, and its `submitter`, which filters ask about.

    Neither costs anything where nobody asks for it; what goes through `first` is joined at once.
    """
    first = FilteredRelation("versions", condition=Q(versions__instance_id=F("instance_id")))
    sent_by = Cast(Coalesce(F("app_user_id"), F("person_id")), TextField())
    sent = SubmissionVersion.objects.filter(
        form=OuterRef("form"), instance_id=OuterRef("instance_id")
    )
    return submissions.annotate(first=first).alias(
        submitter=Subquery(sent.values_list(sent_by)[:1])
    )
