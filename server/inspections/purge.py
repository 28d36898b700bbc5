"""What was taken away long ago goes for good: forms, records, entities (openrosa.md §7, RS46).

For `TRASH_KEPT_DAYS` everything can be brought back; after that nobody has a reason to keep what
tells of people. Entities keep their id, because no phone may ever make another under it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from server.entities.models import Entity, EntityList, EntitySource, EntityVersion
from server.forms import trash as form_trash
from server.forms.attachments import OWN_ENTITY_LISTS
from server.forms.models import Form
from server.projects import audit
from server.projects.audit import Actor, Object
from server.submissions import trash
from server.submissions.models import Submission
from server.submissions.trash import Gone


@dataclass(frozen=True, slots=True)
class Due:
    """What goes of one form: all of it, or the records that were taken away alone."""

    form: Form
    is_whole: bool
    records: int


@dataclass(frozen=True, slots=True)
class DueEntities:
    """How many entities of one list go."""

    entity_list: EntityList
    entities: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a purge would remove."""

    before: dt.datetime  # what was taken away before then
    forms: tuple[Due, ...]
    lists: tuple[DueEntities, ...]


def due(now: dt.datetime | None = None, kept_days: int | None = None) -> Plan:
    """Say what would go now; three questions for any number. kept_days: TRASH_KEPT_DAYS if None."""
    days = settings.TRASH_KEPT_DAYS if kept_days is None else kept_days
    before = (now or timezone.now()) - dt.timedelta(days=days)
    counted = (
        Form.objects.annotate(
            records=Count("submission"),
            old=Count("submission", filter=Q(submission__deleted_at__lt=before)),
        )
        .filter(Q(deleted_at__lt=before) | Q(old__gt=0))
        .order_by("project", "form_id")
        .values_list("pk", "records", "old")
    )
    rows = list(counted)
    by_pk = Form.objects.in_bulk([pk for pk, *_ in rows])
    forms = tuple(_due(by_pk[pk], before, records, old) for pk, records, old in rows)
    in_lists = (
        EntityList.objects.annotate(many=Count("entities", filter=Q(entities__in=_old(before))))
        .filter(many__gt=0)
        .order_by("project", "name")
    )
    return Plan(before, forms, tuple(DueEntities(one, one.many) for one in in_lists))


def _due(form: Form, before: dt.datetime, records: int, old: int) -> Due:
    is_whole = form.deleted_at is not None and form.deleted_at < before
    return Due(form, is_whole, records if is_whole else old)


def purge(plan: Plan, by: Actor) -> Gone:
    """Remove what a plan names and is still in the trash; return how many records and files.

    What was brought back since stays. Breaks off where the object store does not answer
    (StorageUnavailable); the next purge goes on.
    """
    told = Gone()
    for one in plan.forms:
        told += _purge_form(one, plan.before, by) if one.is_whole else _records(one, plan, by)
    for wanted in plan.lists:
        _purge_entities(wanted.entity_list, plan.before, by)
    return told


def _records(one: Due, plan: Plan, by: Actor) -> Gone:
    return _purge_records(one.form, Q(deleted_at__lt=plan.before), by)


def _purge_records(form: Form, which: Q, by: Actor) -> Gone:
    return trash.purge(form, Submission.objects.filter(which, form=form), _forget, by)


def _forget(submission_ids: Sequence[int]) -> None:
    """Remove what is kept of records by their number alone; entities that they made stay."""
    EntitySource.objects.filter(submission_id__in=submission_ids).delete()


def _purge_form(one: Due, before: dt.datetime, by: Actor) -> Gone:
    """Remove a form with everything that was sent to it, unless somebody brought it back."""
    told = _purge_records(one.form, Q(form__deleted_at__lt=before), by)
    form_trash.purge(one.form.pk, before, by)
    return told


def _old(before: dt.datetime) -> QuerySet[Entity]:
    """Return the deleted entities that still say something.

    Not of the lists that the server keeps: a task that was closed may be opened again.
    """
    says = EntityVersion.objects.filter(entity=OuterRef("pk"))
    old = Entity.objects.filter(Exists(says), deleted_at__lt=before)
    return old.exclude(entity_list__name__in=OWN_ENTITY_LISTS)


@transaction.atomic(durable=True)
def _purge_entities(entity_list: EntityList, before: dt.datetime, by: Actor) -> None:
    EntityList.objects.select_for_update().get(pk=entity_list.pk)
    going = list(_old(before).filter(entity_list=entity_list).values_list("pk", flat=True))
    if not going:
        return
    EntityVersion.objects.filter(entity__in=going).delete()
    Entity.objects.filter(pk__in=going).update(label="", data={})
    named = Object("dataset", entity_list.name, entity_list.project_id)
    audit.record(by, "entity.purge", named, {"entities": len(going)})
