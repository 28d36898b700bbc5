"""Locks between processes that the kernel lets go of when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Lock:
    """A lock file, open. Nothing is held until one of the methods says so."""

    handle: int

    def share(self) -> None:
        """Wait for a shared hold."""
        fcntl.flock(self.handle, fcntl.LOCK_SH)

    def can_share(self) -> bool:
        """Take a shared hold if nobody holds it alone; tell whether it was had."""
        return self._try(fcntl.LOCK_SH)

    def take(self) -> None:
        """Wait until nobody else holds it, then hold it alone."""
        fcntl.flock(self.handle, fcntl.LOCK_EX)

    def can_take(self) -> bool:
        """Hold it alone if nobody holds it now; tell whether it was had."""
        return self._try(fcntl.LOCK_EX)

    def release(self) -> None:
        """Let go, and keep the file open."""
        fcntl.flock(self.handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file. Forked children that have it open go on holding what was held."""
        os.close(self.handle)

    def _try(self, how: int) -> bool:
        try:
            fcntl.flock(self.handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def open_lock(path: Path) -> Lock:
    """Open the lock file, made if need be. It is never removed: a removed one locks nobody."""
    return Lock(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock file alone for the length of the block, waiting for it first."""
    lock = open_lock(path)
    try:
        lock.take()
        yield
    finally:
        lock.close()


def is_held(path: Path) -> bool:
    """Tell whether somebody holds the lock file alone."""
    if not path.exists():
        return False
    lock = open_lock(path)
    try:
        return not lock.can_share()
    finally:
        lock.close()
