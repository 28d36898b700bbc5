"""The devices of a project at a glance: which are silent, too old, or stuck with what they send.

However many devices there are, the number of queries is the same.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from server.communes.vietnamese import search_key
from server.inspections.list_page import Page, cut
from server.plans.board import SILENT_AFTER
from server.projects.models import AppUser

# Entities within repeats, which recommendations are, need it (features.md §0.1, row 13).
OLDEST_COLLECT = (2026, 1)
_COLLECT = re.compile(r"org\.odk\.collect\.android/v?(\d{4})\.(\d+)(?:\.(\d+))?", re.ASCII)
_RECENT = dt.timedelta(days=30)


class Fares(StrEnum):
    """How a device fares: the first of these that is so."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    NEVER = "never"  # has not called since it was made, a week ago or more
    SILENT = "silent"
    STUCK = "stuck"  # something that it sent was refused, lately
    NEW = "new"  # has not called yet
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Device:
    """One device."""

    app_user: AppUser
    fares: Fares
    collect: str  # v2026.3.4; "" when it is another program, or has never called
    is_too_old: bool


@dataclass(frozen=True, slots=True)
class Devices:
    """A page of those that were asked for, and how many of all there are of each kind."""

    page: Page[Device]
    in_use: int
    silent: int
    too_old: int
    stuck: int
    shut_out: int
    collects: tuple[tuple[str, int], ...]  # versions of those in use that called, the most first


def devices(project_id: int, only: str = "", words: str = "", number: int = 1) -> Devices:
    """Return the devices of a project by team and name; one query.

    only: `silent`, `old`, `stuck` or `out`; otherwise those in use. words: in name, team or number.
    number: of the page, from 1.
    """
    now = timezone.now()
    found = [
        told(one, now)
        for one in AppUser.objects.inspectors()
        .filter(project=project_id)
        .order_by("team", "display_name", "pk")
    ]
    using = [one for one in found if one.fares not in (Fares.REVOKED, Fares.EXPIRED)]
    kinds: dict[str, Sequence[Device]] = {
        "": using,
        "silent": [one for one in using if one.fares in (Fares.NEVER, Fares.SILENT)],
        "old": [one for one in using if one.is_too_old],
        "stuck": [one for one in using if _is_stuck(one.app_user, now)],
        "out": [one for one in found if one.fares in (Fares.REVOKED, Fares.EXPIRED)],
    }
    asked = tuple(_named(kinds.get(only, using), words))
    return Devices(
        cut(len(asked), number, lambda part: asked[part]),
        in_use=len(using),
        silent=len(kinds["silent"]),
        too_old=len(kinds["old"]),
        stuck=len(kinds["stuck"]),
        shut_out=len(kinds["out"]),
        collects=tuple(
            Counter(one.collect for one in using if one.app_user.last_seen_at).most_common()
        ),
    )


def told(app_user: AppUser, now: dt.datetime) -> Device:
    """Return how one device fares at a moment."""
    match = _COLLECT.match(app_user.client)
    version = (int(match[1]), int(match[2])) if match else None
    return Device(
        app_user,
        _fares(app_user, now),
        collect=f"v{'.'.join(part for part in match.groups() if part)}" if match else "",
        is_too_old=version is not None and version < OLDEST_COLLECT,
    )


def _fares(app_user: AppUser, now: dt.datetime) -> Fares:
    if app_user.revoked_at is not None:
        return Fares.REVOKED
    if app_user.expires_at is not None and app_user.expires_at <= now:
        return Fares.EXPIRED
    if app_user.last_seen_at is None:
        return Fares.NEVER if app_user.created_at <= now - SILENT_AFTER else Fares.NEW
    if app_user.last_seen_at <= now - SILENT_AFTER:
        return Fares.SILENT
    return Fares.STUCK if _is_stuck(app_user, now) else Fares.WELL


def _is_stuck(app_user: AppUser, now: dt.datetime) -> bool:
    return app_user.last_refused_at is not None and app_user.last_refused_at > now - _RECENT


def _named(found: Iterable[Device], words: str) -> Iterable[Device]:
    wanted = search_key(words).split()
    for one in found:
        app_user = one.app_user
        said = search_key(f"{app_user.display_name} {app_user.team} {app_user.username}")
        if all(word in said for word in wanted):
            yield one
