"""Recommendations (kiến nghị): entities of the list `kien_nghi`, who may see which, and time.

Their states and steps are those of server.entities.recommendation_states.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left, NullIf
from django.db.models.lookups import Exact, GreaterThan, LessThan
from django.utils import timezone

from server.entities.acts import Author, change
from server.entities.models import SYSTEM, Entity, EntityList, of_communes
from server.entities.recommendation_states import DUE, LIST, STATE, State
from server.hooks import telling
from server.hooks.models import Event
from server.inspections import entity_review
from server.projects.models import Membership

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
# A property that was never given matches neither a value nor its opposite, so each gets one here:
# without a state a recommendation is new, without a deadline the deadline is "".
_TEXT = TextField()
_STATE = Coalesce(
    NullIf(KT("data__trang_thai"), Value("")), Value(str(State.NEW)), output_field=_TEXT
)
DUE_TEXT = Left(Coalesce(KT("data__han"), Value("")), 10)  # as in Entity's index
SEVERITIES = ("cao", "trung_binh", "thap")


def within_scope(membership: Membership) -> QuerySet[Entity]:
    """Return the recommendations that a person may see: those of their communes."""
    lists = EntityList.objects.filter(project=membership.project_id, name=LIST)
    # By its number, which PostgreSQL asks for first: so they come in the order of their index.
    named = Subquery(lists.values("pk")[:1])
    return entity_review.within_scope(membership).filter(entity_list=named)


def open_for(uid: str) -> QuerySet[Entity]:
    """Return the open recommendations of a commune (AdminUnit.uid), oldest first."""
    return all_open().filter(of_communes([uid])).order_by("pk")


def living() -> QuerySet[Entity]:
    """Return all that nobody has deleted."""
    return Entity.objects.filter(entity_list__name=LIST, deleted_at=None)


def in_state(state: str) -> Q:
    """Match the recommendations in a state."""
    return Q(Exact(_STATE, Value(str(state))))


def due_before(day: dt.date) -> Q:
    """Match those whose deadline is earlier than a day; ISO dates compare as text."""
    return Q(GreaterThan(DUE_TEXT, Value(""))) & Q(LessThan(DUE_TEXT, Value(day.isoformat())))


def all_open(among: QuerySet[Entity] | None = None) -> QuerySet[Entity]:
    """Return those that are not done, of some or of all."""
    return (living() if among is None else among).filter(~in_state(State.DONE))


def all_late(day: dt.date, among: QuerySet[Entity] | None = None) -> QuerySet[Entity]:
    """Return the open ones whose deadline is past on a day."""
    return all_open(among).filter(due_before(day))


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
    late = all_late(day).filter(entity_list=entity_list).filter(~in_state(State.OVERDUE))
    found = list(late.order_by("pk"))
    for entity in found:
        reason = f"{DUE}: {entity.data[DUE]}"
        change(entity, entity_list, {STATE: State.OVERDUE}, Author(SYSTEM, reason=reason))
    if found:
        uuids = [entity.uuid for entity in found]
        event = Event.RECOMMENDATION_OVERDUE
        telling.tell_of_entities(event, entity_list.project_id, uuids, State.OVERDUE)
    return len(found)
