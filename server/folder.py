"""A local folder that keeps what it was given, for server.blobs.

Named by the settings, imported by nobody.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from server.blobs import CHUNK, StorageFull, StorageUnavailable, renewing
from server.listing import PARTIAL, Pieces, Stored, files_below, pieces_of, tops_of

_LEFTOVER_AGE_S = 24 * 3600  # no upload takes that long
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY
_T = TypeVar("_T")


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

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        """Put bytes into place unless they are there. Django's own looks at names at length."""
        if not name:
            raise ValueError
        return self._save(name, content)

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        try:
            found = _stat(target)
            with renewing(found and datetime.fromtimestamp(found.st_mtime, UTC)) as is_old:
                found = _stat(target) if is_old else found
                # A name in place has all its bytes, unless something else cut the file short (a
                # restored backup, a repaired disk). They are at hand now: a look is worth it.
                if found is None or found.st_size != content.size:
                    self._write(target, content)
                elif is_old:
                    os.utime(target)
            # Also when the file was there: the process that wrote it may not have come this far.
            self._settle(target)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull from error
            raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return `name` itself: two writers of one name hold the same bytes."""
        return name

    def overwrite(self, name: str, content: File[Any]) -> None:
        """Put bytes into place also where a file of that size is already."""
        target = Path(self.path(name))
        self._write(target, content)
        self._settle(target)

    def listed(self, beginning: str = "") -> Iterator[Stored]:
        """Give each file whose name begins so, in no order, but for what is being written."""
        return files_below(Path(self.location), beginning)

    def pieces(self, name: str, start: int, length: int) -> Pieces:
        """Open `length` bytes of a file from `start` on. Raises FileNotFoundError."""
        return pieces_of(Path(self.path(name)), start, length)

    def tops(self) -> Iterator[str]:
        """Give the names of its top folders, with a slash, and of the files beside them."""
        return tops_of(Path(self.location))

    def _write(self, target: Path, content: File[Any]) -> None:
        # Apart, so that what a kill leaves is easily found.
        partials = Path(self.location) / PARTIAL
        partial = partials / f"{target.name}.{os.getpid()}.{os.urandom(4).hex()}"
        handle = self._in_folder(partials, lambda: os.open(partial, _NEW, mode=0o600))
        try:
            with os.fdopen(handle, "wb", buffering=0) as out:
                self._remove_leftovers(partials)
                for chunk in _chunks(content):
                    _write_all(out, chunk)
                os.fsync(handle)
            self._in_folder(target.parent, lambda: partial.replace(target))
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    def _in_folder(self, folder: Path, act: Callable[[], _T]) -> _T:
        """Do something in a folder, which is made if there is none: mostly it is there."""
        try:
            return act()
        except FileNotFoundError:
            self._make_folder(folder)
            return act()

    def _make_folder(self, folder: Path) -> None:
        self._settled.discard(folder)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            return  # another process was first
        except FileNotFoundError:
            self._make_folder(folder.parent)
            self._make_folder(folder)

    def _settle(self, target: Path) -> None:
        """Flush the entry of a file, and once in a process those of the folders above it.

        Of a folder that was there, too: who made it may not have come so far.
        """
        folder, root = target.parent, Path(self.location)
        _fsync_folder(folder)
        while folder != root and folder not in self._settled:
            above = folder.parent
            _fsync_folder(above)
            self._settled.add(folder)
            folder = above

    def _remove_leftovers(self, partials: Path) -> None:
        """Remove what processes that were killed left half-written, once in this process."""
        if self._has_cleaned:
            return
        self._has_cleaned = True
        for partial in partials.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another process cleans too
                if partial.stat().st_mtime < time.time() - _LEFTOVER_AGE_S:
                    partial.unlink()


class Spool(DurableFolder):
    """Where blobs wait for a store that is down; all in one folder, named by their SHA-256."""

    def __init__(self, location: str, most_bytes: int) -> None:
        super().__init__(location)
        self._most_bytes = most_bytes

    def _save(self, name: str, content: File[Any]) -> str:
        if content.size > self._most_bytes - self._used():
            raise StorageUnavailable
        return super()._save(name, content)

    def _used(self) -> int:
        # Counted each time: it is asked only while the store is down, and then a wrong count
        # would fill the disk that everything else is on.
        return sum(found.size for found in self.listed())


def _stat(target: Path) -> os.stat_result | None:
    try:
        return target.stat()
    except FileNotFoundError:
        return None


def _chunks(content: File[Any]) -> Iterator[bytes]:
    content.seek(0)
    while chunk := content.read(CHUNK):
        yield chunk


def _write_all(out: IO[bytes], chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[out.write(left) :]


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
