"""A server of our own for the length of a bench, started as `make serve` does, and its processes.

In a new folder with a new database, PostgreSQL with fsync on. What it costs is read from the
operating system, over every process that the start brought about, PostgreSQL's too.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
MANAGE = (sys.executable, str(ROOT / "server" / "manage.py"))
STARTING_S = 120


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A running server."""

    base: str  # http://127.0.0.1:PORT
    pid: int  # of the parent of all its processes
    environ: dict[str, str]

    def device_url(self, name: str) -> str:
        """Make an app user and return its device URL."""
        made = self.manage("create_app_user", name, "--json", "--base-url", self.base)
        return str(json.loads(made)["url"])

    def manage(self, *arguments: str) -> str:
        """Run a management command beside the server and return what it printed."""
        done = subprocess.run(
            [*MANAGE, *arguments], env=self.environ, cwd=ROOT, capture_output=True, check=True
        )
        return done.stdout.decode()


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


@contextmanager
def own_server(**settings: str) -> Iterator[OwnServer]:
    """Run a server for the length of the block; nothing is left of it afterwards."""
    var = Path(tempfile.mkdtemp(prefix="so-xa-bench-"))
    port = _free_port()
    environ = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "SO_XA_"))},
        "VAR_DIR": str(var),
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "ADMIN_PASSWORD": "bench",
        **settings,
    }
    log = var / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*MANAGE, "serve"], env=environ, cwd=ROOT, stdout=out, stderr=out
        )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(base, process, log)
        yield OwnServer(base, process.pid, environ)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(var, ignore_errors=True)


def _wait_until_ready(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTING_S
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"{base}/healthz", timeout=5):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _what(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    if process.name() == "postgres":
        return (
            f"postgres: {command.removeprefix('postgres: ')}" if ": " in command else "postmaster"
        )
    return process.name() if len(command) > 60 else command
