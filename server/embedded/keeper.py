"""The process that keeps PostgreSQL running for as long as anybody uses it.

`python -m server.embedded.keeper VAR [--throwaway]`, started by the first user. It stands in a
session of its own, so that Ctrl-C in a terminal does not reach PostgreSQL before those who use it.
When the last user lets go of the users' lock, or is killed, it shuts PostgreSQL down. When
PostgreSQL is killed, it clears up and starts it again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

from server.embedded.cluster import Cluster, clear, prepare, remove, start
from server.embedded.locks import Lock, open_lock

STOPPING_S = 30  # before a shutdown that waits becomes one that does not
RESTARTS, WITHIN_S = 5, 60.0  # more deaths than this are not bad luck


class Keeper:
    """Keeps one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._stopping = threading.Event()
        self._postmaster: subprocess.Popen[bytes] | None = None
        self._deaths: list[float] = []

    def run(self) -> None:
        """Start PostgreSQL, and return when it has been shut down on purpose."""
        own = open_lock(self._cluster.keeper)
        own.take()
        os.ftruncate(own.handle, 0)
        os.pwrite(own.handle, str(os.getpid()).encode(), 0)
        signal.signal(signal.SIGTERM, self._asked_to_stop)
        threading.Thread(target=self._wait_for_the_last_user, daemon=True).start()
        while not self._stopping.is_set():
            self._serve_once()
        if self._cluster.is_throwaway:
            remove(self._cluster)

    def _serve_once(self) -> None:
        clear(self._cluster)
        account = prepare(self._cluster)
        self._postmaster = start(self._cluster, account)
        if self._stopping.is_set():  # asked while it was starting
            self._stop()
        self._postmaster.wait()
        if not self._stopping.is_set():
            self._deaths = [at for at in self._deaths if at > time.monotonic() - WITHIN_S]
            self._deaths.append(time.monotonic())
            if len(self._deaths) > RESTARTS:
                sys.exit(f"PostgreSQL ended {RESTARTS} times in {WITHIN_S:.0f} s.")

    def _wait_for_the_last_user(self) -> None:
        users: Lock = open_lock(self._cluster.users)
        users.take()  # held until we exit: nobody enters a cluster that is shutting down
        self._stop()

    def _asked_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        self._stopping.set()
        postmaster = self._postmaster
        if postmaster is not None and postmaster.poll() is None:
            postmaster.send_signal(signal.SIGINT)
            insisting = threading.Timer(STOPPING_S, self._insist)
            insisting.daemon = True  # or we would stay as long as that, with nothing left to do
            insisting.start()

    def _insist(self) -> None:
        if self._postmaster is not None:
            with suppress(ProcessLookupError):
                self._postmaster.send_signal(signal.SIGQUIT)


def main() -> None:
    """Keep the cluster that the command line names."""
    Keeper(Cluster(Path(sys.argv[1]), is_throwaway="--throwaway" in sys.argv[2:])).run()


if __name__ == "__main__":
    main()
