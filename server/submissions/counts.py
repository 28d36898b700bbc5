"""How many submissions forms have, for lists of forms and projects."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import OuterRef, Subquery, Sum

from server.forms.models import Form
from server.submissions.lengths import FormLength
from server.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class FormCount:
    """What came back for one form; deleted submissions are left out."""

    submissions: int = 0
    last_at: dt.datetime | None = None  # when the newest one first arrived
    by_state: Mapping[str, int] = field(default_factory=dict)  # ReviewState: number


def by_form(project_id: int) -> dict[int, FormCount]:
    """Return the counts of a project's forms by their keys; a form without any is left out.

    Two questions, and no submission is read but each form's newest.
    """
    forms = Form.objects.filter(project=project_id)
    notes = FormLength.objects.filter(list_id__in=forms.values("pk"))
    states: dict[int, Counter[str]] = {}
    for form, state, number in notes.values_list("list_id", "state").annotate(n=Sum("rows")):
        if number:
            states.setdefault(form, Counter())[state] += number
    newest = Submission.objects.living().filter(form=OuterRef("pk")).order_by("-pk")
    last = forms.filter(pk__in=states).values_list("pk", Subquery(newest.values("created_at")[:1]))
    return {form: FormCount(states[form].total(), at, states[form]) for form, at in last}
