"""How an entity list behaves: what it has, who approves what is new, and who gets which rows."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from server.entities.apply import OWNERS, lists_of
from server.entities.models import EntityList
from server.entities.problems import EntityListExists, EntityPropertyExists
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import Project


def settings_of(project_id: int, name: str) -> EntityList:
    """Return a list, or what it would be like: asking makes none."""
    found = EntityList.objects.filter(project=project_id, name=name).first()
    owner_property = OWNERS.get(name, "")
    return found or EntityList(project_id=project_id, name=name, owner_property=owner_property)


@transaction.atomic(durable=True)
def create(project_id: int, name: str, *, approval_required: bool = False, by: Actor) -> EntityList:
    """Make a list before any form speaks of it; the caller has checked how it is called.

    Raises EntityListExists, also where only small and capital letters differ: no phone could keep
    both files. Locks the project: of two who ask at once, one has made it.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project_id)
    taken = EntityList.objects.filter(project=project_id, name__iexact=name).first()
    if taken is not None:
        raise EntityListExists(list=taken.name)
    entity_list = lists_of(project_id, {name})[name]
    entity_list.approval_required = approval_required
    entity_list.save()
    said = {"approvalRequired": approval_required}
    audit.record(by, "dataset.create", Object("dataset", name, project_id), said)
    return entity_list


@transaction.atomic(durable=True)
def add_property(list_id: int, name: str, known: Collection[str], by: Actor) -> None:
    """Give a list one more property; phones get its column with their next list.

    known: those that it has by forms. Raises EntityPropertyExists, however its letters are written.
    """
    entity_list = EntityList.objects.select_for_update().get(pk=list_id)
    for taken in (*known, *entity_list.declared):
        if taken.casefold() == name.casefold():
            raise EntityPropertyExists(list=entity_list.name, property=taken)
    entity_list.declared[name] = timezone.now().isoformat()
    entity_list.changes += 1
    entity_list.save()
    dataset = Object("dataset", entity_list.name, entity_list.project_id)
    audit.record(by, "dataset.update", dataset, {"property": name})


@transaction.atomic(durable=True)
def set_up(
    project_id: int,
    name: str,
    *,
    approval_required: bool | None = None,
    owner_property: str | None = None,
    by: Actor,
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
