"""What photos show and say of themselves, read once for the same bytes.

In a process of its own, with limits of time and memory: the bytes are a stranger's. What EXIF says
is where a person was and when; it stands in its table, and never in a log line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path

from server import blobs
from server.submissions.models import PhotoFacts
from server.submissions.moments import moment

MOST_BYTES = 30_000_000  # of a photo; Collect scales to 1280 pixels, some 0.3 MB
SECONDS = 10  # of processor time for one batch
BATCH = 8  # photos for one process

# Two hashes of 256 bits that differ in at most this many show the same. On drawn papers copies
# differed in up to 46, others in 44 and more (docs/flags.md). Not verified on photos of the field:
# «tạm tính – chưa đối chiếu».
SAME_BITS = 40
# Of the hash of 64 bits: five bands, of which one is as it was when four bits have changed.
_BAND_BITS = 13

_ROOT = Path(__file__).resolve().parents[2]


def read_missing(sha256s: Collection[str]) -> int:
    """Read the photos that nobody has read yet; return how many. Repeating it changes nothing.

    A photo that cannot be read gets a note and is not tried again. Raises StorageUnavailable.
    """
    known = PhotoFacts.objects.filter(blob__in=sha256s).values_list("blob", flat=True)
    missing = iter(sorted(set(sha256s) - set(known)))
    count = 0
    while batch := list(islice(missing, BATCH)):
        facts = list(_read(batch))
        PhotoFacts.objects.bulk_create(facts, ignore_conflicts=True)
        count += len(facts)
    return count


def bands(coarse: str) -> list[int]:
    """Return five numbers, of which those of the same photo share at least one."""
    bits = int(coarse, 16)
    mask = (1 << _BAND_BITS) - 1
    return [(number << _BAND_BITS) | (bits >> (number * _BAND_BITS)) & mask for number in range(5)]


def _read(sha256s: Sequence[str]) -> Iterator[PhotoFacts]:
    contents: dict[str, bytes] = {}
    for sha256 in sha256s:
        content = _content(sha256)
        if content is None:
            continue  # it may come back with a backup
        if len(content) > MOST_BYTES:
            yield PhotoFacts(blob=sha256, note="too_large")
        else:
            contents[sha256] = content
    names = list(contents)
    while names:
        answers = _ask([contents[name] for name in names])
        for name, answer in zip(names, answers, strict=False):
            yield _facts(name, answer)
        if not answers:  # with all the time to itself it was too much
            yield PhotoFacts(blob=names[0], note="too_large")
        names = names[len(answers) or 1 :]


def _content(sha256: str) -> bytes | None:
    try:
        with blobs.open_blob(sha256) as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None


def _ask(contents: Sequence[bytes]) -> list[str]:
    """Return a line for each photo, up to the one that was too much."""
    try:
        done = subprocess.run(  # noqa: S603  # our own command line
            [sys.executable, "-m", "server.submissions.photo_reader", str(SECONDS)],
            input=b"".join(len(content).to_bytes(8, "big") + content for content in contents),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # Pillow quotes what it complains about
            cwd=_ROOT,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            timeout=6 * SECONDS,  # on the clock: a busy machine gives us a part of the time
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return _whole_lines(error.stdout or b"")
    return _whole_lines(done.stdout)


def _whole_lines(answer: bytes) -> list[str]:
    return answer.decode("ascii").split("\n")[:-1]


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
