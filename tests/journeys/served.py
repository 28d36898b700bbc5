"""A server such as `make serve` starts, seen from outside: its tables, its files, its processes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from server import embedded
from sync.demo import host
from sync.demo.host import Host
from tests.serving.server import copy_of, first

PASSWORD = "journey-8"


def start(var: Path, **settings: str) -> Host:
    """Start it in `var`; nothing of the tests' own database reaches it."""
    return host.start({"VAR_DIR": str(var), "ADMIN_PASSWORD": PASSWORD, **settings})


def start_again(folder: Path, **settings: str) -> Host:
    """Start it in a copy, below `folder`, of what a first start made: many times as quick."""
    return start(copy_of(first(), folder), **settings)


def device_url(server: Host) -> str:
    """Return the device URL that its first start made and printed."""
    token = (Path(server.environ["VAR_DIR"]) / "secrets" / "first_app_user").read_text()
    return f"{server.base}/v1/key/{token}/projects/1"


def rows(var: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask its database."""
    where = embedded.database(var)
    with psycopg.connect(
        host=where["HOST"], dbname=where["NAME"], user=where["USER"], password=where["PASSWORD"]
    ) as connection:
        return connection.execute(sql.encode()).fetchall()


def count(var: Path, table: str) -> int:
    """Count the rows of one of its tables."""
    return int(rows(var, f"SELECT count(*) FROM {table}")[0][0])


def stored(var: Path) -> dict[str, str]:
    """Return the SHA-256 of each stored file, computed anew, by the one it is named for."""
    return digests(var / "files")


def digests(folder: Path) -> dict[str, str]:
    """Return the same for the files of any folder or bucket."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.parent.name != "partial"  # what a kill left of a write; nothing refers to it
    }


def left_in_uploads(var: Path) -> list[str]:
    """Return the names of files that refused posts left behind."""
    return [path.name for path in (var / "uploads").iterdir()]


def family(pid: int) -> Iterator[psutil.Process]:
    """Give a process and everything below it."""
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        yield from parent.children(recursive=True)
        yield parent


def kill_everything(pid: int) -> None:
    """Kill -9 a server with its workers, its database and the keeper of it, parents first."""
    doomed = list(family(pid))
    for process in reversed(doomed):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(doomed, timeout=20)
