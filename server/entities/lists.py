"""How an entity list behaves: who approves what is new, and who gets which rows."""

from __future__ import annotations

from django.db import transaction

from server.entities.apply import OWNERS, lists_of
from server.entities.models import EntityList
from server.projects import audit
from server.projects.audit import SERVER, Actor, Object


def settings_of(project_id: int, name: str) -> EntityList:
    """Return a list, or what it would be like: asking makes none."""
    found = EntityList.objects.filter(project=project_id, name=name).first()
    owner_property = OWNERS.get(name, "")
    return found or EntityList(project_id=project_id, name=name, owner_property=owner_property)


@transaction.atomic(durable=True)
def set_up(
    project_id: int,
    name: str,
    *,
    approval_required: bool | None = None,
    owner_property: str | None = None,
    by: Actor = SERVER,
) -> EntityList:
    """Set what is given, leave the rest, and return the list; it is made where it is new.

    What waits for approval goes on waiting, also where none is required any more. The caller has
    checked that forms speak of the list, and of the property; "" for rows that all may have.
    """
    entity_list = lists_of(project_id, {name})[name]
    before = (entity_list.approval_required, entity_list.owner_property)
    if approval_required is not None:
        entity_list.approval_required = approval_required
    if owner_property is not None:
        entity_list.owner_property = owner_property
    if before != (entity_list.approval_required, entity_list.owner_property):
        entity_list.changes += 1
        entity_list.save()
        said = {
            "approvalRequired": entity_list.approval_required,
            "ownerProperty": entity_list.owner_property,
        }
        audit.record(by, "dataset.update", Object("dataset", name, project_id), said)
    return entity_list
