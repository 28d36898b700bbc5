"""A server of our own for the length of a bench, started as `make serve` does, and its processes.

In a new folder with a new database, PostgreSQL with fsync on. What it costs is read from the
operating system, over every process that the start brought about, PostgreSQL's too.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from server import embedded
from sync.demo.host import Host, started

Database = psycopg.Connection[tuple[int]]
_OWED = """
SELECT (
  SELECT count(*) FROM submissions_submission
  WHERE derive_owed_at IS NOT NULL OR look_owed_at IS NOT NULL
) + (
  SELECT count(*) FROM submissions_submissionattachment WHERE thumbnails_owed_at IS NOT NULL
)
"""
_NOT_WEB = "serve, worker or clock"
_ASKING_S = 0.2
_PAYING_S = 300.0


@contextmanager
def own_server(**settings: str) -> Iterator[Host]:
    """Run a server for the length of the block; nothing is left of it afterwards."""
    var = tempfile.mkdtemp(prefix="so-xa-bench-")
    try:
        with started({"VAR_DIR": var, "ADMIN_PASSWORD": "bench-password", **settings}) as host:
            yield host
    finally:
        shutil.rmtree(var, ignore_errors=True)


def device_url(host: Host, name: str) -> str:
    """Make an app user and return its device URL."""
    made = host.manage("create_app_user", name, "--json", "--base-url", host.base)
    return str(json.loads(made)["url"])


@contextmanager
def database(host: Host) -> Iterator[Database]:
    """Connect to its database for the length of the block."""
    where = embedded.database(Path(host.environ["VAR_DIR"]))
    with psycopg.connect(
        host=where["HOST"],
        dbname=where["NAME"],
        user=where["USER"],
        password=where["PASSWORD"],
        autocommit=True,
    ) as connection:
        yield connection


def wait_for_debts(database: Database) -> None:
    """Wait until the worker has paid all that submissions owe. Raises TimeoutError."""
    deadline = time.monotonic() + _PAYING_S
    while (row := database.execute(_OWED).fetchone()) is not None and row[0]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{row[0]} submissions still owe something.")
        time.sleep(_ASKING_S)


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all below it: of a server of ours, PostgreSQL's too."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def family_cpu_s(pid: int) -> float:
    """Return the CPU seconds a family has used so far, those of members that have ended included.

    A child's seconds are added to its parent's `children_` times when it ends, and only then.
    """
    total = 0.0
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def web_processes(pid: int) -> list[psutil.Process]:
    """Return those of a family that answer requests."""
    return [process for process in family(pid) if _is_web(process)]


@contextmanager
def without_worker(pid: int) -> Iterator[None]:
    """Keep a family's worker and clock from doing anything for the length of the block.

    What PostgreSQL does meanwhile it does for the web processes; nothing else tells which of its
    connections are whose.
    """
    held = [process for process in family(pid)[1:] if _is_of_the_worker(process)]
    for process in held:
        process.suspend()
    try:
        yield
    finally:
        for process in held:
            with suppress(psutil.NoSuchProcess):
                process.resume()


def _is_of_the_worker(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return _kind(process).startswith(_NOT_WEB)
    return False


@dataclass(frozen=True, slots=True)
class Memory:
    """What some processes of one kind hold, in bytes."""

    kind: str
    processes: int
    rss: int  # resident, what they share counted for each
    pss: int  # resident, what they share divided among those who share it


def memory(pid: int) -> list[Memory]:
    """Return what each process of a family holds; connections of PostgreSQL are taken together."""
    held: dict[str, list[tuple[int, int]]] = {}
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):
            info = process.memory_full_info()
            held.setdefault(_kind(process), []).append((info.rss, info.pss))
    return [
        Memory(kind, len(sizes), sum(rss for rss, _ in sizes), sum(pss for _, pss in sizes))
        for kind, sizes in held.items()
    ]


def _kind(process: psutil.Process) -> str:
    if process.name() == "postgres":
        title = process.cmdline()[0].strip()
        words = title.removeprefix("postgres: ").split()
        if not title.startswith("postgres: "):
            return "postgres: postmaster"
        return "postgres: connections" if len(words) > 3 else f"postgres: {' '.join(words)}"
    if "server.embedded.keeper" in process.cmdline():
        return "keeper of PostgreSQL"
    return f"{'web' if _is_web(process) else _NOT_WEB} {process.pid}"


def _is_web(process: psutil.Process) -> bool:
    # The children of `serve` have its command line; only those that answer have many threads.
    return process.name() != "postgres" and process.num_threads() > 4
