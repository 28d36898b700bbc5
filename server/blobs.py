"""Bytes under their SHA-256, through Django's storage API.

A blob is never changed and never overwritten: the same bytes are the same blob, so `put` can be
repeated by a device, a worker or an operator without doing anything twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages

CHUNK = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Blob:
    """The address of some bytes."""

    sha256: str  # 64 lower-case hex digits
    size: int  # bytes


def put(file: IO[bytes]) -> Blob:
    """Store what `file` holds from its start, durably, and return its address.

    When this returns, the bytes survive a power cut. Repeating it is free.
    """
    blob = measure(file)
    name = _name(blob.sha256)
    storage = storages["default"]
    if not storage.exists(name):
        file.seek(0)
        storage.save(name, File(file, name=name))
    return blob


def measure(file: IO[bytes]) -> Blob:
    """Return the address that `put` would give, storing nothing."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return Blob(digest.hexdigest(), size)


def open_blob(sha256: str) -> IO[bytes]:
    """Open a stored blob for reading. Raises FileNotFoundError when there is none."""
    return storages["default"].open(_name(sha256), "rb")


def exists(sha256: str) -> bool:
    """Tell whether these bytes are stored."""
    return storages["default"].exists(_name(sha256))


def _name(sha256: str) -> str:
    # Two levels, so that no folder grows past what a file browser or rsync likes.
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


class DurableFolder(FileSystemStorage):
    """A local folder that has really written a file when `save` returns.

    Django's own storage leaves the bytes in the page cache; a phone deletes its copy on our 201,
    so ours are flushed, moved into place in one step, and the folder entry is flushed too.
    """

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        _make_durable_folder(target.parent, Path(self.location))
        partial = target.with_name(f"{target.name}.{os.getpid()}.{os.urandom(4).hex()}.partial")
        try:
            with partial.open("xb") as out:
                for chunk in _chunks(content):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        _fsync_folder(target.parent)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return `name` itself: two writers of one name hold the same bytes."""
        return name


def _chunks(content: File[Any]) -> Iterator[bytes]:
    content.seek(0)
    while chunk := content.read(CHUNK):
        yield chunk


def _make_durable_folder(folder: Path, root: Path) -> None:
    if folder.is_dir():
        return
    if folder != root:
        _make_durable_folder(folder.parent, root)
    folder.mkdir(parents=True, exist_ok=True)
    _fsync_folder(folder.parent)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
