"""Remove blobs that nothing refers to: files of posts that never became a row.

Files are stored before the rows that name them, so a post that breaks off between leaves some
behind. They cost room and nothing else, and go a day later.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from server import blobs
from server.submissions.models import PhotoFacts, SubmissionAttachment, Thumbnails

BATCH = 20_000  # blobs asked about at once: each time the tables are read through


def collect() -> int:
    """Remove blobs that nothing refers to and no post has touched for a day; return how many.

    Never one of a post that is under way: it touches its blobs before its rows are written, a
    touched blob stays for a day, and no post takes so long. Raises StorageUnavailable.
    """
    _forget_photos(Q())
    found = blobs.unused_since(blobs.GRACE)
    removed = 0
    while batch := list(islice(found, BATCH)):
        # In this order: what comes to be referred to after the question was touched before it.
        kept = _referred_to(batch)
        removed += sum(blobs.remove(sha256, blobs.GRACE) for sha256 in set(batch) - kept)
    return removed


def remove_unused(sha256s: Sequence[str]) -> int:
    """Remove those of some blobs that no row names any more and no put has touched for a day.

    Younger ones are left to `collect`, and so are small photos. Return how many are gone. Raises
    StorageUnavailable; what is known of them is forgotten all the same.
    """
    _forget_photos(Q(blob__in=sha256s))
    unused = set(sha256s) - _referred_to(sha256s)
    return sum(blobs.remove(sha256, blobs.GRACE) for sha256 in unused)


def _forget_photos(which: Q) -> None:
    """Forget what is known of photos that no record has: place, time, and small ones.

    Before their bytes are looked at: small ones that nobody names any more go like all the rest,
    and a photo that is its own small one keeps nothing. Whoever sends such bytes again has them
    read anew.
    """
    sent = SubmissionAttachment.objects.filter(sha256=OuterRef("blob"))
    for model in (Thumbnails, PhotoFacts):
        model._base_manager.filter(which, ~Exists(sent)).delete()


def _referred_to(batch: Sequence[str]) -> set[str]:
    """Return those of some blobs that any row of any table names.

    Every column that is named for a SHA-256 is looked at, and every list of files. Some hold the
    SHA-256 of other things, which costs a look. A list of the right columns could forget one that
    is added later, and that would cost somebody's photos.
    """
    kept: set[str] = set()
    for model in apps.get_models():
        rows = model._base_manager
        for field in model._meta.get_fields():
            if isinstance(field, models.CharField) and field.name.endswith("sha256"):
                named = rows.filter(**{f"{field.name}__in": batch})
                kept.update(named.values_list(field.name, flat=True))
            elif isinstance(field, models.JSONField) and field.name == "files":
                lists = rows.exclude(files=[]).values_list("files", flat=True)
                kept.update(file["sha256"] for files in lists.iterator() for file in files)
    return kept
