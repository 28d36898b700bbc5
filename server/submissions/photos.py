"""What photos show and say of themselves, read once for the same bytes.

What EXIF says is where a person was and when; it stands in its table, and never in a log line.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import closing
from itertools import islice

from server import blobs
from server.submissions.models import PhotoFacts
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
    missing = iter(sorted(set(sha256s) - set(known)))
    count = 0
    with closing(Reader()) as reader:
        while batch := list(islice(missing, BATCH)):
            facts = [one for sha256 in batch if (one := _read(sha256, reader)) is not None]
            PhotoFacts.objects.bulk_create(facts, ignore_conflicts=True)
            count += len(facts)
    return count


def bands(coarse: str) -> list[int]:
    """Return five numbers, of which those of the same photo share at least one."""
    bits = int(coarse, 16)
    mask = (1 << _BAND_BITS) - 1
    return [(number << _BAND_BITS) | (bits >> (number * _BAND_BITS)) & mask for number in range(5)]


def _read(sha256: str, reader: Reader) -> PhotoFacts | None:
    content = content_of(sha256)
    if content is None:
        return None  # it may come back with a backup
    answer = "" if len(content) > MOST_BYTES else reader.ask(content)
    return _facts(sha256, answer) if answer else PhotoFacts(blob=sha256, note="too_large")


def content_of(sha256: str) -> bytes | None:
    """Return the bytes of a photo and, of one that is too large, one more than may be read.

    None when the store does not have it.
    """
    try:
        with blobs.open_blob(sha256) as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None


def _facts(sha256: str, answer: str) -> PhotoFacts:
    read = json.loads(answer)
    return PhotoFacts(
        blob=sha256,
        note=read["note"],
        dhash=read["fine"] if read["coarse"] else "",
        bands=bands(read["coarse"]) if read["fine"] and read["coarse"] else [],
        taken_at=moment(read["taken_at"]),
        lon=read["lon"],
        lat=read["lat"],
    )
