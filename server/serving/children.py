"""A family of processes: children are forked, looked after, and never outlive their parent."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

STOPPING_S = 15.0  # how long a child may take to finish what it is doing
ASKING_S = 1.0  # between two requests: a child that is still starting may overhear the first
SHORT_LIFE_S = 5.0  # a child that dies sooner is started again after a growing pause
LONGEST_PAUSE_S = 30.0


@dataclass(slots=True)
class Child:
    """One process of the family. `run` returns when it has been told to stop by SIGTERM."""

    name: str
    run: Callable[[], None]
    pid: int = 0  # 0: not running
    started_at: float = 0.0  # time.monotonic()
    pause_s: float = 0.0  # before it is started again


@dataclass(slots=True)
class Family:
    """The children of this process.

    Each child holds the reading end of a pipe whose other end only we hold: when we are gone,
    however we went, the kernel closes it and they stop.
    """

    children: list[Child]
    _ours: int = field(default=-1, init=False)
    _theirs: int = field(default=-1, init=False)

    def start(self) -> None:
        """Start every child."""
        self._theirs, self._ours = os.pipe()
        for child in self.children:
            self._start(child)

    def look_after(self) -> None:
        """Start again whoever has died. Call it often; it never waits."""
        for child in self.children:
            if child.pid and (status := _ended(child.pid)) is not None:
                lived_s = time.monotonic() - child.started_at
                child.pause_s = (
                    min(max(child.pause_s * 2, 1.0), LONGEST_PAUSE_S)
                    if lived_s < SHORT_LIFE_S
                    else 0.0
                )
                log.error(
                    "%s (pid %s) ended: %s; starting it again in %.0f s",
                    child.name,
                    child.pid,
                    status,
                    child.pause_s,
                )
                child.pid, child.started_at = 0, time.monotonic()
            if not child.pid and time.monotonic() - child.started_at >= child.pause_s:
                self._start(child)

    def stop(self) -> None:
        """Ask every child to stop, wait for it, and kill those that do not."""
        begun = asked = time.monotonic()
        self._tell_all(signal.SIGTERM)
        while any(self._is_running(child) for child in self.children):
            now = time.monotonic()
            if now - begun > STOPPING_S:
                self._tell_all(signal.SIGKILL)
            elif now - asked > ASKING_S:
                asked = now
                self._tell_all(signal.SIGTERM)
            time.sleep(0.02)
        os.close(self._ours)
        os.close(self._theirs)

    def _tell_all(self, number: signal.Signals) -> None:
        for child in self.children:
            if child.pid:
                os.kill(child.pid, number)  # ours and not yet waited for: the pid is still its own

    def _is_running(self, child: Child) -> bool:
        if child.pid and _ended(child.pid) is not None:
            child.pid = 0
        return child.pid != 0

    def _start(self, child: Child) -> None:
        # The flush keeps the child from printing once more what we have not printed yet.
        sys.stdout.flush()
        sys.stderr.flush()
        child.pid, child.started_at = os.fork(), time.monotonic()
        if child.pid == 0:
            self._live(child)

    def _live(self, child: Child) -> None:
        """Be the child; never returns."""
        code = 1
        try:
            # A session of its own: Ctrl-C in the terminal reaches the parent alone, which then
            # tells its children in its own order.
            os.setsid()
            os.close(self._ours)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            threading.Thread(target=_end_with_parent, args=(self._theirs,), daemon=True).start()
            child.run()
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0
        except BaseException:  # the last frame of a process: say it, and end
            log.exception("%s failed", child.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _end_with_parent(pipe: int) -> None:
    os.read(pipe, 1)  # returns when the parent's end is closed; nobody ever writes
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOPPING_S)
    os._exit(1)


def _ended(pid: int) -> str | None:
    """Return how the child ended, None while it runs. One that was stopped is told to go on."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
    except ChildProcessError:
        return "gone"
    if not ended:
        return None
    if os.WIFSTOPPED(status):
        # What it was making would wait for ever: it has not died, so nobody takes its place.
        log.warning("pid %s was stopped by signal %s; it goes on", pid, os.WSTOPSIG(status))
        os.kill(pid, signal.SIGCONT)
        return None
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"exit code {code}"
