"""A server of our own for the length of a bench, started as `make serve` does, and its processes.

In a new folder with a new database, PostgreSQL with fsync on. What it costs is read from the
operating system, over every process that the start brought about, PostgreSQL's too.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from sync.demo.host import Host, started


@contextmanager
def own_server(**settings: str) -> Iterator[Host]:
    """Run a server for the length of the block; nothing is left of it afterwards."""
    var = tempfile.mkdtemp(prefix="so-xa-bench-")
    try:
        with started({"VAR_DIR": var, "ADMIN_PASSWORD": "bench", **settings}) as host:
            yield host
    finally:
        shutil.rmtree(var, ignore_errors=True)


def device_url(host: Host, name: str) -> str:
    """Make an app user and return its device URL."""
    made = host.manage("create_app_user", name, "--json", "--base-url", host.base)
    return str(json.loads(made)["url"])


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


def memory(pid: int) -> list[tuple[int, str, int, int]]:
    """Return (pid, what it is, resident bytes, bytes of its own) of each process of a family."""
    found = []
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):
            info = process.memory_full_info()
            found.append((process.pid, _what(process), info.rss, info.uss))
    return found


def _what(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    if process.name() == "postgres":
        return (
            f"postgres: {command.removeprefix('postgres: ')}" if ": " in command else "postmaster"
        )
    return process.name() if len(command) > 60 else command
