"""What webhooks are told: which submission or recommendation, of which commune, in what state.

No answers and nobody's name; whoever wants to know more asks the API, with rights of their own.
"""

from __future__ import annotations

from uuid import UUID

from server.communes.models import AdminUnit
from server.entities.models import Entity
from server.hooks.models import Delivery
from server.inspections.models import Inspection
from server.inspections.recommendations import COMMUNE
from server.submissions.models import Submission


def describe(delivery: Delivery) -> dict[str, object]:
    """Return what a delivery is about as it stands now, but its state as the event made it."""
    if delivery.submission_id is not None:
        return _submission(delivery.submission_id, delivery.state)
    if delivery.entity is not None:
        return _recommendation(delivery, delivery.entity)
    return {}


def _submission(submission_id: int, state: str) -> dict[str, object]:
    row = Submission.objects.select_related("form").filter(pk=submission_id).first()
    if row is None:
        return {}
    inspection = Inspection.objects.filter(submission=submission_id)
    commune = inspection.values_list("unit__code", flat=True).first()
    return {
        "form": row.form.form_id,
        "submission": row.instance_id,
        "commune": commune,
        "state": state or row.review_state,
        "createdAt": row.created_at.isoformat(timespec="seconds"),
        "updatedAt": row.updated_at.isoformat(timespec="seconds") if row.updated_at else None,
    }


def _recommendation(delivery: Delivery, uuid: UUID) -> dict[str, object]:
    entities = Entity.objects.filter(entity_list__project=delivery.webhook.project_id)
    data = entities.filter(uuid=uuid).values_list("data", flat=True).first() or {}
    units = AdminUnit.objects.filter(uid=data.get(COMMUNE, ""))
    return {
        "recommendation": str(uuid),
        "commune": units.values_list("code", flat=True).first(),
        "state": delivery.state,
    }
