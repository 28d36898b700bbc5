"""How many large answers a process gives at once: threads stay for phones, whoever reads slowly.

A thread that gives an answer waits for whoever reads it, as soon as 16 MB lie ready for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain

from django.conf import settings
from django.http import StreamingHttpResponse

from server.errors import Problem

WAIT_S = 3.0  # that somebody waits for a place; most files are given in less
LARGE = 16 * 1024 * 1024  # bytes of a file; waitress's outbuf_high_watermark
SMALL = 256 * 1024  # bytes of what is written meanwhile, which takes the processor, too


class DownloadsMany(Problem):
    """As many large files are being downloaded as may be at once."""

    code = "downloads.many"
    status = 503
    vi = "Đang có quá nhiều người tải tệp lớn. Thử lại sau ít phút, hoặc yêu cầu tạo tệp xuất."
    en = "Too many large files are being downloaded. Try again soon, or ask for an export job."
    central = 503.1


class Held(Iterator[bytes]):
    """The pieces of a large answer, which takes a place for as long as it is read."""

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


class Given(StreamingHttpResponse):
    """An answer that took its place before it began, where it needs one."""


def held(pieces: Iterable[bytes], length: int) -> Iterable[bytes]:
    """Return the pieces of a file of so many bytes, with a place where it is large.

    Raises DownloadsMany.
    """
    return Held(pieces) if length > LARGE else pieces


def begun(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Return the pieces of an answer of unknown size, with a place where it is more than SMALL.

    So much of it is read before, so that nothing is told before there is a place. Raises
    DownloadsMany.
    """
    given, read, size = iter(pieces), list[bytes](), 0
    for piece in given:
        read.append(piece)
        size += len(piece)
        if size > SMALL:
            return Held(chain(read, given))
    return read


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
