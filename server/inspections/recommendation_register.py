"""The register of recommendations, as desks read it: a page, one with its history, the waiting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet, Value
from django.db.models.lookups import GreaterThanOrEqual

from server.communes.models import AdminUnit
from server.entities.models import ConflictKind, Entity, EntityVersion, of_communes
from server.entities.recommendation_problems import RecommendationUnknown
from server.entities.recommendation_states import DUE, State, Who, state_of, steps
from server.inspections import recommendation_succession as succession
from server.inspections.entity_review import conflicts_within, sees_all_communes, withheld
from server.inspections.recommendation_count import (
    Wanted,
    communes,
    known,
    place_by_deadline,
)
from server.inspections.recommendations import (
    COMMUNE,
    DUE_TEXT,
    due_before,
    in_state,
    today,
    within_scope,
)
from server.inspections.review import REVIEWERS
from server.projects.models import Membership
from server.submissions.models import Submission

_MOST_MERGED = 12  # communes, of which a page is read each
WORDS = ("noi_dung", "bang_chung")  # free text


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
    found = _standing(within_scope(membership), wanted)
    if wanted.commune:
        found = found.filter(of_communes(communes(membership, wanted)))
    if wanted.severity:
        found = found.filter(data__muc_do=wanted.severity)
    if wanted.owner:
        found = found.filter(data__chu_the=wanted.owner)
    if wanted.due_before is not None:
        found = found.filter(due_before(wanted.due_before))
    if wanted.is_disputed:
        found = found.filter(pk__in=conflicts_within(membership).values("entity"))
    if wanted.is_waiting:
        split = succession.gone(today()).split
        found = found.filter(pk__in=succession.waiting(membership, split).values("pk"))
    return found.order_by(DUE_TEXT, "pk")


def _standing(found: QuerySet[Entity], wanted: Wanted) -> QuerySet[Entity]:
    """Return those of some that stand as it is asked for."""
    if wanted.state:
        found = found.filter(in_state(wanted.state))
    if wanted.state not in ("", State.DONE):
        found = found.filter(~in_state(State.DONE))  # by their index
    if wanted.is_overdue is not None:
        late = ~in_state(State.DONE) & due_before(today())
        found = found.filter(late if wanted.is_overdue else ~late)
    if wanted.is_open is not None:
        done = in_state(State.DONE)
        found = found.filter(~done if wanted.is_open else done)
    return found


def count(membership: Membership, wanted: Wanted, found: QuerySet[Entity]) -> int:
    """Return how many `matching` found, without reading them where that is known."""
    told = known(membership, wanted)
    return found.order_by().count() if told is None else told.total


def page(membership: Membership, wanted: Wanted, start: int, many: int) -> tuple[list[Row], int]:
    """Return so many of those asked for after the first `start`, by deadline; and how many are."""
    found, told = matching(membership, wanted), known(membership, wanted)
    total = found.order_by().count() if told is None else told.total
    if start >= total:
        return [], total
    if told is not None and told.communes and len(told.communes) <= _MOST_MERGED:
        part = _merged(found, told.communes, start, many)
    elif start and wanted == Wanted() and sees_all_communes(membership):
        due, skip = place_by_deadline(membership, start) or ("", start)
        part = found.filter(GreaterThanOrEqual(DUE_TEXT, Value(due)))[skip : skip + many]
    else:
        part = found[start : start + many]
    return rows(membership, part), total


def _merged(
    found: QuerySet[Entity], communes: Sequence[str], start: int, many: int
) -> QuerySet[Entity]:
    """Return some of what was found of some communes, walked each by deadline and merged."""
    first, *others = (
        found.filter(of_communes([commune]))
        .annotate(due_text=DUE_TEXT)
        .values_list("pk", "due_text")[: start + many]
        for commune in communes
    )
    numbers = first.union(*others, all=True) if others else first
    if others:
        numbers = numbers.order_by("due_text", "pk")
    pks = [pk for pk, _ in numbers[start : start + many]]
    return Entity.objects.filter(pk__in=pks).order_by(DUE_TEXT, "pk")


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
