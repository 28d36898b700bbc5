"""One `serve` in one data folder at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from server import embedded
from server.embedded.locks import open_lock
from server.errors import Problem

LEAVING_S = 20.0  # how long the children of a killed server may take to notice


class AlreadyServing(Problem):
    """`serve` runs already with this data folder."""

    code = "serve.already_running"
    status = 409
    vi = "Sổ Xã đang chạy rồi (tiến trình {pid}). Dừng nó bằng Ctrl-C ở cửa sổ kia trước."
    en = "Sổ Xã is running already (process {pid}). Stop it first, with Ctrl-C in its window."


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold the data folder for the length of the block. Raises AlreadyServing.

    The children hold it too (a lock passes through fork): after the server alone was killed, its
    successor waits here until they are gone, and finds the port free.
    """
    embedded.folder(var, "secrets")
    lock = open_lock(var / "serve.lock")
    deadline = time.monotonic() + LEAVING_S
    while not lock.can_take():
        pid = int(os.pread(lock.handle, 20, 0) or b"0")
        if psutil.pid_exists(pid) or time.monotonic() > deadline:
            lock.close()
            raise AlreadyServing(pid=pid)
        time.sleep(0.1)
    try:
        os.ftruncate(lock.handle, 0)
        os.pwrite(lock.handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        lock.close()
