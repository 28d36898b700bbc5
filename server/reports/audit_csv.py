"""The audit log as people read it: found by who, what, when and on what; and as a CSV for Excel."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from server.communes.vietnamese import search_key
from server.projects import audit, audit_reading
from server.projects.audit import Actor, Object
from server.projects.audit_reading import Actors, ToldEntry, Wanted
from server.projects.models import ActorKind, AppUser, Membership, User
from server.reports.cells import guarded

PAGE = 50
_HEADINGS = (
    "Dòng",
    "Lúc",
    "Loại",
    "Ai",
    "Việc",
    "Đối tượng",
    "Mã đối tượng",
    "Chi tiết",
    "Mã băm dòng trước",
    "Mã băm",
)


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, the newest first."""

    rows: tuple[ToldEntry, ...]
    older: int | None  # the number that the next page comes before; None at the end


def page(membership: Membership, wanted: Wanted, before: int | None = None) -> Page:
    """Return a page of what a manager may read of their project; before: an entry's number."""
    found = audit_reading.entries(membership.user, wanted)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = audit_reading.told(found[: PAGE + 1])
    return Page(tuple(rows[:PAGE]), rows[PAGE - 1].entry.pk if len(rows) > PAGE else None)


def actors(project_id: int, words: str) -> Actors:
    """Return the people and devices of a project whose name has these words, without diacritics.

    A number as the log names one, `u12`, is a device's.
    """
    wanted = search_key(words).split()

    def fits(text: str) -> bool:
        return all(word in search_key(text) for word in wanted)

    people = User.objects.filter(membership__project=project_id)
    devices = AppUser.objects.filter(project=project_id).only("pk", "display_name", "team")
    return Actors(
        people=tuple(one.pk for one in people if fits(f"{one.display_name} {one.email}")),
        devices=tuple(one.pk for one in devices if fits(f"{one.display_name} {one.username}")),
        kinds=(ActorKind.SERVER,) if fits("máy chủ") else (),
    )


def download(
    membership: Membership, wanted: Wanted, by: Actor, said: Mapping[str, object]
) -> Iterator[str]:
    """Yield the CSV of what a manager may read and wants; told to the log before it begins.

    said: which filters were asked for, without words that may name somebody.
    """
    place = Object("project", membership.project_id, membership.project_id)
    audit.record(by, "audit.export", place, said)
    return _lines(audit_reading.pages(audit_reading.entries(membership.user, wanted)))


def _lines(pages: Iterable[list[ToldEntry]]) -> Iterator[str]:
    yield "\ufeff" + _csv([_HEADINGS])  # without the mark Excel garbles Vietnamese
    for some in pages:
        yield _csv(map(_row, some))


def _row(told: ToldEntry) -> tuple[str, ...]:
    entry = told.entry
    at: dt.datetime = entry.logged_at.astimezone(ZoneInfo(settings.LOCAL_TIME_ZONE))
    return (
        str(entry.pk),
        f"{at:%d/%m/%Y %H:%M:%S}",
        entry.actor_kind,
        told.by.display_name if told.by else str(entry.actor_id or ""),
        entry.action,
        entry.object_kind,
        entry.object_name,
        json.dumps(entry.details, ensure_ascii=False),
        entry.previous_hash,
        entry.hash,
    )


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(
        [guarded(cell) for cell in row] for row in rows
    )
    return out.getvalue()
