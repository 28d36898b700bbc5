"""What the clock sends to workers, and how often: tasks look for debts that the rows record."""

from __future__ import annotations

from typing import Any

EXPORTS = "exports"  # the queue of large files: nothing else shall wait for one
_MINUTES_S, _HOUR_S, _DAY_S = 300, 3_600, 86_400


def timetable(sweep_s: int, *, has_spool: bool) -> dict[str, dict[str, Any]]:
    """Return Celery's schedule.

    sweep_s: seconds between two looks at what is owed. has_spool: files may wait for a store.
    """
    spool = {"move spooled": _entry("submissions.move_spooled", sweep_s)} if has_spool else {}
    return {
        "pay debts": _entry("inspections.pay_debts", sweep_s),
        "look around": _entry("plans.look_around", sweep_s),
        **spool,
        "tell": _entry("inspections.tell", sweep_s),
        "make exports": _entry("reports.make_exports", sweep_s, queue=EXPORTS),
        # Seconds of work, wanted soon but by nobody yet.
        "hide ahead": _entry("inspections.hide_ahead", sweep_s, queue=EXPORTS),
        "fold lengths": _entry("submissions.fold_lengths", _MINUTES_S),
        "follow up": _entry("inspections.follow_up", _HOUR_S),
        "expire exports": _entry("reports.expire_exports", _HOUR_S),
        "forget deliveries": _entry("inspections.forget_deliveries", _DAY_S),
        "purge trash": _entry("inspections.purge_trash", _DAY_S),
        "collect orphans": _entry("submissions.collect_orphans", _DAY_S),
        "mend lengths": _entry("submissions.mend_lengths", _DAY_S),
    }


def _entry(task: str, every_s: int, **options: str) -> dict[str, Any]:
    # With no worker alive the messages do not pile up: the next one says the same.
    lasting = {"expires": min(every_s, _HOUR_S), **options}
    return {"task": task, "schedule": float(every_s), "options": lasting}
