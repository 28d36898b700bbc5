"""The copies of blobs, place by place: to give parts of them, and to see whether they are right.

`server.blobs` opens a blob wherever it is, whole; here the place is asked for what it can do best.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import cast

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import storages

from server import blobs
from server.blobs import Blob, StorageUnavailable
from server.listing import Listing, Pieces, Stored, name_of

STORE, SPOOL, CACHE = "default", "spool", "cache"


def places() -> tuple[str, ...]:
    """Return the places that blobs are in: the store, and where it may be away two folders."""
    return tuple(place for place in (STORE, SPOOL, CACHE) if place in settings.STORAGES)


def pieces(sha256: str, start: int, length: int, *, is_served: bool = False) -> Pieces:
    """Open `length` bytes of a blob from `start` on; nothing is fetched but those.

    is_served: as in `put`; then from the cache, whole.
    Raises FileNotFoundError when there is no such blob, StorageUnavailable, also while it is read.
    """
    if is_served:
        file = blobs.open_cached(sha256)
        file.seek(start)
        return Pieces(file.read, length, file.close)
    if SPOOL in settings.STORAGES:
        with contextlib.suppress(FileNotFoundError):
            return cast("Listing", storages[SPOOL]).pieces(sha256, start, length)
    return cast("Listing", storages[STORE]).pieces(name_of(sha256), start, length)


def presigned(sha256: str, headers: Mapping[str, str]) -> str:
    """Return an address at which the store itself gives a blob for a short while.

    headers: Content-Type and Content-Disposition, with which it is to answer. "" where the store
    gives none, or does not have the blob yet.
    """
    if not settings.PRESIGNED or (SPOOL in settings.STORAGES and storages[SPOOL].exists(sha256)):
        return ""
    sign = getattr(storages[STORE], "presigned", None)
    return sign(name_of(sha256), headers) if sign else ""


# Checking ----------------------------------------------------------------------------------------


def listed(place: str, beginning: str) -> Iterator[Stored]:
    """Give what lies in one place under names that begin so. Raises StorageUnavailable."""
    return cast("Listing", storages[place]).listed(beginning)


def other_beginnings(place: str, characters: str) -> Iterator[str]:
    """Give the top folders and files of a place that begin with none of some characters."""
    for name in cast("Listing", storages[place]).tops():
        if name[0] not in characters:
            yield name


def measured(place: str, sha256: str) -> Blob | None:
    """Read one copy through; return what it really is, None when it is gone.

    In pieces, whatever its size. Raises StorageUnavailable.
    """
    try:
        with storages[place].open(_name(place, sha256), "rb") as file:
            return blobs.measure(file)
    except FileNotFoundError:
        return None


def check_answers(place: str) -> None:
    """Ask a place for anything. Raises StorageUnavailable when it gives no answer."""
    next(cast("Listing", storages[place]).tops(), None)


def probe() -> None:
    """Write a few bytes into the store, read them back and remove them.

    Raises StorageUnavailable, also where it gives back something else, and StorageFull.
    """
    content = uuid.uuid4().bytes
    blob = blobs.measure(BytesIO(content))
    storages[STORE].save(name_of(blob.sha256), ContentFile(content))
    try:
        if measured(STORE, blob.sha256) != blob:
            raise StorageUnavailable
    finally:
        storages[STORE].delete(name_of(blob.sha256))


def mend(sha256: str) -> bool:
    """Put a right copy of the spool's or the cache's in the place of the store's wrong or lost one.

    Tells whether there was one. Raises StorageUnavailable.
    """
    for place in places():
        found = measured(place, sha256) if place != STORE else None
        if found is not None and found.sha256 == sha256:
            with storages[place].open(_name(place, sha256), "rb") as file:
                copy = File(file, name=name_of(sha256))
                copy.size = found.size
                cast("Listing", storages[STORE]).overwrite(name_of(sha256), copy)
            return True
    return False


def discard(place: str, sha256: str) -> None:
    """Remove a copy that can be made anew."""
    storages[place].delete(_name(place, sha256))


def _name(place: str, sha256: str) -> str:
    return sha256 if place == SPOOL else name_of(sha256)
