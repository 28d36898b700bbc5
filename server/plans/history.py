"""Who put which units into a plan, changed them and took them out: from what to what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from server.plans.models import Plan, PlanItem, PlanItemChange
from server.projects.audit import Actor
from server.projects.models import ActorKind


def told(row: PlanItem) -> dict[str, Any]:
    """Return what an item says, as history keeps it."""
    return {
        "unit": row.unit_id,
        "form_ids": list(row.form_ids),
        "team": row.team,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "reasons": list(row.reasons),
    }


def added(plan: Plan, rows: Iterable[PlanItem], by: Actor) -> None:
    """Note that units were put into a plan, in the caller's transaction."""
    PlanItemChange.objects.bulk_create([_change(plan, row.pk, None, told(row), by) for row in rows])


def changed(plan: Plan, item_id: int, before: PlanItem, after: PlanItem | None, by: Actor) -> None:
    """Note that a unit is planned otherwise, or no more, in the caller's transaction."""
    _change(plan, item_id, told(before), told(after) if after else None, by).save()


def of(plan: Plan) -> QuerySet[PlanItemChange]:
    """Return what was done to the units of a plan, the newest first."""
    return plan.changes.select_related("by").order_by("-at", "-pk")


def _change(
    plan: Plan,
    item_id: int,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    by: Actor,
) -> PlanItemChange:
    person = by.id if by.kind == ActorKind.PERSON else None
    return PlanItemChange(
        plan=plan, item_id=item_id, by_id=person, at=timezone.now(), before=before, after=after
    )
