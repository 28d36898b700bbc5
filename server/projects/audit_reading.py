"""The audit log as people may read it: managers of their projects, auditors all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from server import lengths
from server.projects.models import (
    ActorKind,
    AppUser,
    AuditEntry,
    AuditLength,
    Membership,
    Role,
    User,
)

_BATCH = 500
# What Central's `nonverbose` leaves out: the everyday of records, and who looked at what.
_VERBOSE = ("entity.", "submission.", "quarantine.read", "form.submission.read", "access.denied")


@dataclass(frozen=True, slots=True)
class Actors:
    """Some of those who do things; nobody where all is empty."""

    people: tuple[int, ...] = ()
    devices: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()  # ActorKind, all of the kind

    def condition(self) -> Q:
        """Return what their entries have in common."""
        return (
            Q(actor_kind=ActorKind.PERSON, actor_id__in=self.people)
            | Q(actor_kind=ActorKind.DEVICE, actor_id__in=self.devices)
            | Q(actor_kind__in=self.kinds)
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; what is left empty restricts nothing."""

    action: str = ""  # an action, a group of them (`form`), or `nonverbose`
    start: dt.datetime | None = None  # that moment as well
    end: dt.datetime | None = None  # not that moment any more
    project_id: int | None = None
    actors: Actors | None = None
    object_name: str = ""  # the whole of it


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """One entry with who did it, where that is somebody who is still here."""

    entry: AuditEntry
    by: User | AppUser | None


def may_read(user: User) -> bool:
    """Tell whether a person may read any of it."""
    return _reads_all(user) or _managed(user).exists()


def _reads_all(user: User) -> bool:
    return user.is_auditor and user.api_key is None


def entries(user: User, wanted: Wanted) -> QuerySet[AuditEntry]:
    """Return what a person may read of it and wants, the newest first.

    A manager sees what was done in their projects; logins and accounts are of no project, and
    for auditors.
    """
    found = AuditEntry.objects.order_by("-pk")
    if not _reads_all(user):
        found = found.filter(project_id__in=_managed(user).values("project_id"))
    if wanted.start is not None:
        found = found.filter(logged_at__gte=wanted.start)
    if wanted.end is not None:
        found = found.filter(logged_at__lt=wanted.end)
    if wanted.project_id is not None:
        found = found.filter(project_id=wanted.project_id)
    if wanted.actors is not None:
        found = found.filter(wanted.actors.condition())
    if wanted.object_name:
        found = found.filter(object_name=wanted.object_name)
    return _of_action(found, wanted)


def _of_action(found: QuerySet[AuditEntry], wanted: Wanted) -> QuerySet[AuditEntry]:
    if wanted.action == "nonverbose":
        for start in _VERBOSE:
            found = found.exclude(action__startswith=start)
    elif "." in wanted.action:
        found = found.filter(action=wanted.action)
    elif wanted.action:
        found = found.filter(action__startswith=f"{wanted.action}.")
    return found


def skipped(
    user: User, wanted: Wanted, found: QuerySet[AuditEntry], many: int
) -> QuerySet[AuditEntry]:
    """Return what comes after the first `many` of what `entries` found."""
    if not many or wanted != Wanted(project_id=wanted.project_id):
        return found[many:]
    notes = AuditLength.objects.all()
    if not _reads_all(user):
        notes = notes.filter(list_id__in=_managed(user).values("project_id"))
    if wanted.project_id is not None:
        notes = notes.filter(list_id=wanted.project_id)
    return lengths.skipped_of_log(found, notes, many)


def note_lengths() -> int:
    """Write down what full blocks of the log hold; return how many notes that were.

    Ids have no gaps, and each is seen only after the one before it: a block behind the last id is
    full for ever. Two at once note the same.
    """
    last = AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    noted = AuditLength.objects.aggregate(last=Max("block"))["last"]
    begin = 0 if noted is None else noted + 1
    within = AuditEntry.objects.filter(
        pk__gte=begin * lengths.BLOCK, pk__lt=last // lengths.BLOCK * lengths.BLOCK
    )
    held = within.values_list(Coalesce("project_id", 0), F("pk") / lengths.BLOCK)
    rows = held.annotate(many=Count("pk")).order_by()
    made = [AuditLength(list_id=of, block=block, rows=many) for of, block, many in rows]
    return len(AuditLength.objects.bulk_create(made, ignore_conflicts=True))


def told(rows: Iterable[AuditEntry]) -> list[ToldEntry]:
    """Return entries with who did them: two questions for any number."""
    page = list(rows)
    by: dict[str, Mapping[int, User | AppUser]] = {
        ActorKind.PERSON: User.objects.in_bulk(_actors(page, ActorKind.PERSON)),
        ActorKind.DEVICE: AppUser.objects.in_bulk(_actors(page, ActorKind.DEVICE)),
    }
    return [
        ToldEntry(entry, by.get(entry.actor_kind, {}).get(entry.actor_id or 0)) for entry in page
    ]


def pages(
    found: QuerySet[AuditEntry], begin: QuerySet[AuditEntry] | None = None
) -> Iterator[list[ToldEntry]]:
    """Yield all of them, a page at a time, each a question of its own.

    begin: what `skipped` left of them; None: all.
    """
    page = list((found if begin is None else begin)[:_BATCH])
    while page:
        yield told(page)
        page = list(found.filter(pk__lt=page[-1].pk)[:_BATCH])


def _managed(user: User) -> QuerySet[Membership]:
    found, key = Membership.objects.filter(user=user, role=Role.MANAGER), user.api_key
    if key is None:
        return found
    return found.filter(project=key.project_id) if key.role == Role.MANAGER else found.none()


def _actors(page: Iterable[AuditEntry], kind: ActorKind) -> set[int]:
    return {entry.actor_id for entry in page if entry.actor_kind == kind and entry.actor_id}


def people_of(project_id: int, kind: str, name: str, action: str) -> Iterator[tuple[Any, User]]:
    """Give the details of each time that a person did something to one thing, and who did."""
    found = AuditEntry.objects.filter(
        action=action, project_id=project_id, object_kind=kind, object_name=name
    ).filter(actor_kind=ActorKind.PERSON)
    rows = list(found.order_by("pk").values_list("details", "actor_id"))
    people = User.objects.in_bulk({number for _, number in rows if number is not None})
    yield from ((said, people[number]) for said, number in rows if number in people)


def first_people(project_id: int, object_kind: str, actions: Iterable[str]) -> dict[str, User]:
    """Return who did one of some actions to each thing of a project first, by its name.

    Only where that was a person: what a command did is nobody's.
    """
    found = AuditEntry.objects.filter(
        action__in=tuple(actions), project_id=project_id, object_kind=object_kind
    )
    first: dict[str, int | None] = {}
    for name, kind, actor_id in found.order_by("pk").values_list(
        "object_name", "actor_kind", "actor_id"
    ):
        first.setdefault(name, actor_id if kind == ActorKind.PERSON else None)
    people = User.objects.in_bulk({number for number in first.values() if number is not None})
    return {name: people[number] for name, number in first.items() if number in people}
