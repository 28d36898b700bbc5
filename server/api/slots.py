"""How many large files a process gives at once: threads stay for phones, whoever reads slowly.

A thread that gives a file waits for whoever reads it, as soon as 16 MB lie ready for them.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Iterator
from functools import cache

from django.conf import settings

from server.api.problems import DownloadsMany

WAIT_S = 3.0  # that somebody waits for a place; most files are given in less
LARGE = 16 * 1024 * 1024  # bytes; waitress's outbuf_high_watermark


class Held(Iterator[bytes]):
    """The pieces of a large file, which takes a place for as long as it is read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        """Take a place, if need be after a while. Raises DownloadsMany where none becomes free."""
        self._pieces = iter(pieces)
        self._is_held = _is_taken()
        if not self._is_held:
            raise DownloadsMany

    def __next__(self) -> bytes:
        """Return the next piece."""
        return next(self._pieces)

    def close(self) -> None:
        """Leave the place; the HTTP server calls this however the answer ends."""
        if self._is_held:
            self._is_held = False
            _places().release()
        if isinstance(self._pieces, Generator):
            self._pieces.close()

    def __del__(self) -> None:
        """Leave the place of an answer that nobody began to send."""
        self.close()


def _is_taken() -> bool:
    if _places().acquire(blocking=False):
        return True
    if not _waiting().acquire(blocking=False):  # who waits holds a thread as well
        return False
    try:
        return _places().acquire(timeout=WAIT_S)
    finally:
        _waiting().release()


@cache
def _waiting() -> threading.Semaphore:
    return threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 4))


@cache
def _places() -> threading.Semaphore:
    return threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))
