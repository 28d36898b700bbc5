"""Where devices reach this server: what commands that hand out addresses put before them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings


def base_url() -> str:
    """Return PUBLIC_URL, else where the server of this VAR_DIR was last started, else PORT here.

    A command runs in a shell of its own, which need not know the PORT that `make serve` was given.
    """
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    if _note().exists():
        return _note().read_text(encoding="utf-8")
    return f"http://127.0.0.1:{settings.PORT}"


def note(base: str) -> None:
    """Note where the server is being started, without a slash at the end."""
    draft = _note().with_name(".address.draft")
    draft.write_text(base, encoding="utf-8")
    draft.replace(_note())


def _note() -> Path:
    return Path(settings.VAR) / "address"
