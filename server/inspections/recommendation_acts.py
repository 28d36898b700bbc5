"""What people at desks do to one recommendation, each with a reason, as a version of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from server.entities import rules
from server.entities.acts import Author, change
from server.entities.models import Entity, EntityList
from server.entities.problems import EntityVersionDiffers
from server.entities.recommendation_problems import (
    RecommendationActEmpty,
    RecommendationReasonMissing,
    RecommendationUnknown,
)
from server.entities.recommendation_states import (
    DUE,
    EVIDENCE,
    LIST,
    OWNER,
    STATE,
    State,
    state_of,
)
from server.inspections import recommendation_due
from server.inspections.entity_review import refuse_personal
from server.inspections.recommendations import today, within_scope
from server.projects.models import Membership


@dataclass(frozen=True, slots=True)
class Act:
    """What is to change; "" and None leave as it is."""

    reason: str
    state: State | None = None
    due: dt.date | None = None
    owner: str = ""  # one of recommendations.OWNERS
    evidence: str = ""  # the document that was seen
    seen_version: int | None = None  # what was on the screen; None when the caller does not say

    def said(self) -> dict[str, str]:
        """Return the properties that it gives."""
        given = {
            STATE: str(self.state or ""),
            DUE: self.due.isoformat() if self.due else "",
            OWNER: self.owner,
            EVIDENCE: self.evidence.strip(),
        }
        return {name: value for name, value in given.items() if value}


def act(membership: Membership, uuid: UUID, asked: Act) -> Entity:
    """Change state, deadline, owner or document; the same again by the same person does nothing.

    One that is overdue and gets a deadline that is not past is under way again.
    Raises RecommendationUnknown, RecommendationReasonMissing, RecommendationActEmpty,
    RecommendationPersonal, EntityVersionDiffers, RecommendationDueOutOfBounds, and as
    recommendation_states.check.
    """
    if not asked.said():
        raise RecommendationActEmpty
    check_words(asked.reason, asked.evidence)
    with transaction.atomic(durable=True):
        return _act(membership, uuid, asked)


def _act(membership: Membership, uuid: UUID, asked: Act) -> Entity:
    entity_list, entity = locked(membership, uuid)
    said = _with_state(entity.data, asked)
    if is_repeated(entity, said, membership, asked.reason):
        return entity
    if asked.seen_version is not None and asked.seen_version != entity.version:
        raise EntityVersionDiffers(current=entity.version)
    recommendation_due.refuse(said, entity)
    rules.check(LIST, entity.data, said)
    change(entity, entity_list, said, author(membership, asked.reason))
    return entity


def _with_state(data: Mapping[str, str], asked: Act) -> dict[str, str]:
    said = asked.said()
    is_extended = asked.due is not None and asked.due >= today()
    if STATE not in said and is_extended and state_of(data) == State.OVERDUE:
        said[STATE] = State.UNDER_WAY
    return said


def check_words(reason: str, *others: str) -> None:
    """Refuse silence, and words that may say who somebody is: phones and readers get them.

    Raises RecommendationReasonMissing, RecommendationPersonal.
    """
    if not reason.strip():
        raise RecommendationReasonMissing
    refuse_personal(reason, *others)


def locked(membership: Membership, uuid: UUID) -> tuple[EntityList, Entity]:
    """Return a recommendation that a person may change, and its list, which is locked first.

    Raises RecommendationUnknown.
    """
    lists = EntityList.objects.select_for_update().filter(name=LIST)
    entity_list = lists.filter(project=membership.project_id).first()
    entity = within_scope(membership).filter(uuid=uuid).first()
    if entity_list is None or entity is None:
        raise RecommendationUnknown
    return entity_list, entity


def is_repeated(
    entity: Entity, said: Mapping[str, str], membership: Membership, reason: str
) -> bool:
    """Tell whether the last version is this very act of this very person."""
    last = entity.versions.order_by("-number").first()
    return (
        last is not None
        and (last.person_id, last.reason) == (membership.user_id, reason.strip())
        and {**entity.data, **said} == entity.data
    )


def author(membership: Membership, reason: str) -> Author:
    """Return the person as the author of a version."""
    user = membership.user
    return Author(user.display_name, person=user, reason=reason.strip())
