"""Keep what cannot be taken, until a person decides (see `decide`).

A phone that is refused keeps its copy, but phones are lost, and people delete what does not go
through. So the refusal stands and the bytes stay here as well, as far as there is room: what one
device can leave undecided is limited, because nobody needs a form of ours to send something.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from server import blobs
from server.projects.models import AppUser, Project
from server.submissions import files
from server.submissions.arrival import Incoming, files_named
from server.submissions.files import MAX_NAME, KeptFile, SentFile, storable
from server.submissions.instance import MAX_ID
from server.submissions.models import Quarantined, QuarantineReason
from server.submissions.record import MOST_REASON, Sender, said_by

ROW_BYTES = 10_000  # what a row is counted as beside what it holds, so that none is free


def keep(incoming: Incoming, sent: Sequence[SentFile], reason: QuarantineReason) -> bool:
    """Keep an instance and its files, durably; tell whether all of it is kept now.

    Its files may come in several posts, and all of it may come again. Raises StorageFull,
    StorageUnavailable.
    """
    row = _rows(incoming).first()
    if row is not None and row.decided_at is not None:
        return True  # a person has seen it, and nothing is added to it any more
    fresh = _fresh(sent, row)
    cost = sum(size for _, size in fresh) + (0 if row else len(incoming.xml) + ROW_BYTES)
    if row is not None and not fresh:
        return True
    if cost > _room(incoming.sender):
        return False
    names = files_named(incoming.instance, frozenset())
    kept = files.keep(
        [file for file, _ in fresh], names, is_encrypted=incoming.instance.is_encrypted
    )
    return _write(incoming, kept, reason, cost)


def _rows(incoming: Incoming) -> Any:  # a QuerySet; its manager's type has no public name
    return Quarantined.objects.filter(
        project=incoming.sender.project_id,
        form_id=storable(incoming.instance.form_id, MAX_ID),
        instance_id=incoming.instance_id,
        xml_sha256=incoming.xml_sha256,
    )


def _fresh(sent: Sequence[SentFile], row: Quarantined | None) -> list[tuple[SentFile, int]]:
    """Return the files that are not kept yet, with their sizes in bytes."""
    present = {(file["name"], file["sha256"]) for file in row.files} if row else set()
    measured = [(file, blobs.measure(file.file)) for file in sent]
    return [
        (file, blob.size)
        for file, blob in measured
        if (storable(file.name, MAX_NAME), blob.sha256) not in present
    ]


def _room(sender: Sender) -> int:
    """Return how many bytes this device may still leave undecided."""
    held = Quarantined.objects.waiting().filter(project=sender.project_id, app_user=sender.app_user)
    found = held.aggregate(bytes=Sum("size"), rows=Count("pk"))
    taken: int = (found["bytes"] or 0) + found["rows"] * ROW_BYTES
    return int(settings.QUARANTINE_BYTES) - taken


@transaction.atomic(durable=True)
def _write(
    incoming: Incoming, kept: Sequence[KeptFile], reason: QuarantineReason, cost: int
) -> bool:
    _lock(incoming.sender)  # one post of a device after the other, or the limit is none
    if cost > _room(incoming.sender):
        return False
    row, _ = (
        _rows(incoming)
        .select_for_update()
        .get_or_create(
            project_id=incoming.sender.project_id,
            form_id=storable(incoming.instance.form_id, MAX_ID),
            instance_id=incoming.instance_id,
            xml_sha256=incoming.xml_sha256,
            defaults={
                "reason": reason,
                "version": storable(incoming.instance.version, MAX_ID),
                "deprecated_id": incoming.instance.deprecated_id,
                "xml": incoming.xml,
                "size": len(incoming.xml),
                "received_at": timezone.now(),
                "edit_reason": storable(incoming.sender.reason, MOST_REASON),
                **said_by(incoming.sender),
            },
        )
    )
    present = {(file["name"], file["sha256"]) for file in row.files}
    fresh = [file.as_json() for file in kept if (file.name, file.blob.sha256) not in present]
    if fresh and row.decided_at is None:
        row.files = [*row.files, *fresh]
        row.size += sum(file["size"] for file in fresh)
        row.save(update_fields=["files", "size"])
    return True


def _lock(sender: Sender) -> None:
    if sender.app_user is not None:
        AppUser.objects.select_for_update(no_key=True).get(pk=sender.app_user.pk)
    else:
        Project.objects.select_for_update(no_key=True).get(pk=sender.project_id)
