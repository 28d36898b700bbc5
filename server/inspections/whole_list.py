"""All living records of a form that a person may see: how many, and any part of them, quickly.

Of all communes it is known how many there are, and where (`server.submissions.lengths`). Of some
communes they are looked for in the index `inspection_by_commune` alone, which holds no more of
each than its numbers, instead of among the records, most of which are other communes'.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from server import lengths
from server.forms.models import Form
from server.inspections.list_page import skipped
from server.inspections.models import Inspection
from server.inspections.review import REVIEWERS, communes_of, of_form
from server.projects.models import Membership
from server.submissions.lengths import FormLength
from server.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class WholeList:
    """What `review.within_scope` finds of a form, and nothing else."""

    form_id: int
    communes: frozenset[str]  # uids; none: all of them

    def with_deleted(self) -> QuerySet[Submission]:
        """Return them by falling number, and the deleted ones among them."""
        return of_form(self.form_id, self.communes).order_by("-pk")

    def broad(self) -> QuerySet[Submission]:
        """Return those of all communes by falling number, for `part` to choose among."""
        # Which are of the communes is not asked again of what is known to be.
        return of_form(self.form_id, ()).filter(deleted_at=None).order_by("-pk")

    def count(self) -> int:
        """Return how many there are."""
        return self._numbers().count() if self.communes else lengths.total(self._notes())

    def part(
        self, found: QuerySet[Submission], many: int, *, skip: int = 0, below: int | None = None
    ) -> QuerySet[Submission]:
        """Return so many of them after the first `skip`, of those below a number or of all.

        found: `broad`, with whatever else shall be told.
        """
        if self.communes:
            numbers = self._numbers().order_by("-submission_id")
            ahead = numbers if below is None else numbers.filter(submission_id__lt=below)
            return found.filter(pk__in=ahead[skip : skip + many])[:many]
        if below is None and skip:
            return lengths.skipped(found, self._notes(), skip)[:many]
        return skipped(found if below is None else found.filter(pk__lt=below), skip)[:many]

    def _notes(self) -> QuerySet[FormLength]:
        return FormLength.objects.filter(list_id=self.form_id)

    def _numbers(self) -> QuerySet[Inspection, int]:
        of_form = Inspection.objects.filter(form=self.form_id, unit__in=self.communes)
        gone = Submission.objects.filter(form=self.form_id, deleted_at__isnull=False)
        return of_form.exclude(submission__in=gone.values("pk")).values_list(
            "submission_id", flat=True
        )


def whole_list(membership: Membership, form: Form) -> WholeList:
    """Return all that a manager or a supervisor may see of a form of their project.

    Raises ValueError for anybody else, or of any other form.
    """
    if membership.role not in REVIEWERS or form.project_id != membership.project_id:
        raise ValueError(f"{membership.role} reviews no record of form {form.pk}")
    return WholeList(form.pk, communes_of(membership))
