"""What the worker does for files."""

from __future__ import annotations

import logging

from celery import shared_task
from django.apps import apps

from server import blobs, lengths
from server.blobs import StorageUnavailable
from server.lengths import Length
from server.projects import audit_reading
from server.submissions import orphans

log = logging.getLogger(__name__)


@shared_task(name="submissions.move_spooled", ignore_result=True)
def move_spooled() -> None:
    """Move to the object store what had to wait on the local disk."""
    try:
        moved = blobs.move_spooled()
    except StorageUnavailable:
        log.warning("the object store does not answer; files wait in the spool")
        return
    if moved:
        log.info("files moved from the spool: %s", moved)


@shared_task(name="submissions.collect_orphans", ignore_result=True)
def collect_orphans() -> None:
    """Remove the files of posts that never completed."""
    try:
        removed = orphans.collect()
    except StorageUnavailable:
        return  # it will do another day
    if removed:
        log.info("files removed that nothing refers to: %s", removed)


@shared_task(name="submissions.fold_lengths", ignore_result=True)
def fold_lengths() -> None:
    """Add up what was noted of lists since the last time, and note how the log has grown."""
    for kind in _noted():
        lengths.fold(kind)
    audit_reading.note_lengths()


@shared_task(name="submissions.mend_lengths", ignore_result=True)
def mend_lengths() -> None:
    """Compare what was noted of lists with the lists themselves."""
    for kind in _noted():
        wrong = lengths.mend(kind)
        if wrong:
            log.warning("lengths of lists were wrong, and are right now: %s", wrong)


def _noted() -> list[type[Length]]:
    """Return the notes that triggers write, those of layers above too."""
    kinds = [model for model in apps.get_models() if issubclass(model, Length)]
    return [kind for kind in kinds if hasattr(kind, "COUNTED")]
