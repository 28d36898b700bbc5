"""The PostgreSQL of a server, stopped, hung and started again behind its back."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil
import psycopg

from tests.embedded import processes
from tests.journeys import served

LONGEST_S = 120.0


class Store(Protocol):
    """Something that can be stopped and started: a Database here, or tests.blobs.s3.S3."""

    def stop(self) -> None:
        """Stop it."""

    def start(self) -> None:
        """Start it with the same data; return when it answers."""


@dataclass(slots=True)
class Database:
    """The PostgreSQL in `var`, whose keeper is held meanwhile: it would start it again at once."""

    var: Path
    rng: random.Random = field(default_factory=random.Random)

    def stop(self) -> None:
        """End it, cleanly or by kill -9."""
        processes.keeper(self.var).send_signal(signal.SIGSTOP)
        postmaster = processes.postmaster(self.var)
        postmaster.send_signal(self.rng.choice((signal.SIGINT, signal.SIGKILL)))
        # Nobody waits for it now, so that what is left of it is a zombie.
        processes.wait_until(lambda: postmaster.status() == psutil.STATUS_ZOMBIE)

    def start(self) -> None:
        """Let its keeper start it."""
        processes.keeper(self.var).send_signal(signal.SIGCONT)
        processes.wait_until(self._answers)

    def hang(self) -> None:
        """Let every process of it stand still, connections open."""
        for process in self._processes():
            process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End that."""
        for process in self._processes():
            process.send_signal(signal.SIGCONT)

    def _processes(self) -> list[psutil.Process]:
        return [each for each in processes.running(self.var) if processes.is_postgres(each)]

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            return served.rows(self.var, "SELECT 1") == [(1,)]
        return False


def stop_and_start(store: Store, times: int, sent: Callable[[], float], rng: random.Random) -> None:
    """Stop and start it so many times, at random moments while `sent` goes from 0 to 1."""
    for number in range(times):
        deadline = time.monotonic() + LONGEST_S
        while sent() < number / times:
            assert time.monotonic() < deadline, "nothing is sent any more"
            time.sleep(0.005)
        time.sleep(rng.uniform(0.0, 0.1))
        store.stop()
        time.sleep(rng.uniform(0.1, 0.6))
        store.start()
