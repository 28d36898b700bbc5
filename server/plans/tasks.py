"""What the worker does for plans and for all that needs to know them."""

from __future__ import annotations

import logging

from celery import shared_task

from server.blobs import StorageUnavailable
from server.inspections import look
from server.plans import late

log = logging.getLogger(__name__)


@shared_task(name="plans.look_around", ignore_result=True)
def look_around() -> None:
    """Compare inspections with their neighbours, photos and due dates; the rows say which."""
    try:
        looked = look.pay_debts(late.flags)
    except StorageUnavailable:
        log.warning("the object store does not answer; inspections wait to be compared")
        return
    if looked.submissions or looked.failed:
        log.info("compared: %s, failed: %s", looked.submissions, looked.failed)
