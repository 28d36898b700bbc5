"""What the worker does for files."""

from __future__ import annotations

import logging

from celery import shared_task

from server import blobs
from server.blobs import StorageUnavailable
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
