"""`make serve`: prepare everything, then keep web, worker and clock running until Ctrl-C."""

from __future__ import annotations

import gc
import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import get_resolver
from django.utils import timezone

from server import celery, embedded, memory
from server.communes import locate
from server.errors import Problem
from server.inspections import suppression_solver
from server.projects import qr
from server.serving import first, patience, web, words
from server.serving.alone import only_one
from server.serving.children import Child, Family
from server.wsgi import application, whole
from sync import home

_SOMEWHERE = (105.84, 21.59)  # lon, lat, degrees WGS 84; in the province
_PATIENCE = 10  # of the worker that makes exports: a core is theirs only while nobody waits for it
_OFTEN = (700, 10, 10)  # Python's own; manage.py begins with others
# Ctrl-C, `kill`, and the terminal that was closed.
_TELLING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(BaseCommand):
    """Serve on this machine."""

    help = "Chạy cả hệ thống trên máy này (web, việc nền, cơ sở dữ liệu), đến khi Ctrl-C."
    requires_system_checks: list[str] = []  # they need the database, which we start ourselves

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until we are told to stop."""
        for number in _TELLING:
            signal.signal(number, signal.default_int_handler)
        try:
            with only_one(settings.VAR), _database() as database, _port() as listener:
                self._serve(listener, database)
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        except KeyboardInterrupt:
            raise SystemExit(130) from None

    def _serve(self, listener: socket.socket, database: embedded.Use | None) -> None:
        first.clear_leftovers(settings.VAR)
        ready = first.prepare(self.stdout)
        welcome = _welcome(ready)
        family = Family(_children(listener, has_database_here=database is not None))
        _warm_up()
        told = _note_what_we_are_told()
        listener.listen(web.BACKLOG)
        family.start()
        try:
            self.stdout.write(welcome)
            self.stdout.flush()
            while not told:
                time.sleep(0.25)
                family.look_after()
                if database is not None:
                    database.look_after()
        finally:
            self.stdout.write("Đang dừng…")
            family.stop()


def _welcome(ready: first.Ready) -> str:
    base = words.address(settings.PUBLIC_URL, settings.BIND, settings.PORT)
    home.note(base)
    if ready.app_user is None:
        return words.ready_words(base, ready, "")
    device_url = words.device_url(base, ready)
    device = qr.settings_for(device_url, ready.project.name, ready.app_user.username)
    return words.ready_words(base, ready, qr.terminal(qr.text(device)))


def _note_what_we_are_told() -> list[int]:
    """Return a list that telling signals are put in from now on, instead of breaking us off.

    A list and not a threading.Event: its lock is not to be had when the signal arrives while we
    wait for it.
    """
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in _TELLING:
        signal.signal(number, note)
    return told


def _database() -> AbstractContextManager[embedded.Use | None]:
    """Use the PostgreSQL that comes with the project, unless DATABASE_URL names another."""
    return nullcontext() if os.environ.get("DATABASE_URL") else embedded.used(settings.VAR)


@contextmanager
def _port() -> Iterator[socket.socket]:
    # Taken before the work and opened after it: a taken port is told at once, and nobody is
    # answered by a server that is not ready.
    with web.bound(settings.BIND, settings.PORT) as listener:
        yield listener


def _warm_up() -> None:
    """Import what requests need, once, so that the children share its memory."""
    get_resolver().url_patterns  # noqa: B018  (reading it imports every view)
    whole()  # names of static files
    # The polygons of today, prepared once instead of by every process anew at its first question.
    locate.current().locate_one(*_SOMEWHERE, timezone.localdate())
    suppression_solver.library()
    connections.close_all()  # a connection must not be shared across a fork
    # All this stays: the children's collectors need not walk it, nor make its pages their own.
    gc.collect()
    gc.freeze()
    memory.give_back()  # what preparing took, 60 MB at a first start: each child would count it
    gc.set_threshold(*_OFTEN)
    tempfile.tempdir = settings.FILE_UPLOAD_TEMP_DIR  # never the shared /tmp


def _children(listener: socket.socket, *, has_database_here: bool) -> list[Child]:
    limits = web.Limits(
        threads=settings.WEB_THREADS,
        # The device edge refuses with a sentence what is above MAX_POST_BYTES; waitress, which
        # can only cut the connection, guards the disk a good deal above that.
        max_body=2 * settings.MAX_POST_BYTES,
        trusted_proxy=settings.PROXY_ADDRESS if settings.BEHIND_TLS_PROXY else None,
    )
    pages = [
        Child(f"web {n + 1}", lambda: web.serve(application, listener, limits))
        for n in range(settings.WEB_PROCESSES)
    ]
    if settings.BROKER_URL:  # then ordinary Celery workers and beat run beside us
        return pages
    worker = Child("worker", lambda: celery.worker().start())
    exports = Child("exports", lambda: _make_exports(has_database_here))
    clock = Child("clock", lambda: celery.clock().run())
    return [*pages, worker, clock, exports]


def _make_exports(has_database_here: bool) -> None:
    """Make what people ask for with what phones and pages leave of the machine."""
    patience.stand_back(_PATIENCE, has_database_here=has_database_here)
    celery.worker("exports").start()
