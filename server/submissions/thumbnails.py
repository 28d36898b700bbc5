"""Photos made small, once for the same bytes, in a process of its own (`photo_process`).

The small one is made when a photo is read (`photos`). The debt is a column of the attachment, set
when an image arrives or when somebody asks for one that came before there were any. One that cannot
be made is noted, and never tried again.

The large one is for whoever opens a photo: nearly all, scaled by Collect, are shown themselves. Of
others it is made while the first one who asks waits for it.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from server import blobs
from server.submissions import photos
from server.submissions.desk_problems import ThumbnailNone, ThumbnailNotYet
from server.submissions.models import SubmissionAttachment, Thumbnails
from server.submissions.photo_limits import LARGE, SMALL
from server.submissions.photo_process import Reader
from server.submissions.stripping import CannotStrip, stripped

SIZES = (SMALL, LARGE)
BATCH = 50  # photos whose debts are paid together
MANY = 10_000  # that are looked for together
_MAKING = threading.Lock()  # one at a time in a process: it may take as much memory as a server
_PATIENCE_S = 5.0  # for it


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG that may be shown."""

    sha256: str
    size: int  # bytes
    content: bytes | None = None  # of one that is not stored


def find(attachment: SubmissionAttachment, size: int) -> Picture:
    """Return the JPEG of a photo in one of SIZES; LARGE may have to be made.

    Raises ThumbnailNone, ThumbnailNotYet of one that is owed from now on, StorageUnavailable.
    """
    made = Thumbnails.objects.filter(blob=attachment.sha256).first()
    if made is None:
        if not is_image(attachment.content_type):
            raise ThumbnailNone(name=attachment.name, note="no_image")
        owe([attachment.pk])
        raise ThumbnailNotYet(name=attachment.name)
    if made.note:
        raise ThumbnailNone(name=attachment.name, note=made.note)
    if size == SMALL:
        return Picture(made.small_sha256, made.small_size or 0)
    return _itself(made) or _large(made, attachment.name)


def _itself(made: Thumbnails) -> Picture | None:
    """Return a photo that is not too large without what it says of itself, not stored again."""
    content = photos.content_of(made.blob) if made.is_own_large else None
    if content is None:
        return None
    try:
        content = stripped(content)
    except CannotStrip:
        return None
    return Picture(hashlib.sha256(content).hexdigest(), len(content), content)


def _large(made: Thumbnails, name: str) -> Picture:
    if not made.large_sha256:
        with _alone(name):
            large = _make_large(made, name)
        made.large_sha256, made.large_size = large.sha256, large.size
    return Picture(made.large_sha256, made.large_size or 0)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    if not _MAKING.acquire(timeout=_PATIENCE_S):
        raise ThumbnailNotYet(name=name)
    try:
        yield
    finally:
        _MAKING.release()


def _make_large(made: Thumbnails, name: str) -> blobs.Blob:
    content = photos.content_of(made.blob)
    if content is None:
        raise ThumbnailNone(name=name, note="missing")
    with closing(Reader("photo_scaler")) as reader:
        answer = photos.ask(reader, content)
    # Of one that takes too much, no more can be had than there is; nobody shall wait for it again.
    small = blobs.Blob(made.small_sha256, made.small_size or 0)
    large = small if answer["note"] else photos.put(answer["large"])
    Thumbnails.objects.filter(blob=made.blob).update(
        large_sha256=large.sha256, large_size=large.size
    )
    return large


def is_image(content_type: str) -> bool:
    """Tell whether a file says that it is an image."""
    return content_type.startswith("image/")


def owe(attachment_ids: Iterable[int]) -> None:
    """Have some photos made small, unless they are owed already."""
    SubmissionAttachment.objects.filter(
        pk__in=list(attachment_ids), thumbnails_owed_at=None
    ).update(thumbnails_owed_at=timezone.now())


def owe_missing() -> int:
    """Have all photos made small that never were, and are not owed; return how many those are.

    Some came before photos were made small, others were not in the store when it was their turn.
    """
    made = Thumbnails.objects.filter(blob=OuterRef("sha256"))
    missing = SubmissionAttachment.objects.filter(
        ~Exists(made), content_type__startswith="image/", thumbnails_owed_at=None
    ).order_by("pk")
    last, count = 0, 0
    while keys := list(missing.filter(pk__gt=last).values_list("pk", flat=True)[:MANY]):
        owe(keys)
        last, count = keys[-1], count + len(keys)
    return count


def forget(sha256: str) -> None:
    """Have a photo made small anew."""
    Thumbnails.objects.filter(blob=sha256).delete()
    owe(SubmissionAttachment.objects.filter(sha256=sha256).values_list("pk", flat=True)[:1])


def pay_debts(most_s: float = 20.0) -> int:
    """Make what is owed, the oldest first, for a while; return how many photos were made small.

    Several workers may do so at once: the same photo gives the same bytes. Raises
    StorageUnavailable; then what is left stays owed.
    """
    until, count = time.monotonic() + most_s, 0
    owed = SubmissionAttachment.objects.filter(thumbnails_owed_at__isnull=False)
    with closing(Reader()) as reader:
        while time.monotonic() < until:
            rows = owed.order_by("thumbnails_owed_at", "pk").values_list("pk", "sha256")[:BATCH]
            batch = dict(rows)
            if not batch:
                break
            wanted = set(batch.values())
            known = Thumbnails.objects.filter(blob__in=wanted).values_list("blob", flat=True)
            count += photos.read(wanted.difference(known), reader)
            # What is not in the store is owed no more: when it comes back, somebody will ask.
            owed.filter(pk__in=batch).update(thumbnails_owed_at=None)
    return count
