"""What the worker does for inspections."""

from __future__ import annotations

import logging

from celery import shared_task

from server.inspections import sweep

log = logging.getLogger(__name__)


@shared_task(name="inspections.pay_debts", ignore_result=True)
def pay_debts() -> None:
    """Derive what arrival could not; the rows say what is owed."""
    outcome = sweep.pay_debts()
    if outcome.derived or outcome.failed:
        log.info("debts paid: %s, failed: %s", outcome.derived, outcome.failed)
