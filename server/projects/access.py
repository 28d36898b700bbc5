"""Which device is asking, by the key in its URL."""

from __future__ import annotations

import hashlib
import re

from django.utils import timezone

from server.projects.models import AppUser
from server.projects.problems import KeyExpired, KeyMalformed, KeyRevoked, KeyUnknown

# As Central's: 48 random bytes in base64 with `!` and `$`, which need no escaping in a path.
_KEY = re.compile(r"[A-Za-z0-9!$]{64}", re.ASCII)


def app_user(token: str, project_id: int) -> AppUser:
    """Return the device that holds `token`, a key to this very project.

    Raises KeyMalformed (401), and KeyUnknown, KeyRevoked or KeyExpired (403): the codes of
    openrosa.md §5.2, on which Collect decides whether to ask for credentials.
    """
    if not _KEY.fullmatch(token):
        raise KeyMalformed
    found = AppUser.objects.filter(token_sha256=digest(token)).first()
    if found is None or found.project_id != project_id:
        raise KeyUnknown
    if found.revoked_at is not None:
        raise KeyRevoked
    if found.expires_at is not None and found.expires_at <= timezone.now():
        raise KeyExpired
    return found


def digest(token: str) -> str:
    """Return what we keep of a key or a session token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
