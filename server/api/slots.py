"""How many large files a process gives at once: threads stay for phones, whoever reads slowly.

A thread that gives a file waits for whoever reads it, as soon as 16 MB lie ready for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from django.conf import settings

from server.api.problems import DownloadsMany

WAIT_S = 3.0  # that somebody waits for a place; most files are given in less
LARGE = 16 * 1024 * 1024  # bytes; waitress's outbuf_high_watermark


class Held(Iterator[bytes]):
    """The pieces of a large file, which takes a place for as long as it is read."""

    _place: threading.Semaphore | None = None  # where one was taken
    _close_pieces: Callable[[], None] | None = None

    def __init__(self, pieces: Iterable[bytes]) -> None:
        """Take a place, if need be after a while. Raises DownloadsMany where none becomes free."""
        # Not of what `iter` makes of them: a connection to the store hangs on themselves.
        self._close_pieces = getattr(pieces, "close", None)
        self._pieces = iter(pieces)
        self._place = _taken()

    def __next__(self) -> bytes:
        """Return the next piece."""
        return next(self._pieces)

    def close(self) -> None:
        """Leave the place; the HTTP server calls this however the answer ends."""
        place, self._place = self._place, None
        if place is not None:
            place.release()
        close, self._close_pieces = self._close_pieces, None
        if close is not None:
            close()

    def __del__(self) -> None:
        """Leave the place of an answer that nobody began to send."""
        self.close()


def _taken() -> threading.Semaphore:
    """Return what has a place less now. Raises DownloadsMany."""
    taken, waiting = places()
    if taken.acquire(blocking=False):
        return taken
    if not waiting.acquire(blocking=False):  # who waits holds a thread as well
        raise DownloadsMany
    try:
        if not taken.acquire(timeout=WAIT_S):
            raise DownloadsMany
    finally:
        waiting.release()
    return taken


@cache
def places() -> tuple[threading.Semaphore, threading.Semaphore]:
    """Return those of this process for large files, and for who waits for one."""
    return (
        threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2)),
        threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 4)),
    )
