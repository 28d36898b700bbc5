"""A filter of OData's, on submissions that are not asked for as a feed."""

from __future__ import annotations

from django.db.models import F, FilteredRelation, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from server.reports.odata import filters
from server.reports.odata.conditions import condition
from server.submissions.models import Submission


def narrowed(submissions: QuerySet[Submission], text: str) -> QuerySet[Submission]:
    """Return those that a `$filter` on the table Submissions lets through; all for "".

    Raises FilterMalformed, FilterUnsupported, FilterFieldUnsupported.
    """
    if not text:
        return submissions
    return with_first(submissions).filter(condition(filters.read(text), on_repeats=False))


def with_first(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Give each submission its `first` version, and who sent it, which filters ask about."""
    first = FilteredRelation("versions", condition=Q(versions__instance_id=F("instance_id")))
    sent_by = Coalesce(F("first__app_user_id"), F("first__person_id"))
    return submissions.annotate(first=first).alias(submitter=Cast(sent_by, TextField()))
