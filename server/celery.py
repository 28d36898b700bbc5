"""Background work: the Celery application and what it does by the clock.

A debt is a column of a row and a sweep pays it; a message is only a nudge that makes it sooner
(house.md 1.1). So nothing here has to survive, and no transport needs to be trusted: lost
messages, killed workers and a broker that is down cost seconds, never data.
Without BROKER_URL the messages pass through a folder: docs/decisions/0003-broker.md.
"""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]  # not in its stubs
from celery.signals import celeryd_init, task_postrun, task_prerun, worker_ready
from django.conf import settings
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
# Celery would have Django check everything and throw away what it finds: a worker that answers no
# address would hold every page of `server.urls` for that, 54 MB.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("server")
app.set_default()  # in every thread, also those that the HTTP server makes
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def worker(queue: str | None = None) -> Any:
    """Return a worker for one machine: one task at a time, in its own process.

    queue: what it works on, where that is not the usual one.
    """
    # It warns of root because of pickle, which we do not accept.
    warnings.simplefilter("ignore", SecurityWarning)
    return app.Worker(
        pool="solo",
        loglevel=settings.LOG_LEVEL,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        queues=queue,
    )


def clock() -> Any:
    """Return what sends the tasks that are due (Celery calls it beat).

    It keeps no file that could be found half-written after a power cut; what is due at a start is
    sent by `nudge_everything`.
    """
    return app.Beat(
        scheduler="celery.beat:Scheduler",
        loglevel=settings.LOG_LEVEL,
        quiet=True,
    )


@celeryd_init.connect
def keep_temporary_files_with_ours(**_: Any) -> None:
    """Write what is large and passing to the disk that has room for it, never to a shared /tmp."""
    tempfile.tempdir = settings.FILE_UPLOAD_TEMP_DIR


@worker_ready.connect
def nudge_everything(**_: Any) -> None:
    """Send each task that the clock sends, once: debts may have waited while we were down."""
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        app.send_task(entry["task"], **entry["options"])


@task_prerun.connect
def begin(task: Any, **_: Any) -> None:
    """Remember when a task began."""
    task.request.began_s = time.monotonic()


@task_postrun.connect
def note(task: Any, state: str, retval: Any, **_: Any) -> None:
    """Let people see that workers live and how each task ended; a failure here is only logged."""
    seconds = time.monotonic() - getattr(task.request, "began_s", time.monotonic())
    queue = (task.request.delivery_info or {}).get("routing_key") or ""
    failure = "" if state == "SUCCESS" else type(retval).__name__
    import_string("server.upkeep.runs.ended")(task.name, queue, seconds, failure)
