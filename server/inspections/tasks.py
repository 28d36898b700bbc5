"""What the worker does for inspections."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from server.blobs import StorageUnavailable
from server.entities import apply
from server.hooks import delivering
from server.inspections import (
    ahead,
    heard,
    purge,
    recommendation_succession,
    recommendations,
    sweep,
)
from server.projects.audit import SERVER

log = logging.getLogger(__name__)


@shared_task(name="inspections.pay_debts", ignore_result=True)
def pay_debts() -> None:
    """Derive what arrival could not; the rows say what is owed."""
    outcome = sweep.pay_debts()
    if outcome.derived or outcome.failed:
        log.info("debts paid: %s, failed: %s", outcome.derived, outcome.failed)


@shared_task(name="inspections.hide_ahead", ignore_result=True)
def hide_ahead() -> None:
    """Work out which sensitive counts are hidden, before anybody asks for a table."""
    if done := ahead.work_ahead():
        log.info("years of forms whose small counts were hidden anew: %s", done)


@shared_task(name="inspections.tell", ignore_result=True)
def tell() -> None:
    """Begin to tell webhooks what they are owed; no target holds up anything else here."""
    delivering.pay_debts(heard.describe)


@shared_task(name="inspections.forget_deliveries", ignore_result=True)
def forget_deliveries() -> None:
    """Remove what webhooks were told long ago."""
    if forgotten := delivering.forget_old():
        log.info("deliveries of webhooks removed from the log: %s", forgotten)


@shared_task(name="inspections.follow_up", ignore_result=True)
def follow_up() -> None:
    """Do what time alone asks for: updates that waited too long, communes merged, deadlines."""
    forced = apply.force_held(timezone.now())
    moved = recommendation_succession.follow()
    overdue = recommendations.mark_overdue()
    if forced or moved or overdue:
        log.info("entities forced: %s, moved: %s, overdue: %s", forced, moved, overdue)


@shared_task(name="inspections.purge_trash", ignore_result=True)
def purge_trash() -> None:
    """Remove for good what was taken away long ago."""
    try:
        gone = purge.purge(purge.due(), SERVER)
    except StorageUnavailable:
        log.warning("the object store does not answer; what is in the trash waits for another day")
        return
    if gone.records:
        log.info("records purged: %s, files removed: %s", gone.records, gone.files)
