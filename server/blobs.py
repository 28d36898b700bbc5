"""Bytes under their SHA-256, through Django's storage API.

A blob is never changed and never overwritten: the same bytes are the same blob, so `put` can be
repeated by a device, a worker or an operator without doing anything twice. The stores are
DurableFolder here and Bucket in server.bucket; the settings choose one by name.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages

from server.errors import Problem

CHUNK = 64 * 1024  # bytes
_LEFTOVER_AGE_S = 24 * 3600  # no upload takes that long


class StorageFull(Problem):
    """No room for the files. Nothing was recorded, so the device keeps everything."""

    code = "storage.full"
    status = 507
    vi = "Máy chủ hết chỗ lưu tệp. Giữ nguyên phiếu, báo đơn vị quản lý rồi gửi lại sau."
    en = "The server has no room for files. Keep the form, tell your supervisor, send it later."


class StorageUnavailable(Problem):
    """The object store does not answer, or refuses us."""

    code = "storage.unavailable"
    status = 503
    vi = "Kho tệp của máy chủ tạm thời không dùng được. Giữ nguyên phiếu và gửi lại sau ít phút."
    en = "The server's file store does not answer. Keep the form and send it again in minutes."


@dataclass(frozen=True, slots=True)
class Blob:
    """The address of some bytes."""

    sha256: str  # 64 lower-case hex digits
    size: int  # bytes


def put(file: IO[bytes]) -> Blob:
    """Store what `file` holds from its start, durably, and return its address.

    When this returns, the bytes survive a power cut. Repeating it is free.
    Raises StorageFull or StorageUnavailable; then nothing was stored.
    """
    blob = measure(file)
    content = File(file, name=_name(blob.sha256))
    content.size = blob.size
    storages["default"].save(_name(blob.sha256), content)
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
    so ours are flushed, moved into place in one step, and the folder entries are flushed too.
    A name in place therefore always has all its bytes, whenever the process or the power died.
    Nobody but the server's own user can read the files.
    """

    def __init__(self, location: str) -> None:
        super().__init__(location, file_permissions_mode=0o600, directory_permissions_mode=0o700)
        self._settled: set[Path] = set()  # folders whose own entries are known to be on disk
        self._has_cleaned = False

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        try:
            if not _is_whole(target, content.size):
                self._write(target, content)
            # Also when the file was there: the process that wrote it may not have come this far.
            self._settle(target.parent)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull from error
            raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return `name` itself: two writers of one name hold the same bytes."""
        return name

    def _write(self, target: Path, content: File[Any]) -> None:
        self._make_folder(target.parent)
        partials = Path(self.path("partial"))  # apart, so that what a kill leaves is easily found
        self._make_folder(partials)
        self._remove_leftovers(partials)
        partial = partials / f"{target.name}.{os.getpid()}.{os.urandom(4).hex()}"
        try:
            handle = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode=0o600)
            with os.fdopen(handle, "wb") as out:
                for chunk in _chunks(content):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._settled.discard(folder)
        self._make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)

    def _settle(self, folder: Path) -> None:
        """Flush the entries of `folder`, and once in a process those of the folders above."""
        _fsync_folder(folder)
        root = Path(self.location)
        while folder != root and folder not in self._settled:
            _fsync_folder(folder.parent)
            self._settled.add(folder)
            folder = folder.parent

    def _remove_leftovers(self, partials: Path) -> None:
        """Remove what processes that were killed left half-written, once in this process."""
        if self._has_cleaned:
            return
        self._has_cleaned = True
        for partial in partials.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another process cleans too
                if partial.stat().st_mtime < time.time() - _LEFTOVER_AGE_S:
                    partial.unlink()


def _is_whole(target: Path, size: int) -> bool:
    # A name in place has all its bytes, unless something else cut the file short: a restored
    # backup, a repaired disk. The bytes are at hand now, so a look at the size is worth it.
    try:
        return target.stat().st_size == size
    except FileNotFoundError:
        return False


def _chunks(content: File[Any]) -> Iterator[bytes]:
    content.seek(0)
    while chunk := content.read(CHUNK):
        yield chunk


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
