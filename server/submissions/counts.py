"""How many submissions forms have, for lists of forms and projects."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Max

from server.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class FormCount:
    """What came back for one form; deleted submissions are left out."""

    submissions: int = 0
    last_at: dt.datetime | None = None  # when the newest one first arrived
    by_state: Mapping[str, int] = field(default_factory=dict)  # ReviewState: number


def by_form(project_id: int) -> dict[int, FormCount]:
    """Return the counts of a project's forms by their keys; a form without any is left out."""
    rows = (
        Submission.objects.living()
        .filter(form__project=project_id)
        .values_list("form", "review_state")
        .annotate(number=Count("pk"), last=Max("created_at"))
    )
    states: dict[int, Counter[str]] = {}
    last: dict[int, dt.datetime] = {}
    for form, state, number, last_at in rows:
        states.setdefault(form, Counter())[state] += number
        last[form] = max(last.get(form, last_at), last_at)
    return {form: FormCount(found.total(), last[form], found) for form, found in states.items()}
