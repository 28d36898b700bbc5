"""A process that lets others go first where the cores are busy, and its database with it.

Nice alone does nothing here: Linux shares the cores out among sessions first ("autogroup", see
sched(7)) and looks at nice only within one. Each child of `serve` is a session of its own, and so
is each process of PostgreSQL that works for a connection. So the session is told as well.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

from django.db.backends.signals import connection_created

_AGAIN_S = 0.11  # the kernel takes one such wish in a tenth of a second from all who are not root
_TRIES = 20


def stand_back(nice: int, *, has_database_here: bool) -> None:
    """Let every other process go first from now on. Where the system has no such thing, nothing.

    nice: 1 to 19, the more the farther back.
    has_database_here: PostgreSQL runs on this machine under our hands, so that the number that a
    connection tells is that of a process here; what it does for us then stands back, too.
    """
    _put_back(os.getpid(), nice)
    if has_database_here:
        connection_created.connect(
            lambda connection, **_: _put_back(_backend(connection), nice),
            weak=False,
            dispatch_uid="server.serving.patience",
        )


def _backend(connection: Any) -> int:
    return int(connection.connection.info.backend_pid)


def _put_back(pid: int, nice: int) -> None:
    with suppress(OSError):  # it has ended, or is somebody else's: nothing depends on it
        os.setpriority(os.PRIO_PROCESS, pid, nice)
        if os.getsid(pid) != pid:
            return  # others are in its session, and are not to be put back with it
        for _ in range(_TRIES):
            with suppress(BlockingIOError):
                _tell_session(pid, nice)
                return
            time.sleep(_AGAIN_S)


def _tell_session(pid: int, nice: int) -> None:
    handle = os.open(f"/proc/{pid}/autogroup", os.O_WRONLY)
    try:
        os.write(handle, str(nice).encode())
    finally:
        os.close(handle)
