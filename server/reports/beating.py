"""Files whose reading and writing are signs of life of whoever makes an export."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from server import blobs
from server.reports.records import Beat, still


@contextmanager
def temporary(beat: Beat) -> Iterator[IO[bytes]]:
    """Open a file without a name, so that nothing is left of it however we end."""
    with tempfile.TemporaryFile(buffering=0) as raw:
        yield _Beating(raw, beat)


class _Beating(io.BufferedRandom):
    def __init__(self, raw: io.FileIO, beat: Beat) -> None:
        super().__init__(raw, blobs.CHUNK)
        self._beat = beat

    def read(self, size: int | None = -1) -> bytes:
        self._say()
        return super().read(size)

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # zipfile writes bytes
        self._say()
        return super().write(data)

    def _say(self) -> None:
        # Once nobody waits any more, what cleans up behind us may write its last words.
        beat, self._beat = self._beat, still
        beat()
        self._beat = beat
