"""Photos made small, once for the same bytes, in a process of its own (`photo_process`).

The debt is a column of the attachment, set when an image arrives or when somebody asks for one that
came before there were any. One that cannot be made is noted, and never tried again.
"""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import closing

from django.utils import timezone

from server import blobs
from server.submissions.desk_problems import ThumbnailNone, ThumbnailNotYet
from server.submissions.models import SubmissionAttachment, Thumbnails
from server.submissions.photo_process import LARGE, SMALL, Reader
from server.submissions.photos import MOST_BYTES, content_of

SIZES = (SMALL, LARGE)
BATCH = 50  # photos whose rows are written together


def find(attachment: SubmissionAttachment, size: int) -> blobs.Blob:
    """Return the JPEG of a photo in one of SIZES.

    Raises ThumbnailNone, and ThumbnailNotYet of one that is owed from now on.
    """
    made = Thumbnails.objects.filter(blob=attachment.sha256).first()
    if made is None:
        if not is_image(attachment.content_type):
            raise ThumbnailNone(name=attachment.name, note="no_image")
        owe(SubmissionAttachment.objects.filter(pk=attachment.pk).values_list("pk", flat=True))
        raise ThumbnailNotYet(name=attachment.name)
    if made.note:
        raise ThumbnailNone(name=attachment.name, note=made.note)
    if size == SMALL:
        return blobs.Blob(made.small_sha256, made.small_size or 0)
    return blobs.Blob(made.large_sha256, made.large_size or 0)


def is_image(content_type: str) -> bool:
    """Tell whether a file says that it is an image."""
    return content_type.startswith("image/")


def owe(attachment_ids: Iterable[int]) -> None:
    """Have some photos made small, unless they are owed already."""
    SubmissionAttachment.objects.filter(
        pk__in=list(attachment_ids), thumbnails_owed_at=None
    ).update(thumbnails_owed_at=timezone.now())


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
    with closing(Reader("photo_scaler")) as reader:
        while time.monotonic() < until:
            rows = owed.order_by("thumbnails_owed_at", "pk").values_list("pk", "sha256")[:BATCH]
            batch = dict(rows)
            if not batch:
                break
            made = list(_made(set(batch.values()), reader))
            Thumbnails.objects.bulk_create(made, ignore_conflicts=True)
            owed.filter(pk__in=batch).update(thumbnails_owed_at=None)
            count += len(made)
    return count


def _made(sha256s: set[str], reader: Reader) -> Iterator[Thumbnails]:
    known = Thumbnails.objects.filter(blob__in=sha256s).values_list("blob", flat=True)
    for sha256 in sorted(sha256s.difference(known)):
        content = content_of(sha256)
        if content is None:
            continue  # when it comes back with a backup, somebody will ask
        answer = "" if len(content) > MOST_BYTES else reader.ask(content)
        yield _row(sha256, answer) if answer else Thumbnails(blob=sha256, note="too_large")


def _row(sha256: str, answer: str) -> Thumbnails:
    read = json.loads(answer)
    if read["note"]:
        return Thumbnails(blob=sha256, note=read["note"])
    small, large = (blobs.put(io.BytesIO(base64.b64decode(read[s]))) for s in ("small", "large"))
    return Thumbnails(
        blob=sha256,
        small_sha256=small.sha256,
        small_size=small.size,
        large_sha256=large.sha256,
        large_size=large.size,
    )
