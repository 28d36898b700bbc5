"""What the worker does for exports, in a queue of their own: a large one holds nothing else up."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from server.blobs import StorageUnavailable
from server.reports import jobs, making

log = logging.getLogger(__name__)

QUEUE = "exports"


@shared_task(name="reports.make_exports", ignore_result=True)
def make_exports() -> None:
    """Make what is owed, one after the other; the rows say what that is."""
    while making.make_next():
        pass


@shared_task(name="reports.expire_exports", ignore_result=True)
def expire_exports() -> None:
    """Let go of files that were kept long enough."""
    try:
        expired = jobs.expire(timezone.now())
    except StorageUnavailable:
        return  # their rows are done with, and the files are orphans
    if expired:
        log.info("exports expired: %s", expired)


def nudge() -> None:
    """Tell a worker that an export is owed; without it the sweep finds out."""
    try:
        make_exports.apply_async(queue=QUEUE, expires=60, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("nobody told of an export: %s", type(error).__name__)
