"""Files that the store has lost or spoilt: an archive goes on without them, and says so."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from typing import IO

from server import blobs
from server.reports.archive import Member

NAME = "TEP-THIEU.txt"  # no diacritics: it can be read where nothing else can
_HEADING = (
    "Kho tệp không còn, hoặc giữ sai nội dung, những tệp dưới đây.\r\n"
    "Báo người quản trị chạy «manage.py fsck», lấy lại từ bản sao lưu rồi xuất lại.\r\n\r\n"
)

log = logging.getLogger(__name__)


class LostFiles:
    """Notes which files an archive goes without; one lost photo must not cost all the others."""

    def __init__(self) -> None:
        """Nothing is lost yet."""
        self._said: list[str] = []

    def opened(self, sha256: str, name: str) -> IO[bytes] | None:
        """Return an open file; None, and noted under its name, where the store has none.

        Raises StorageUnavailable: a store that does not answer has lost nothing.
        """
        try:
            return blobs.open_blob(sha256)
        except FileNotFoundError:
            self._note(sha256, name, "không còn")
            return None

    def content(self, sha256: str, name: str) -> Iterator[bytes] | None:
        """Return what a file holds, None where the store has none; what is not it is noted."""
        file = self.opened(sha256, name)
        return None if file is None else self._checked(file, sha256, name)

    def member(self) -> Iterator[Member]:
        """Yield the list of them, where there are any."""
        if self._said:
            yield Member(NAME, ["".join((_HEADING, *self._said)).encode("utf-8-sig")])

    def _checked(self, file: IO[bytes], sha256: str, name: str) -> Iterator[bytes]:
        digest = hashlib.sha256()
        with file:
            while piece := file.read(blobs.CHUNK):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != sha256:
            self._note(sha256, name, "sai nội dung")

    def _note(self, sha256: str, name: str, what: str) -> None:
        log.error("blob %s of a record: %s; run manage.py fsck", sha256, what)
        self._said.append(f"{name}\t{sha256}\t{what}\r\n")
