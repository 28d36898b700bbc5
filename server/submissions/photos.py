"""What photos show and say of themselves, read once for the same bytes, and made small with that.

What EXIF says is where a person was and when; it stands in its table, and never in a log line.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from server import blobs
from server.submissions.models import PhotoFacts, Thumbnails
from server.submissions.moments import moment
from server.submissions.photo_process import Reader

MOST_BYTES = 30_000_000  # of a photo; Collect scales to 1280 pixels, some 0.3 MB
BATCH = 100  # photos whose facts are written together

# Two hashes of 256 bits that differ in at most this many show the same. On drawn papers copies
# differed in up to 46, others in 44 and more (docs/flags.md). Not verified on photos of the field:
# «tạm tính – chưa đối chiếu».
SAME_BITS = 40
# Of the hash of 64 bits: five bands, of which one is as it was when four bits have changed.
_BAND_BITS = 13


def read_missing(sha256s: Collection[str]) -> int:
    """Read the photos that nobody has read yet; return how many. Repeating it changes nothing.

    A photo that cannot be read gets a note and is not tried again. Raises StorageUnavailable.
    """
    if not sha256s:
        return 0
    known = PhotoFacts.objects.filter(blob__in=sha256s).values_list("blob", flat=True)
    with closing(Reader()) as reader:
        return read(set(sha256s).difference(known), reader)


def read(sha256s: Iterable[str], reader: Reader) -> int:
    """Read some photos and make them small, whether they were or not; return how many.

    Several may do so at once: the same photo gives the same rows. Raises StorageUnavailable.
    """
    wanted, count = iter(sorted(sha256s)), 0
    while batch := list(islice(wanted, BATCH)):
        known = [one for sha256 in batch if (one := _read(sha256, reader)) is not None]
        PhotoFacts.objects.bulk_create([one.facts for one in known], ignore_conflicts=True)
        Thumbnails.objects.bulk_create([one.small for one in known], ignore_conflicts=True)
        count += len(known)
    return count


def bands(coarse: str) -> list[int]:
    """Return five numbers, of which those of the same photo share at least one."""
    bits = int(coarse, 16)
    mask = (1 << _BAND_BITS) - 1
    return [(number << _BAND_BITS) | (bits >> (number * _BAND_BITS)) & mask for number in range(5)]


@dataclass(frozen=True, slots=True)
class _Known:
    """What one photo gave, not saved yet."""

    facts: PhotoFacts
    small: Thumbnails


def _read(sha256: str, reader: Reader) -> _Known | None:
    content = content_of(sha256)
    if content is None:
        return None  # it may come back with a backup
    answer = ask(reader, content)
    if note := answer["note"]:
        return _Known(PhotoFacts(blob=sha256, note=note), Thumbnails(blob=sha256, note=note))
    return _Known(_facts(sha256, answer), _small(sha256, answer))


def ask(reader: Reader, content: bytes) -> dict[str, Any]:
    """Return what the reader's program says of a photo; "note" says why it could not be read."""
    answer = "" if len(content) > MOST_BYTES else reader.ask(content)
    said: dict[str, Any] = json.loads(answer or '{"note": "too_large"}')
    return said


def put(packed: str) -> blobs.Blob:
    """Store a photo that a program answered with. Raises as blobs.put."""
    return blobs.put(io.BytesIO(base64.b64decode(packed)))


def content_of(sha256: str) -> bytes | None:
    """Return the bytes of a photo and, of one that is too large, one more than may be read.

    None when the store does not have it.
    """
    try:
        with blobs.open_blob(sha256) as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None


def _facts(sha256: str, read: dict[str, Any]) -> PhotoFacts:
    return PhotoFacts(
        blob=sha256,
        dhash=read["fine"] if read["coarse"] else "",
        bands=bands(read["coarse"]) if read["fine"] and read["coarse"] else [],
        taken_at=moment(read["taken_at"]),
        lon=read["lon"],
        lat=read["lat"],
    )


def _small(sha256: str, read: dict[str, Any]) -> Thumbnails:
    small = put(read["small"])
    return Thumbnails(
        blob=sha256,
        small_sha256=small.sha256,
        small_size=small.size,
        is_own_large=read["is_own_large"],
    )
