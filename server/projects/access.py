"""Which device is asking, by the key in its URL, and what it may have."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

from django.db.models import F, Q
from django.utils import timezone

from server.projects import health
from server.projects.models import AppUser
from server.projects.problems import KeyExpired, KeyMalformed, KeyRevoked, KeyUnknown
from server.statements import Columns, one_row

# As Central's: 48 random bytes in base64 with `!` and `$`, which need no escaping in a path.
_KEY = re.compile(r"[A-Za-z0-9!$]{64}", re.ASCII)
_SEEN_EVERY = dt.timedelta(minutes=1)
_LONGEST_CLIENT = 255  # characters


def app_user(token: str, project_id: int) -> AppUser:
    """Return the device that holds `token`, a key to this very project.

    Raises KeyMalformed (401), and KeyUnknown, KeyRevoked or KeyExpired (403): the codes of
    openrosa.md §5.2, on which Collect decides whether to ask for credentials.
    """
    if not _KEY.fullmatch(token):
        raise KeyMalformed
    found = _holder(token)
    if found is None or found.project_id != project_id:
        raise KeyUnknown
    refuse_if_over(found)
    return found


_COLUMNS = Columns(AppUser)
_HOLDER = f"SELECT {_COLUMNS.names} FROM projects_appuser WHERE token_sha256 = %s"  # noqa: S608


def _holder(token: str) -> AppUser | None:
    # Asked every time, so that a device that was shut out is out at once.
    row = one_row(_HOLDER, [digest(token)])
    found: AppUser | None = _COLUMNS.read(row) if row else None
    return found


def refuse_if_over(app_user: AppUser) -> None:
    """Refuse a device that was shut out or whose time is over. Raises KeyRevoked, KeyExpired."""
    if app_user.revoked_at is not None:
        raise KeyRevoked
    if app_user.expires_at is not None and app_user.expires_at <= timezone.now():
        raise KeyExpired


def is_alive(app_user: AppUser) -> bool:
    """Tell whether a device may still ask and send, as `AppUserQuerySet.alive` does of many."""
    is_over = app_user.expires_at is not None and app_user.expires_at <= timezone.now()
    return app_user.revoked_at is None and not is_over


def may_open(app_user: AppUser, form_id: str) -> bool:
    """Tell whether a device may have a form, and send what was filled in with it."""
    return app_user.opens_all_forms or form_id in app_user.form_ids


def seen(app_user: AppUser, client: str) -> None:
    """Note that a device is alive, and with which program; at most once a minute.

    client: its User-Agent; PostgreSQL's text cannot hold NUL, and more than 255 characters say
    nothing more.
    """
    now = timezone.now()
    due = now - _SEEN_EVERY
    if app_user.last_seen_at is not None and app_user.last_seen_at > due:
        return
    resends = health.take(app_user.pk)
    # Asked again of the row: of many requests at once, one writes.
    is_written = AppUser.objects.filter(
        Q(last_seen_at=None) | Q(last_seen_at__lte=due), pk=app_user.pk
    ).update(
        last_seen_at=now,
        client=client.replace("\0", "")[:_LONGEST_CLIENT],
        resends=F("resends") + resends,
    )
    if not is_written and resends:
        health.count_again(app_user.pk, resends)


def digest(token: str) -> str:
    """Return what we keep of a key or a session token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
