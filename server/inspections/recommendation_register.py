"""The register of recommendations, as desks read it: a page, one with its history, the waiting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from server.communes.models import AdminUnit
from server.entities.models import ConflictKind, Entity, EntityList, EntityVersion
from server.entities.recommendation_problems import RecommendationUnknown
from server.entities.recommendation_states import DUE, LIST, State, Who, state_of, steps
from server.inspections import entity_review
from server.inspections import recommendation_succession as succession
from server.inspections.entity_review import conflicts_within, withheld
from server.inspections.recommendations import (
    COMMUNE,
    DUE_TEXT,
    all_late,
    due_before,
    in_state,
    today,
    within_scope,
)
from server.inspections.review import REVIEWERS
from server.projects.models import Membership
from server.submissions.models import Submission

WORDS = ("noi_dung", "bang_chung")  # free text


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which recommendations are asked for; "" and None ask for all."""

    commune: str = ""  # uid, or a code with all its versions
    state: str = ""
    severity: str = ""
    owner: str = ""
    is_overdue: bool | None = None
    due_before: dt.date | None = None
    is_open: bool | None = None
    is_disputed: bool = False  # only those with a conflict to decide
    is_waiting: bool = False  # only those whose commune was split


@dataclass(frozen=True, slots=True)
class Row:
    """One recommendation with what is needed to show it."""

    entity: Entity
    commune: AdminUnit | None  # None: not one of the tables'
    conflict: str  # the latest undecided kind; "" for none
    is_withheld: bool  # its words are kept from this reader
    choices: tuple[AdminUnit, ...] = ()  # of one that waits: what its commune became

    def said(self, name: str) -> str:
        """Return a property, blank where it is withheld or was never given."""
        if self.is_withheld and name in WORDS:
            return ""
        return str(self.entity.data.get(name, ""))

    @property
    def label(self) -> str:
        """Return what it is called, which quotes its text."""
        return "" if self.is_withheld else self.entity.label

    @property
    def state(self) -> str:
        """Return where it stands."""
        return state_of(self.entity.data)

    @property
    def is_overdue(self) -> bool:
        """Tell whether it is open past its deadline, by today's date."""
        due = self.said(DUE)
        return self.state != State.DONE and bool(due) and due < today().isoformat()


@dataclass(frozen=True, slots=True)
class Event:
    """One version of a recommendation."""

    version: EntityVersion
    changes: Mapping[str, str]  # against the version before
    held: Mapping[str, str]  # said, without effect
    submission: Submission | None  # that said it: the inspection, or a follow-up


@dataclass(frozen=True, slots=True)
class Whole:
    """One recommendation with its history."""

    row: Row
    events: tuple[Event, ...]  # oldest first
    steps: tuple[str, ...]  # that this reader may take

    @property
    def inspection(self) -> Submission | None:
        """Return the submission that made it, where one did."""
        return self.events[0].submission if self.events else None


def matching(membership: Membership, wanted: Wanted) -> QuerySet[Entity]:
    """Return the recommendations that a person may see and asked for, by deadline."""
    found = within_scope(membership)
    if wanted.commune:
        code = wanted.commune if "@" in wanted.commune else f"{wanted.commune}@"
        found = found.filter(data__xa__startswith=code)
    if wanted.state:
        found = found.filter(in_state(wanted.state))
    if wanted.severity:
        found = found.filter(data__muc_do=wanted.severity)
    if wanted.owner:
        found = found.filter(data__chu_the=wanted.owner)
    if wanted.due_before is not None:
        found = found.filter(due_before(wanted.due_before))
    if wanted.is_overdue is not None:
        late = Q(pk__in=all_late(today()).values("pk"))
        found = found.filter(late if wanted.is_overdue else ~late)
    if wanted.is_open is not None:
        done = in_state(State.DONE)
        found = found.filter(~done if wanted.is_open else done)
    if wanted.is_disputed:
        found = found.filter(pk__in=conflicts_within(membership).values("entity"))
    if wanted.is_waiting:
        split = succession.gone(today()).split
        found = found.filter(pk__in=succession.waiting(membership, split).values("pk"))
    return found.order_by(DUE_TEXT, "pk")


def count(membership: Membership, wanted: Wanted, found: QuerySet[Entity]) -> int:
    """Return how many `matching` found, without reading them where that is known."""
    if wanted == Wanted():
        lists = EntityList.objects.filter(project=membership.project_id, name=LIST)
        return entity_review.count(membership, lists)
    return found.order_by().count()


def rows(
    membership: Membership,
    entities: Iterable[Entity],
    split: Mapping[str, Sequence[str]] | None = None,
) -> list[Row]:
    """Return some recommendations with what shows them: five questions for any number.

    split: what the communes of those that wait became, by uid.
    """
    page = list(entities)
    kept = withheld([entity.pk for entity in page], membership)
    conflicts = dict(
        EntityVersion.objects.filter(entity__in=page, decided_at=None)
        .exclude(conflict=ConflictKind.NONE)
        .order_by("number")
        .values_list("entity", "conflict")
    )
    named = {str(entity.data.get(COMMUNE, "")) for entity in page}
    heirs = {uid: tuple((split or {}).get(uid, ())) for uid in named}
    units = AdminUnit.objects.in_bulk(list(named.union(*heirs.values())))
    return [
        Row(
            entity,
            units.get(uid := str(entity.data.get(COMMUNE, ""))),
            conflicts.get(entity.pk, ""),
            entity.pk in kept,
            tuple(units[heir] for heir in heirs[uid] if heir in units),
        )
        for entity in page
    ]


def waiting(membership: Membership) -> list[Row]:
    """Return those whose commune was split and that a person must give to a successor."""
    split = succession.gone(today()).split
    return rows(membership, succession.waiting(membership, split), split)


def whole(membership: Membership, uuid: UUID) -> Whole:
    """Return one recommendation and its history. Raises RecommendationUnknown."""
    entity = within_scope(membership).filter(uuid=uuid).first()
    if entity is None:
        raise RecommendationUnknown
    (row,) = rows(membership, [entity])
    is_reviewer = membership.role in REVIEWERS
    nexts = steps(row.state, Who.DESK) if is_reviewer else frozenset()
    in_order = tuple(str(state) for state in State if state in nexts)
    return Whole(row, tuple(_events(row, shows_held=is_reviewer)), in_order)


def _events(row: Row, *, shows_held: bool) -> Iterator[Event]:
    """Give the versions, the oldest first. What has no effect is for those who decide about it."""
    versions = list(row.entity.versions.select_related("person", "decided_by").order_by("number"))
    ids = {version.submission_id for version in versions if version.submission_id is not None}
    submissions = Submission.objects.living().select_related("form").in_bulk(list(ids))
    before: Mapping[str, str] = {}
    for version in versions:
        changes = {k: v for k, v in version.data.items() if before.get(k) != v}
        hidden = WORDS if row.is_withheld else ()
        yield Event(
            version,
            {name: value for name, value in sorted(changes.items()) if name not in hidden},
            dict(version.held) if shows_held else {},
            submissions.get(version.submission_id or 0),
        )
        before = version.data
