"""Whoever makes a file and hangs ends, so that another begins anew: nobody may wait for ever.

A process that died is started again and finds its file silent. One that hangs would be waited for
by all that is owed after it, where it is the only one, as under `make serve`.
"""

from __future__ import annotations

import faulthandler
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

# As long as others wait before they take its place, and that again: it may only be slow.
_TIMES = 2
_STDERR = 2


@contextmanager
def watched() -> Iterator[Callable[[], None]]:
    """Yield what is to be called as a sign of life: without one for 2 EXPORT_STALE_S we end.

    Its log then has the lines of code at which the process hung. A clock in C sees to it, which
    needs nothing of what may hang, not even the lock of the interpreter.
    """
    within_s = _TIMES * settings.EXPORT_STALE_S

    def alive() -> None:  # 45 µs
        # Not sys.stderr: Celery puts something in its place that is no file.
        faulthandler.dump_traceback_later(within_s, exit=True, file=_STDERR)

    alive()
    try:
        yield alive
    finally:
        faulthandler.cancel_dump_traceback_later()
