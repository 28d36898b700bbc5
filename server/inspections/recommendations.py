"""Recommendations (kiến nghị): entities of the list `kien_nghi`, who may see which, and time.

Their states and steps are those of server.entities.recommendation_states.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from server.communes.succession import with_predecessors
from server.entities.acts import Author, change
from server.entities.models import SYSTEM, Entity, EntityList
from server.entities.recommendation_states import DUE, LIST, STATE, State
from server.projects.models import Membership, Role

COMMUNE = "xa"  # uid of an AdminUnit
# Who must act, as the choice list `owner` of the inspection forms has them.
OWNERS = (
    "ubnd_xa",
    "hoi_lhpn_xa",
    "ban_vstbpn",
    "nguoi_dung_dau",
    "nguoi_su_dung_ld",
    "cong_doan",
    "so_nganh",
    "khac",
)
SEVERITIES = ("cao", "trung_binh", "thap")


def within_scope(membership: Membership) -> QuerySet[Entity]:
    """Return the recommendations of a project that a person may see.

    Whoever answers for some communes sees those of these, and of the units they came from.
    """
    found = living().filter(entity_list__project=membership.project_id)
    if membership.role == Role.MANAGER or not membership.commune_uids:
        return found
    return found.filter(data__xa__in=sorted(with_predecessors(membership.commune_uids)))


def open_for(uid: str) -> QuerySet[Entity]:
    """Return the open recommendations of a commune (AdminUnit.uid), oldest first."""
    return all_open().filter(data__xa=uid).order_by("pk")


def living() -> QuerySet[Entity]:
    """Return all that nobody has deleted."""
    return Entity.objects.filter(entity_list__name=LIST, deleted_at=None)


def all_open() -> QuerySet[Entity]:
    """Return those that are not done; one that says no state is new."""
    return living().exclude(data__trang_thai=State.DONE)


def today() -> dt.date:
    """Return the day by which deadlines and communes count: the local one."""
    return timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))


def mark_overdue(on_date: dt.date | None = None) -> int:
    """Set open recommendations whose deadline (`han`) is past to qua_han; return how many.

    Each is a version of its own, by SYSTEM, so that its history says when and that no device did.
    """
    day = on_date or today()
    lists = EntityList.objects.filter(name=LIST).order_by("pk")
    return sum(_mark_overdue(pk, day) for pk in lists.values_list("pk", flat=True))


@transaction.atomic(durable=True)
def _mark_overdue(list_id: int, day: dt.date) -> int:
    entity_list = EntityList.objects.select_for_update().get(pk=list_id)
    # ISO dates compare as text; a blank one is no deadline, and is less than any.
    late = all_open().filter(
        entity_list=entity_list, data__han__gt="", data__han__lt=day.isoformat()
    )
    found = list(late.exclude(data__trang_thai=State.OVERDUE).order_by("pk"))
    for entity in found:
        reason = f"{DUE}: {entity.data[DUE]}"
        change(entity, entity_list, {STATE: State.OVERDUE}, Author(SYSTEM, reason=reason))
    return len(found)
