"""Which entities a person at a desk may see and decide about, and what words are kept from them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, QuerySet

from server import lengths
from server.communes.succession import with_predecessors
from server.entities import conflicts
from server.entities.conflicts import Verdict
from server.entities.models import (
    Entity,
    EntityList,
    EntityListLength,
    EntityVersion,
    of_communes,
)
from server.entities.problems import ConflictUnknown
from server.entities.recommendation_problems import RecommendationPersonal
from server.entities.recommendation_states import LIST as RECOMMENDATIONS
from server.inspections import personal, recommendation_due
from server.inspections.flag_kinds import KINDS
from server.inspections.models import Flag, FlagDecision
from server.inspections.review import REVIEWERS
from server.projects.models import Membership, Role

_HOLDING = [code for code, kind in KINDS.items() if kind.holds]


def within_scope(membership: Membership) -> QuerySet[Entity]:
    """Return the living entities of a project that a person may see.

    Whoever answers for some communes sees those of these and of the units they came from (property
    `xa`), and none without one. What is one device's own (viec) is for those who review.
    """
    return with_deleted(membership).filter(deleted_at=None)


def with_deleted(membership: Membership) -> QuerySet[Entity]:
    """Return those `within_scope`, and the ones among them that were deleted."""
    found = Entity.objects.filter(entity_list__project=membership.project_id)
    if membership.role not in REVIEWERS:
        found = found.filter(entity_list__owner_property="")
    if sees_all_communes(membership):
        return found
    return found.filter(of_communes(with_predecessors(membership.commune_uids)))


def sees_all_communes(membership: Membership) -> bool:
    """Tell whether a person sees entities whatever their commune is."""
    return membership.role == Role.MANAGER or not membership.commune_uids


def count(membership: Membership, lists: QuerySet[EntityList]) -> int:
    """Return how many of some lists are `within_scope`, without reading them."""
    if membership.role not in REVIEWERS:
        lists = lists.filter(owner_property="")
    communes = {""}
    if not sees_all_communes(membership):
        communes = {*with_predecessors(membership.commune_uids)}
    notes = EntityListLength.objects.filter(list_id__in=lists.values("pk"))
    return lengths.total(notes.filter(commune__in=communes))


def withheld(entity_ids: Collection[int], membership: Membership) -> frozenset[int]:
    """Return the entities whose words a person may not read yet: three questions for any number.

    Those are what a submission said whose text may be personal data, until a supervisor has looked
    (docs/flags.md). Whoever reviews sees all.
    """
    if membership.role in REVIEWERS:
        return frozenset()
    said = EntityVersion.objects.filter(entity__in=entity_ids).exclude(submission_id=None)
    behind = list(said.values_list("entity_id", "submission_id"))
    held = _held_submissions({submission for _, submission in behind if submission is not None})
    return frozenset(entity for entity, submission in behind if submission in held)


def _held_submissions(submission_ids: Collection[int]) -> frozenset[int]:
    decided = FlagDecision.objects.filter(
        submission=OuterRef("inspection__submission"),
        version=OuterRef("inspection__submission__current_version"),
        code=OuterRef("code"),
        details=OuterRef("details"),
    )
    flags = Flag.objects.filter(inspection__submission__in=submission_ids, code__in=_HOLDING)
    still = flags.filter(~Exists(decided)).values_list(F("inspection__submission"), flat=True)
    return frozenset(still)


def conflicts_within(
    membership: Membership, *, is_decided: bool = False
) -> QuerySet[EntityVersion]:
    """Return the conflicts, undecided or decided, that a person may see; none for a viewer."""
    found = conflicts.found(membership.project_id, is_decided=is_decided)
    if membership.role not in REVIEWERS:
        return found.none()
    return found.filter(entity__in=within_scope(membership))


def conflict(membership: Membership, version_id: int) -> EntityVersion:
    """Return one conflict that a person may see, decided or not. Raises ConflictUnknown."""
    for is_decided in (False, True):
        rows = conflicts_within(membership, is_decided=is_decided).filter(pk=version_id)
        found = rows.select_related("entity__entity_list", "decided_by").first()
        if found is not None:
            return found
    raise ConflictUnknown


def decide(membership: Membership, version_id: int, verdict: Verdict) -> EntityVersion:
    """Decide about a conflict that a person may see.

    Raises RecommendationPersonal, RecommendationDueOutOfBounds, and as conflicts.decide.
    """
    entity = conflict(membership, version_id).entity
    refuse_personal(verdict.reason, *verdict.data.values())
    if entity.entity_list.name == RECOMMENDATIONS:
        recommendation_due.refuse(verdict.data, entity)
    return conflicts.decide(version_id, verdict)


def refuse_personal(*texts: str) -> None:
    """Refuse words that may say who somebody is: phones and readers get them.

    Raises RecommendationPersonal.
    """
    if any(personal.traces(text) for text in texts):
        raise RecommendationPersonal
