"""Recommendations (kiến nghị): entities of the list `kien_nghi`, and what becomes of them by time.

Their state is the property `trang_thai`: moi, dang_thuc_hien, chuyen_ky, qua_han, hoan_thanh.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from server.entities.acts import Author, change
from server.entities.models import SYSTEM, Entity, EntityList

LIST = "kien_nghi"
DONE = "hoan_thanh"
OVERDUE = "qua_han"


def open_for(uid: str) -> QuerySet[Entity]:
    """Return the open recommendations of a commune (AdminUnit.uid), oldest first."""
    return _open().filter(data__xa=uid).order_by("pk")


def mark_overdue(today: dt.date | None = None) -> int:
    """Set open recommendations whose deadline (`han`) is past to qua_han; return how many.

    Each is a version of its own, by SYSTEM, so that its history says when and that no device did.
    """
    day = today or timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
    lists = EntityList.objects.filter(name=LIST).order_by("pk")
    return sum(_mark_overdue(pk, day) for pk in lists.values_list("pk", flat=True))


@transaction.atomic(durable=True)
def _mark_overdue(list_id: int, today: dt.date) -> int:
    entity_list = EntityList.objects.select_for_update().get(pk=list_id)
    # ISO dates compare as text; a blank one is no deadline, and is less than any.
    late = _open().filter(
        entity_list=entity_list, data__han__gt="", data__han__lt=today.isoformat()
    )
    found = list(late.exclude(data__trang_thai=OVERDUE).order_by("pk"))
    for entity in found:
        change(entity, entity_list, {"trang_thai": OVERDUE}, Author(SYSTEM))
    return len(found)


def _open() -> QuerySet[Entity]:
    living = Entity.objects.filter(entity_list__name=LIST, deleted_at=None)
    return living.exclude(data__trang_thai=DONE)
