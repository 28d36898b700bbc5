"""How many submissions forms have, as far as a person may see them."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db.models import Count, Max

from server.inspections.review import communes_of, within_scope
from server.projects.models import Membership
from server.submissions import counts
from server.submissions.counts import FormCount


def by_form(membership: Membership) -> dict[int, FormCount]:
    """Return the counts of a project's forms by their keys; a form without any is left out.

    To a supervisor of some communes, what came from these: with the totals of the whole project
    they could tell the others' (docs/api.md, keys of viewers).
    """
    if not communes_of(membership):
        return counts.by_form(membership.project_id)
    found = within_scope(membership).values_list("form", "review_state")
    states: dict[int, Counter[str]] = {}
    last: dict[int, dt.datetime] = {}
    for form, state, number, at in found.annotate(n=Count("pk"), at=Max("created_at")).order_by():
        states.setdefault(form, Counter())[state] = number
        last[form] = max(at, last.get(form, at))
    return {form: FormCount(by.total(), last[form], by) for form, by in states.items()}
