"""The server that the demonstration sends to: the one that runs, or one started for it.

The benches and the journeys among the tests start theirs the same way.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from types import FrameType
from typing import IO

import server
from server.errors import Problem
from sync.collect import Collect

STARTING_S = 300.0  # the first start makes the database
MANAGE = (sys.executable, str(Path(server.__path__[0]) / "manage.py"))


class ServerDidNotStart(Problem):
    """No server runs, and one that was started for the purpose ended at once."""

    code = "demo.server_did_not_start"
    status = 503
    vi = "Máy chủ không khởi động được: {last} Nếu nó đang chạy ở cổng khác: PORT=8001 make demo"
    en = "The server did not start: {last} If it runs on another port: PORT=8001 make demo"


@dataclass(frozen=True, slots=True)
class Host:
    """A server that we started, as `make serve` starts it, and that answers."""

    base: str  # "http://127.0.0.1:49152"
    process: subprocess.Popen[bytes]  # the parent of all its processes
    environ: Mapping[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command on its data and return what it printed.

        Raises subprocess.CalledProcessError.
        """
        done = subprocess.run(  # noqa: S603  (our own program)
            [*MANAGE, *arguments], env=dict(self.environ), stdout=subprocess.PIPE, check=True
        )
        return done.stdout.decode()

    def stop(self) -> None:
        """Stop it as Ctrl-C does, and wait until all of it has gone."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait()


def is_serving(base: str) -> bool:
    """Tell whether a server answers that it is ready."""
    asking = Collect(base)
    try:
        return asking.ask("GET", f"{base}/healthz").status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()


@contextmanager
def started(settings: Mapping[str, str] | None = None) -> Iterator[Host]:
    """Serve for the length of the block; `kill` ends the server too. Raises ServerDidNotStart."""
    before = signal.signal(signal.SIGTERM, _told_to_end)
    try:
        host = start(settings)
        try:
            yield host
        finally:
            host.stop()
    finally:
        signal.signal(signal.SIGTERM, before)


def start(settings: Mapping[str, str] | None = None) -> Host:
    """Start a server and return when it is ready. Raises ServerDidNotStart.

    settings: environment variables beside our own; without PORT a free one is taken.
    """
    environ = {**os.environ, "BIND": "127.0.0.1", "LOG_LEVEL": "WARNING", "PORT": _free_port()}
    environ |= settings or {}
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            [*MANAGE, "serve"], env=environ, stdin=subprocess.DEVNULL, stdout=words, stderr=words
        )
        host = Host(f"http://127.0.0.1:{environ['PORT']}", process, environ)
        try:
            _wait_until_ready(host, words)
        except BaseException:
            host.stop()
            raise
    return host


def _wait_until_ready(host: Host, words: IO[bytes]) -> None:
    deadline = time.monotonic() + STARTING_S
    while not is_serving(host.base):
        if host.process.poll() is not None or time.monotonic() > deadline:
            words.seek(0)
            lines = words.read().decode(errors="replace").strip().splitlines()
            raise ServerDidNotStart(last=lines[-1] if lines else "-")
        time.sleep(0.1)


def _told_to_end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(143)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
