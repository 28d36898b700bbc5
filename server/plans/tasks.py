"""What the worker does for plans and for all that needs to know them."""

from __future__ import annotations

import logging

from celery import shared_task

from server.blobs import StorageUnavailable
from server.inspections import look
from server.plans import late
from server.submissions import thumbnails

log = logging.getLogger(__name__)


@shared_task(name="plans.look_around", ignore_result=True)
def look_around() -> None:
    """Read photos, then compare inspections with their neighbours, photos and due dates.

    The rows say which. In this order and by one worker, so that each photo is unpacked once.
    """
    try:
        _make_small()
    finally:  # what goes wrong with a photo keeps no inspection from being compared
        _compare()


def _make_small() -> None:
    try:
        made = thumbnails.pay_debts()
    except StorageUnavailable:
        log.warning("the object store does not answer; photos wait to be made small")
        return
    if made:
        log.info("photos made small: %s", made)


def _compare() -> None:
    try:
        looked = look.pay_debts(late.flags)
    except StorageUnavailable:
        log.warning("the object store does not answer; inspections wait to be compared")
        return
    if looked.submissions or looked.failed:
        log.info("compared: %s, failed: %s", looked.submissions, looked.failed)
