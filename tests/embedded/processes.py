"""The processes of one embedded cluster, seen from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from server.embedded.account import Account, becoming
from server.embedded.cluster import Cluster
from server.embedded.places import ROOT

WAITING_S = 30.0

# One user of the cluster in VAR (argv[1]): writes a row for every line it reads, says so, and
# leaves at the end of its input.
_USER = """
import sys, psycopg
from pathlib import Path
from server import embedded
with embedded.used(Path(sys.argv[1])):
    where = embedded.database(Path(sys.argv[1]))
    def connect():
        return psycopg.connect(host=where["HOST"], dbname=where["NAME"], user=where["USER"],
                               password=where["PASSWORD"], autocommit=True)
    connection = connect()
    connection.execute("CREATE TABLE IF NOT EXISTS kept (word text PRIMARY KEY)")
    print("ready", flush=True)
    for line in sys.stdin:
        connection.execute("INSERT INTO kept VALUES (%s)", [line.strip()])
        rows = connection.execute("SELECT word FROM kept ORDER BY word").fetchall()
        print(*[word for word, in rows], flush=True)
"""


class User:
    """A process that uses the cluster."""

    def __init__(self, var: Path, account: Account | None = None) -> None:
        self.var = var
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USER, str(var)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=becoming(account, (var, Path(sys.executable))) if account else None,
        )
        self.said = self._read()

    def write(self, word: str) -> list[str]:
        """Write a row; return all that are there."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self._read().split()

    def leave(self) -> int:
        """Leave in order; return the exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(WAITING_S)

    def kill(self) -> None:
        """End without a chance to clear up."""
        self.process.kill()
        self.process.wait()

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


def postmaster(var: Path) -> psutil.Process:
    """Return the cluster's postmaster: the parent of the other postgres processes."""
    mine = [process for process in running(var) if is_postgres(process)]
    ids = {process.pid for process in mine}
    (root,) = [process for process in mine if parent(process) not in {*ids, None}]
    return root


def is_postgres(process: psutil.Process) -> bool:
    """Tell whether it is one of PostgreSQL's; one that has just ended is none any more."""
    with suppress(psutil.NoSuchProcess):
        return process.name() == "postgres"
    return False


def is_keeper(process: psutil.Process) -> bool:
    """Tell whether it is the cluster's keeper; one that has just ended is none any more."""
    with suppress(psutil.NoSuchProcess):
        return "keeper" in " ".join(process.cmdline())
    return False


def parent(process: psutil.Process) -> int | None:
    """Return the parent's pid, None when the process has just ended."""
    with suppress(psutil.NoSuchProcess):
        return process.ppid()
    return None


def keeper(var: Path) -> psutil.Process:
    """Return the cluster's keeper."""
    return psutil.Process(int(Cluster(var).keeper.read_text()))


def running(var: Path) -> list[psutil.Process]:
    """Return every process that works for the cluster in `var`."""
    data, found = Cluster(var).data, []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            is_server = process.name() == "postgres" and Path(process.cwd()) == data
            if is_server or str(var) in " ".join(process.cmdline()):
                found.append(process)
    return found


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so, half a minute at most."""
    deadline = time.monotonic() + WAITING_S
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def everything(var: Path) -> list[psutil.Process]:
    """Return the processes of the cluster, keeper first, so that nobody mends what we break."""
    return sorted(running(var), key=is_postgres)


def ordinary() -> Account | None:
    """Return an account that is not root: `daemon` when we are root, None for our own."""
    return Account(1, 1, is_ours=False) if os.geteuid() == 0 else None
