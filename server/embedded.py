"""What comes with the project when nothing is configured: PostgreSQL, folders, secrets.

(first cut; the serving part completes it)
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def folder(var: Path, name: str) -> Path:
    """Return `var/name`, made if need be, readable by us alone."""
    path = var / name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def secret(var: Path, name: str) -> str:
    """Return the secret kept in `var/secrets/name`, made on first use, mode 600."""
    path = folder(var, "secrets") / name
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_urlsafe(48))
    return path.read_text()


def allowed_hosts(public_url: str, bind: str) -> list[str]:
    """Return the host names that requests may come for when none are configured."""
    hosts = ["127.0.0.1", "localhost", "[::1]", bind]
    if public_url:
        hosts.append(urlsplit(public_url).hostname or "")
    elif bind in ("0.0.0.0", "::"):  # noqa: S104  (compared, not bound)
        hosts.append("*")
    return hosts


def database(var: Path) -> dict[str, Any]:
    """Return Django's settings for the PostgreSQL that comes with the project."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": str(var / "pg"),
        "NAME": "so_xa",
        "USER": "postgres",
    }
