"""A disk that is full at the right moment."""

from __future__ import annotations

import errno
import io
import os


class FullAfter(io.BytesIO):
    """A file whose reader finds the disk full at the second reading, after `size` bytes."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self.size, self.is_second = size, False

    def seek(self, position: int, whence: int = 0) -> int:
        self.is_second = self.tell() > 0
        return super().seek(position, whence)

    def read(self, size: int | None = -1) -> bytes:
        if self.is_second and self.tell() >= self.size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().read(size)
