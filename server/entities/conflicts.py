"""Conflicts: what an update met that it did not know of, or may not say; and what people decide.

Nobody's words are lost by a decision: it is one more version, and the conflict keeps its two sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from server.entities import rules
from server.entities.acts import Author, change
from server.entities.models import ConflictKind, Entity, EntityList, EntityVersion
from server.entities.problems import (
    ConflictDecided,
    ConflictReasonMissing,
    ConflictUnknown,
    EntityVersionDiffers,
    PropertyUndisputed,
)
from server.projects import audit
from server.projects.audit import Actor, Object
from server.projects.models import User

LABEL = "label"  # in a branch, beside the properties: none can be called so


class Side(StrEnum):
    """Whose value stands."""

    OURS = "ours"  # what stood when the update came
    THEIRS = "theirs"  # what the update said


class Choice(StrEnum):
    """What becomes of a conflict."""

    OURS = "ours"
    THEIRS = "theirs"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that the two sides, or what both came from, give different values."""

    name: str  # `label`, or a property
    base: str | None  # in the version that the update was made from; None where it was not there
    ours: str | None
    theirs: str | None
    now: str | None  # as it is now: others may have come since

    @property
    def is_disputed(self) -> bool:
        """Tell whether somebody has to choose."""
        return self.ours != self.theirs


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decides about a conflict."""

    choice: Choice
    by: User
    reason: str
    seen_version: int  # number of the entity's version that they had before them
    take: Mapping[str, Side] = field(default_factory=dict)  # by property, to merge
    data: Mapping[str, str] = field(default_factory=dict)  # to merge: what neither side says

    def as_json(self) -> dict[str, object]:
        """Return what makes it the same decision when it comes again."""
        take = {name: str(side) for name, side in sorted(self.take.items())}
        return {
            "choice": str(self.choice),
            "take": take,
            "data": dict(self.data),
            "reason": self.reason.strip(),
        }


def found(project_id: int, *, is_decided: bool = False) -> QuerySet[EntityVersion]:
    """Return the versions in conflict of living entities: the undecided, or the decided."""
    rows = EntityVersion.objects.filter(
        entity__entity_list__project=project_id, entity__deleted_at=None
    )
    return rows.exclude(conflict=ConflictKind.NONE).filter(decided_at__isnull=not is_decided)


def differences(version: EntityVersion) -> tuple[Difference, ...]:
    """Return what a conflict is about, property by property, by name."""
    numbers = (version.number - 1, version.base or 0)
    others = {v.number: _state(v) for v in version.entity.versions.filter(number__in=numbers)}
    theirs = _state(version) | dict(version.held)
    # What made the entity met nothing before it: it is compared with what was made of it.
    ours = others.get(version.number - 1, _state(version))
    base, now = others.get(version.base or 0, ours), _now(version.entity)
    return tuple(
        Difference(name, base.get(name), ours.get(name), theirs.get(name), now.get(name))
        for name in sorted({*base, *ours, *theirs})
        if len({base.get(name), ours.get(name), theirs.get(name)}) > 1
    )


def crossed(version: EntityVersion, others: Mapping[int, EntityVersion]) -> list[str] | None:
    """Return what a version and those since its base gave different values, by name.

    Also what the list forbids it to say. None without a conflict; others: all versions by number.
    """
    if not version.conflict:
        return None
    before, base = (others.get(one or 0, version) for one in (version.number - 1, version.base))
    mine, ours, old = _state(version) | dict(version.held), _state(before), _state(base)
    return [
        name
        for name in sorted({*mine, *ours})
        if mine.get(name) != ours.get(name)
        and (name in version.held or ours.get(name) != old.get(name))
    ]


def decide(version_id: int, verdict: Verdict) -> EntityVersion:
    """Decide about a conflict, as a new version of the entity; once more changes nothing.

    The entity's list is locked, then the conflict looked at: of two people who decide at once the
    second is told of the first. Raises ConflictUnknown, ConflictReasonMissing, ConflictDecided,
    EntityVersionDiffers, PropertyUndisputed, and what the list forbids (server.entities.rules).
    """
    if not verdict.reason.strip():
        raise ConflictReasonMissing
    with transaction.atomic(durable=True):
        return _decide(version_id, verdict)


def _decide(version_id: int, verdict: Verdict) -> EntityVersion:
    whose = EntityList.objects.filter(entities__versions=version_id)
    entity_list = EntityList.objects.select_for_update().filter(pk__in=whose.values("pk")).first()
    rows = EntityVersion.objects.filter(entity__deleted_at=None).exclude(conflict="")
    version = rows.select_related("entity", "decided_by").filter(pk=version_id).first()
    if entity_list is None or version is None:
        raise ConflictUnknown
    if version.decided_at is not None:
        if (version.decision, version.decided_by) == (verdict.as_json(), verdict.by):
            return version
        by = version.decided_by.display_name if version.decided_by else ""
        raise ConflictDecided(by=by, at=f"{version.decided_at:%Y-%m-%d %H:%M} UTC")
    entity = version.entity
    if verdict.seen_version != entity.version:
        raise EntityVersionDiffers(current=entity.version)
    _write(entity, entity_list, _outcome(version, verdict), verdict)
    mark(version, verdict.by, verdict.as_json(), entity.version)
    what = Object("entity", str(entity.uuid), entity_list.project_id)
    said = {"dataset": entity_list.name, "conflict": version.pk, "decision": str(verdict.choice)}
    audit.record(Actor.person(verdict.by), "entity.update.resolve", what, said)
    return version


def mark(
    version: EntityVersion, by: User, decision: Mapping[str, object], made: int | None
) -> None:
    """Write down that a conflict is decided; made: the number of the version that came of it."""
    version.decided_at, version.decided_by = timezone.now(), by
    version.decision, version.decided_in = dict(decision), made
    version.save(update_fields=["decided_at", "decided_by", "decision", "decided_in"])


def _outcome(version: EntityVersion, verdict: Verdict) -> dict[str, str]:
    """Return the values that a decision gives, by property and label."""
    disputed = {one.name: one for one in differences(version) if one.is_disputed}
    if verdict.choice != Choice.MERGE:
        take = dict.fromkeys(disputed, Side(str(verdict.choice)))
    else:
        take = dict(verdict.take)
    for name in take:
        if name not in disputed:
            raise PropertyUndisputed(property=name)
    chosen = {name: asdict(disputed[name])[str(side)] or "" for name, side in take.items()}
    return {**chosen, **verdict.data}


def _write(
    entity: Entity, entity_list: EntityList, values: Mapping[str, str], verdict: Verdict
) -> None:
    now = _now(entity)
    said = {name: value for name, value in values.items() if now.get(name) != value}
    data = {name: value for name, value in said.items() if name != LABEL}
    rules.check(entity_list.name, entity.data, data)
    author = Author(verdict.by.display_name, person=verdict.by, reason=verdict.reason.strip())
    change(entity, entity_list, data, author, label=said.get(LABEL, ""))


def _state(version: EntityVersion) -> dict[str, str]:
    return {**version.data, LABEL: version.label}


def _now(entity: Entity) -> dict[str, str]:
    return {**entity.data, LABEL: entity.label}
