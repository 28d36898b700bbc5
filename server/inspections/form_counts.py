"""How many submissions forms have, as far as a person may see them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping

from django.db.models import Count, Max, Q, QuerySet, Sum

from server.forms.models import Form
from server.inspections.judged_lengths import OF_ONE, JudgedLength, Kind
from server.inspections.review import communes_of
from server.projects.models import Membership
from server.submissions import counts
from server.submissions.counts import FormCount
from server.submissions.models import Submission


def by_form(membership: Membership) -> dict[int, FormCount]:
    """Return the counts of a project's forms by their keys; a form without any is left out.

    To a supervisor of some communes, what came from these: with the totals of the whole project
    they could tell the others' (docs/api.md, keys of viewers).
    """
    communes = communes_of(membership)
    if not communes:
        return counts.by_form(membership.project_id)
    return _of_communes(membership.project_id, communes)


def _of_communes(project_id: int, communes: Collection[str]) -> dict[int, FormCount]:
    """Count by notes what is there, and take off what was deleted, which is little."""
    theirs = Submission.objects.filter(form__project=project_id, inspection__unit__in=communes)
    forms = Form.objects.filter(project=project_id)
    notes = JudgedLength.objects.filter(
        kind=Kind.INSPECTION, list_id__in=forms.values("pk"), unit__in=communes
    )
    states: dict[int, Counter[str]] = {}
    block: dict[int, int] = {}  # the last that has any
    by_block = notes.values_list("list_id", "state", "block").annotate(many=Sum("rows"))
    for form, state, number, many in by_block:
        if many:
            states.setdefault(form, Counter())[state] += many
            block[form] = max(number, block.get(form, 0))
    gone = theirs.exclude(deleted_at=None).order_by()
    by_state = gone.values_list("form", "review_state").annotate(many=Count("pk"))
    for form, state, many in by_state:
        states.setdefault(form, Counter())[state] -= many
    last = _last(theirs.filter(deleted_at=None), block, states)
    return {
        form: FormCount(by.total(), last.get(form), +by)
        for form, by in states.items()
        if by.total() > 0
    }


def _last(
    living: QuerySet[Submission], block: Mapping[int, int], forms: Collection[int]
) -> dict[int, dt.datetime]:
    """Return when the newest of each form came. block: the last that has inspections of it."""
    newest = Q(pk__in=())
    for form, number in block.items():
        newest |= Q(form=form, inspection__gte=number << OF_ONE)
    by_form = living.order_by().values_list("form").annotate(at=Max("created_at"))
    last = dict(by_form.filter(newest))
    # Of a form whose last block was deleted, all are looked at.
    rest = [form for form in forms if form not in last]
    return {**last, **dict(by_form.filter(form__in=rest))} if rest else last
