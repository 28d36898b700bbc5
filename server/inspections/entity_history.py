"""What happened to one entity, and what its versions came of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from server.entities.models import Entity, EntityList, EntityVersion
from server.inspections import entity_desk
from server.inspections.review import REVIEWERS
from server.projects.models import ActorKind, AppUser, AuditEntry, Membership, User
from server.submissions.models import Submission

_DELETED = ("entity.delete", "entity.restore")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened."""

    action: str  # as Central names it (openrosa.md §7)
    at: dt.datetime
    by_id: int  # 0: the system
    by: AppUser | User | None  # None also where nobody may be named
    notes: str = ""
    details: Mapping[str, int | None] = field(default_factory=dict)
    submission: Submission | None = None  # that said it


def acts(membership: Membership, entity_list: EntityList, entity: Entity) -> list[Act]:
    """Return who did what, the newest first: made, changed, decided, deleted, brought back."""
    versions = list(entity.versions.select_related("decided_by").order_by("number"))
    said = submissions(membership, versions)
    makers = named(membership, versions)
    found = [_made(one, makers.get(one.pk), said.get(one.pk)) for one in versions]
    found += [_decided(one, one.decided_at) for one in versions if one.decided_at is not None]
    found += _deleted(entity_list, entity)
    if membership.role not in REVIEWERS:
        found = [Act(act.action, act.at, act.by_id, None, act.notes, act.details) for act in found]
    return sorted(found, key=lambda act: (act.at, act.action), reverse=True)


def named(
    membership: Membership, versions: Iterable[EntityVersion]
) -> Mapping[int, AppUser | User]:
    """Return who made versions, by their keys; to who only sees totals nobody is named."""
    if membership.role not in REVIEWERS:
        return {}
    return entity_desk.makers(membership.project_id, versions)


def submissions(membership: Membership, versions: Iterable[EntityVersion]) -> dict[int, Submission]:
    """Return which submission said each of some versions, by their keys, for who reviews."""
    if membership.role not in REVIEWERS:
        return {}
    ids = {one.pk: one.submission_id for one in versions if one.submission_id is not None}
    found = Submission.objects.living().select_related("form").in_bulk(list(set(ids.values())))
    return {pk: found[number] for pk, number in ids.items() if number in found}


def _made(version: EntityVersion, by: AppUser | User | None, submission: Submission | None) -> Act:
    action = "entity.update.version" if version.number > 1 else "entity.create"
    number = entity_desk.maker_id(version)
    details = {"version": version.number}
    return Act(action, version.at, number, by, version.reason, details, submission)


def _decided(version: EntityVersion, at: dt.datetime) -> Act:
    details = {"version": version.number, "decidedIn": version.decided_in}
    by = version.decided_by
    number = version.decided_by_id or 0
    return Act("entity.update.resolve", at, number, by, "", details)


def _deleted(entity_list: EntityList, entity: Entity) -> Iterator[Act]:
    entries = AuditEntry.objects.filter(
        action__in=_DELETED,
        project_id=entity_list.project_id,
        object_kind="entity",
        object_name=str(entity.uuid),
        details__dataset=entity_list.name,
    )
    told = list(entries)
    people = User.objects.in_bulk(
        {one.actor_id for one in told if one.actor_kind == ActorKind.PERSON}
    )
    for one in told:
        yield Act(one.action, one.logged_at, one.actor_id or 0, people.get(one.actor_id or 0))
