"""The copies of blobs, place by place: to see whether each is what its name says.

`server.blobs` reads from wherever a blob is; whoever checks must know which copy is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages

from server import blobs
from server.blobs import Blob
from server.listing import Listing, Stored, name_of

STORE, SPOOL, CACHE = "default", "spool", "cache"


def places() -> tuple[str, ...]:
    """Return the places that blobs are in: the store, and where it may be away two folders."""
    return tuple(place for place in (STORE, SPOOL, CACHE) if place in settings.STORAGES)


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
