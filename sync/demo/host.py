"""The server that the demonstration sends to: the one that runs, or one started for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import IO

import server
from server.errors import Problem
from sync.collect import Collect

STARTING_S = 300.0  # the first start makes the database


class ServerDidNotStart(Problem):
    """No server runs, and one that was started for the demonstration ended at once."""

    code = "demo.server_did_not_start"
    status = 503
    vi = "Máy chủ không khởi động được: {last} Nếu nó đang chạy ở cổng khác: PORT=8001 make demo"
    en = "The server did not start: {last} If it runs on another port: PORT=8001 make demo"


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
def started() -> Iterator[str]:
    """Serve for the length of the block on a free port; give the address.

    Raises ServerDidNotStart.
    """
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    environ = {**os.environ, "PORT": str(port), "BIND": "127.0.0.1", "LOG_LEVEL": "WARNING"}
    command = [sys.executable, str(Path(server.__path__[0]) / "manage.py"), "serve"]
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            command, env=environ, stdin=subprocess.DEVNULL, stdout=words, stderr=words
        )
        try:
            _wait_until_ready(base, process, words)
            yield base
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _wait_until_ready(base: str, process: subprocess.Popen[bytes], words: IO[bytes]) -> None:
    deadline = time.monotonic() + STARTING_S
    while not is_serving(base):
        if process.poll() is not None or time.monotonic() > deadline:
            words.seek(0)
            lines = words.read().decode(errors="replace").strip().splitlines()
            raise ServerDidNotStart(last=lines[-1] if lines else "-")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
