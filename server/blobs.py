"""Bytes under their SHA-256, through Django's storage API.

A blob is never changed and never overwritten: the same bytes are the same blob, so `put` can be
repeated by a device, a worker or an operator without doing anything twice. The stores are
DurableFolder in server.folder and Bucket in server.bucket; the settings choose one by name.

Beside a Bucket, which may be down, stand two folders on the local disk. In the spool wait the
blobs that it could not take; the folder itself is the debt, and `move_spooled` pays it. In the
cache are copies of what phones download. docs/decisions/spool-and-orphans.md
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import connection, transaction
from django.utils import timezone

from server.errors import Problem
from server.listing import Listing, name_of

CHUNK = 64 * 1024  # bytes
GRACE = timedelta(hours=24)  # a blob that nothing refers to is left alone for so long after a put
_RENEW = GRACE / 2  # a blob of this age is touched by a put, so that its grace begins anew
_SWEEP_LOCK = 0x50_50_58_41  # among PostgreSQL's advisory locks, ours


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


def put(file: IO[bytes], *, is_served: bool = False) -> Blob:
    """Store what `file` holds from its start, durably, and return its address.

    When this returns, the bytes survive a power cut. Repeating it is free.
    is_served: phones download it, so that it belongs in the cache as well.
    Raises StorageFull or StorageUnavailable; then nothing was stored.
    """
    blob = measure(file)
    content = File(file, name=name_of(blob.sha256))
    content.size = blob.size
    if not _has("spool"):
        storages["default"].save(name_of(blob.sha256), content)
    elif not _put_away(blob, content):
        storages["spool"].save(blob.sha256, content)
    if is_served and _has("cache"):
        storages["cache"].save(name_of(blob.sha256), content)
    return blob


def _put_away(blob: Blob, content: File[Any]) -> bool:
    """Store it where it belongs; tell whether that went well."""
    if _Away.is_likely():
        return False
    if _Away.since > _Away.NEVER:
        _Away.since = time.monotonic()  # one asks whether it is back; the others do not wait for it
    try:
        storages["default"].save(name_of(blob.sha256), content)
    except StorageUnavailable:
        _Away.since = time.monotonic()
        return False
    _Away.since = _Away.NEVER
    return True


class _Away:
    """When the store last did not answer: a post with a hundred files asks it once."""

    NEVER = -math.inf
    since = NEVER  # seconds, of time.monotonic()

    @classmethod
    def is_likely(cls) -> bool:
        return time.monotonic() - cls.since < settings.MINIO_AWAY_S


def _has(alias: str) -> bool:
    return alias in settings.STORAGES


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
    if _has("spool"):
        # First, because a blob is in the store before it leaves the spool.
        with contextlib.suppress(FileNotFoundError):
            return storages["spool"].open(sha256, "rb")
    return storages["default"].open(name_of(sha256), "rb")


def open_cached(sha256: str) -> IO[bytes]:
    """Open a blob that phones download, from a copy on the local disk where there is a cache."""
    if not _has("cache"):
        return open_blob(sha256)
    cache = storages["cache"]
    try:
        return cache.open(name_of(sha256), "rb")
    except FileNotFoundError:
        with open_blob(sha256) as file:
            copy = File(file, name=name_of(sha256))
            copy.size = measure(file).size
            cache.save(name_of(sha256), copy)
    return cache.open(name_of(sha256), "rb")


def exists(sha256: str) -> bool:
    """Tell whether these bytes are stored."""
    if _has("spool") and storages["spool"].exists(sha256):
        return True
    return storages["default"].exists(name_of(sha256))


def check_room() -> None:
    """Refuse, before anything is read, what could fill the disk. Raises StorageFull."""
    for folder in {settings.FILE_UPLOAD_TEMP_DIR, str(settings.FILES_DIR)}:
        with contextlib.suppress(FileNotFoundError):  # made when the first file comes
            disk = os.statvfs(folder)
            if disk.f_bavail * disk.f_frsize < settings.MIN_FREE_BYTES:
                raise StorageFull


# Sweeping ----------------------------------------------------------------------------------------


def move_spooled(most_s: float = 20.0) -> int:
    """Move what waits in the spool to the store, for a while; return how many blobs that was.

    Several processes may do so at once. Raises StorageUnavailable; then the rest waits on.
    """
    if not _has("spool"):
        return 0
    spool, moved, started = storages["spool"], 0, time.monotonic()
    for sha256 in [found.name for found in cast("Listing", spool).listed()]:
        if time.monotonic() - started > most_s:
            break
        with contextlib.suppress(FileNotFoundError), spool.open(sha256, "rb") as file:
            storages["default"].save(name_of(sha256), file)
            spool.delete(sha256)
            moved += 1
    return moved


def unused_since(age: timedelta) -> Iterator[str]:
    """Give the SHA-256 of each blob that no `put` has touched for so long, referred to or not."""
    before = timezone.now() - age
    for alias in ("default", "cache"):
        if _has(alias):
            for found in cast("Listing", storages[alias]).listed():
                if found.sha256 and found.modified < before:
                    yield found.sha256


def remove(sha256: str, age: timedelta) -> bool:
    """Remove a blob that nothing refers to, unless a `put` has touched it since.

    Tells whether it is gone. Whoever asks must have looked for what refers to it after learning
    from `unused_since` that it is so old: a post that began before has touched it.
    """
    is_gone = False
    for alias in ("default", "cache"):
        if _has(alias):
            is_gone |= _remove(storages[alias], name_of(sha256), age)
    return is_gone


def _remove(store: Storage, name: str, age: timedelta) -> bool:
    with _alone():
        try:
            is_aged = store.get_modified_time(name) < timezone.now() - age
        except FileNotFoundError:
            return False
        if is_aged:
            store.delete(name)
        return is_aged


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep everybody else from removing a blob, or from touching one that could be removed.

    The stores know no lock that every machine would see; the database does.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SWEEP_LOCK])
        yield


@contextlib.contextmanager
def renewing(modified: datetime | None) -> Iterator[bool]:
    """Tell a store that saves a blob whether to touch it, and let no sweep come between.

    modified: when it was put last, None for never. Only what is old could be swept, so that only
    this waits for a lock; it may be gone when the lock is had.
    """
    is_old = modified is not None and modified < timezone.now() - _RENEW
    with _alone() if is_old else contextlib.nullcontext():
        yield is_old
