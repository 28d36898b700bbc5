"""Where the project keeps what comes with it, and its secrets."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent


def var_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of everything that is not code: `VAR_DIR`, or `var/` beside `server/`."""
    return Path(environ.get("VAR_DIR") or ROOT / "var").expanduser().resolve()


def folder(var: Path, name: str) -> Path:
    """Return `var/name`, made if need be, readable by us alone."""
    path = var / name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def secret(var: Path, name: str) -> str:
    """Return the secret kept in `var/secrets/name`, made on first use, mode 600."""
    path = folder(var, "secrets") / name
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text()


def _write_once(path: Path, text: str) -> None:
    # Written aside and linked into place: whoever reads the name finds the whole text, and of two
    # processes that start at once the first one's secret stands.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def spool(path: Path) -> dict[str, str | float]:
    """Return kombu's options for passing messages through the folder (its filesystem transport).

    One folder for both directions: whoever sends and whoever works reads the same.
    """
    control = folder(path, "control")
    waiting = str(folder(path, "waiting"))
    return {
        "data_folder_in": waiting,
        "data_folder_out": waiting,
        "control_folder": str(control),
        "polling_interval": 0.1,  # seconds; kombu's own 1 s would be the wait of every message
    }


def allowed_hosts(public_url: str, bind: str) -> list[str]:
    """Return the host names that requests may come for when none are configured."""
    hosts = ["127.0.0.1", "localhost", "[::1]", bind]
    if public_url:
        hosts.append(urlsplit(public_url).hostname or "")
    elif bind in ("0.0.0.0", "::"):  # noqa: S104  (compared, not bound)
        hosts.append("*")
    return hosts
