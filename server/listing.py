"""What a store holds, as it lists it. No Django."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

PARTIAL = "partial"  # the folder of what is being written
_PIECE = 64 * 1024  # bytes
_SHA256 = re.compile(r"[0-9a-f]{64}")


def name_of(sha256: str) -> str:
    """Return what the stores call a blob."""
    # Two levels, so that no folder grows past what a file browser or rsync likes.
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


@dataclass(frozen=True, slots=True)
class Stored:
    """One file as a store lists it."""

    name: str  # within the store
    size: int  # bytes
    modified: datetime  # when a put touched it last

    @property
    def sha256(self) -> str:
        """Return the blob that it should be, "" where the name is none that `put` gives."""
        sha256 = self.name.rpartition("/")[2]
        is_ours = _SHA256.fullmatch(sha256) and self.name in (name_of(sha256), sha256)
        return sha256 if is_ours else ""


class Pieces:
    """Some bytes of a file, read piece by piece; whoever takes them closes them."""

    def __init__(
        self, read: Callable[[int], bytes], length: int, close: Callable[[], None]
    ) -> None:
        self._read, self._left, self.close = read, length, close

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (piece := self._read(min(self._left, _PIECE))):
            self._left -= len(piece)
            yield piece


class Listing(Protocol):
    """What a store can do beside Django's storage API."""

    def listed(self, beginning: str = "") -> Iterator[Stored]:
        """Give each file whose name begins so, in no order."""

    def pieces(self, name: str, start: int, length: int) -> Pieces:
        """Open `length` bytes of a file from `start` on. Raises FileNotFoundError."""

    def tops(self) -> Iterator[str]:
        """Give the names of its top folders, with a slash, and of the files beside them."""

    def overwrite(self, name: str, content: Any) -> None:  # a File of Django's
        """Put bytes into place also where a file of that size is already."""


def files_below(root: Path, beginning: str) -> Iterator[Stored]:
    """Give each file of a folder whose name begins so, in no order.

    What is being written is left out, and so is what is gone before it is looked at.
    """
    for path in _paths(root, root, beginning):
        with contextlib.suppress(FileNotFoundError):
            status = path.stat()
            modified = datetime.fromtimestamp(status.st_mtime, UTC)
            yield Stored(path.relative_to(root).as_posix(), status.st_size, modified)


def pieces_of(path: Path, start: int, length: int) -> Pieces:
    """Open `length` bytes of a file of a folder from `start` on. Raises FileNotFoundError."""
    file = path.open("rb")
    file.seek(start)
    return Pieces(file.read, length, file.close)


def tops_of(root: Path) -> Iterator[str]:
    """Give the names of a folder's own folders, with a slash, and of the files beside them."""
    with contextlib.suppress(FileNotFoundError), os.scandir(root) as entries:
        for entry in entries:
            if entry.name != PARTIAL:
                yield f"{entry.name}/" if entry.is_dir() else entry.name


def _paths(folder: Path, root: Path, beginning: str) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            path = folder / entry.name
            name = path.relative_to(root).as_posix()
            if name == PARTIAL or not (name.startswith(beginning) or beginning.startswith(name)):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _paths(path, root, beginning)
            elif name.startswith(beginning):
                yield path
