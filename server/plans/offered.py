"""What a plan gives a team to do, and so what its phones are offered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.plans.models import PlanItem, PlanState
from server.projects.models import AppUser


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the plans in force say about the forms and communes of one team.

    elsewhere: forms that plans give to other teams only; this one does not need them. A form that
    no plan names (a follow-up, say) is for everybody.
    communes: {form: uids} of the forms that plans give to this team.
    """

    elsewhere: frozenset[str]
    communes: dict[str, frozenset[str]]


def assigned(app_user: AppUser, on_date: dt.date) -> Assignment | None:
    """Return what plans give to a device's team; None when they do not speak of it.

    An inspector whom no plan names keeps what he was granted: a plan that leaves somebody out must
    not empty a phone in a valley. Items whose last day is over no longer count.
    """
    if not app_user.team:
        return None
    items = PlanItem.objects.filter(
        plan__project=app_user.project_id, plan__state=PlanState.ACTIVE, ends_on__gte=on_date
    ).values_list("team", "form_ids", "unit")
    communes: dict[str, frozenset[str]] = {}
    planned: set[str] = set()
    for team, form_ids, unit in items:
        planned.update(form_ids)
        if team == app_user.team:
            for form_id in form_ids:
                communes[form_id] = communes.get(form_id, frozenset()) | {unit}
    if not communes:
        return None
    return Assignment(frozenset(planned - communes.keys()), communes)
