"""The audit log: who did what to what, when. It can only grow.

Each entry carries the SHA-256 of the one before it and of its own content, so that whoever changes,
removes or inserts one behind our back (with the database's own means) has to write all later ones
anew, and then the last hash is not the one that somebody noted down. `manage.py audit_verify`
checks the chain and prints that hash.

What an entry must not hold: answers, reasons, names, addresses. It says of which form, submission
or person (by their ids) and how many; the rest stands with the thing itself, under its own rights.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Self

from django.utils import timezone

from server.projects.models import ActorKind, AppUser, AuditEntry, User
from server.statements import all_rows, one_row

_AGAIN = dt.timedelta(minutes=1)
GENESIS = "0" * 64  # what stands before the first entry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something."""

    kind: ActorKind
    id: int | None = None
    api_key_id: int | None = None  # a script of theirs that calls with it

    @classmethod
    def person(cls, user: User) -> Self:
        """Return a person at a desk, or a script that calls with one of their API keys."""
        key = user.api_key
        return cls(ActorKind.PERSON, user.pk, None if key is None else key.pk)

    @classmethod
    def device(cls, app_user: AppUser) -> Self:
        """Return a device."""
        return cls(ActorKind.DEVICE, app_user.pk)


SERVER = Actor(ActorKind.SERVER)  # a command, a task
NOBODY = Actor(ActorKind.NOBODY)


@dataclass(frozen=True, slots=True)
class Object:
    """What something is done to."""

    kind: str  # form, submission, app_user, export, …
    name: str | int  # its id, never what it is called
    project_id: int | None = None  # None: of no project, as people are


_INSERT = """
INSERT INTO projects_auditentry
    (actor_kind, actor_id, action, project_id, object_kind, object_name, details)
VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb) RETURNING id
"""


def record(
    actor: Actor,
    action: str,
    object: Object,
    details: Mapping[str, object] | None = None,
) -> int:
    """Write an entry within the caller's transaction, or in one of its own; return its number.

    Entries are written one after the other: from here to its end, the transaction keeps all others
    that write one waiting. So call it last, when no further lock is taken.
    action: in Central's words where it has one (openrosa.md §7), e.g. `form.create`.
    details: codes, counts, dates and filters; no answers, no reasons, no names of people.
    """
    said = _said(actor, details or {})
    row = one_row(
        _INSERT,
        [
            actor.kind,
            actor.id,
            action,
            object.project_id,
            object.kind,
            _storable(str(object.name)),
            json.dumps(said, ensure_ascii=False),
        ],
    )
    return int(row[0]) if row else 0


def record_once_a_minute(
    actor: Actor,
    action: str,
    object: Object,
    details: Mapping[str, object],
) -> None:
    """Write an entry, unless the same one was written a minute ago: a program asks on and on."""
    same = AuditEntry.objects.filter(
        logged_at__gt=timezone.now() - _AGAIN,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        project_id=object.project_id,
        object_kind=object.kind,
        object_name=_storable(str(object.name)),
        details=_said(actor, details),
    )
    if not same.exists():
        record(actor, action, object, details)


def _said(actor: Actor, details: Mapping[str, object]) -> dict[str, object]:
    said = {name: _plain(value) for name, value in details.items()}
    if actor.api_key_id is not None:
        said["apiKey"] = actor.api_key_id
    return said


def _plain(value: object) -> object:
    """Return what JSON can hold and PostgreSQL keep."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_storable(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence | Set) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return _storable(str(value))


def _storable(text: str) -> str:
    # PostgreSQL's text holds no NUL, and UTF-8 no half surrogate pair.
    return text.replace("\0", "").encode("utf-8", "replace").decode()


# The content of an entry and the hash before it. Written out here and in the trigger: whoever
# changes the trigger does not change what is checked.
_PAYLOAD = """
previous_hash || jsonb_build_array(
    id, to_char(logged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    actor_kind, actor_id, action, project_id, object_kind, object_name, details)::text
"""
_BROKEN = f"""
SELECT id FROM (
    SELECT *, lag(id, 1, 0::bigint) OVER chain AS id_before,
        lag(hash::text, 1, %s::text) OVER chain AS hash_before
    FROM projects_auditentry WINDOW chain AS (ORDER BY id)
) AS entry
WHERE id <> id_before + 1 OR previous_hash <> hash_before
    OR hash <> encode(sha256(convert_to({_PAYLOAD}, 'UTF8')), 'hex')
ORDER BY id LIMIT %s
"""  # noqa: S608 - no part of it comes from outside


@dataclass(frozen=True, slots=True)
class Chain:
    """What a look at the whole chain found."""

    entries: int
    last: int  # the number of the last one; 0 for none
    last_hash: str  # GENESIS when there is no entry
    broken: tuple[int, ...]  # the first entries that do not fit to the one before, or to themselves


def verify(*, most: int = 20) -> Chain:
    """Check every entry against its hash, its number and the entry before it.

    One pass in the database. most: how many broken entries are named. That the newest ones were
    cut off shows only by a hash that was noted down earlier (`holds`).
    """
    broken = all_rows(_BROKEN, [GENESIS, most])
    last = AuditEntry.objects.order_by("-pk").first()
    return Chain(
        entries=AuditEntry.objects.count(),
        last=last.pk if last else 0,
        last_hash=last.hash if last else GENESIS,
        broken=tuple(number for (number,) in broken),
    )


def holds(number: int, noted_hash: str) -> bool:
    """Tell whether an entry still has the hash that somebody noted down."""
    return AuditEntry.objects.filter(pk=number, hash=noted_hash.lower()).exists()
