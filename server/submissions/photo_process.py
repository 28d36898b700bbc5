"""The process that reads photos, with limits of time and memory: the bytes are a stranger's.

To start it takes longer than to read ten photos, so one reads all of a run. One that a photo has
taken down is followed by another, which goes on with the next.
"""

from __future__ import annotations

import fcntl
import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

SECONDS = 10  # of processor time for one photo
PATIENCE = 6  # times as much by the clock: a busy machine gives us a part of the time
_PIPE_BYTES = 1 << 20  # so that a photo goes over at once; what a kernel gives without being asked
_ROOT = Path(__file__).resolve().parents[2]


class Reader:
    """A process that answers one photo after another; `close` ends it."""

    def __init__(self, program: str = "photo_reader") -> None:
        self._program = program  # of this folder: photo_reader, photo_scaler
        self._process: subprocess.Popen[bytes] | None = None  # started by the first photo

    def ask(self, content: bytes) -> str:
        """Return what the program says of a photo, a line of JSON; "" where it was too much."""
        process = self._process = self._process or _start(self._program)
        until = time.monotonic() + PATIENCE * SECONDS
        question = len(content).to_bytes(8, "big") + content
        answer = _answer(process, until) if _put(process, question, until) else b""
        if not answer.endswith(b"\n"):
            self.close()
            return ""
        return answer.decode("ascii")

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        # What was not written yet is for nobody.
        with suppress(BrokenPipeError), process:
            pass


def _start(program: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603  # our own command line
        [sys.executable, "-m", f"server.submissions.{program}", str(SECONDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # Pillow quotes what it complains about
        cwd=_ROOT,
        env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
        bufsize=0,
    )
    os.set_blocking(_file(process.stdin), False)
    with suppress(OSError):  # of this user, there are too many large ones
        fcntl.fcntl(_file(process.stdin), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return process


def _put(process: subprocess.Popen[bytes], content: bytes, until: float) -> bool:
    """Tell whether all of it could be written in time."""
    source, left = _file(process.stdin), memoryview(content)
    while left:
        if not _is_ready(source, select.POLLOUT, until):
            return False
        try:
            left = left[os.write(source, left) :]
        except BrokenPipeError:  # it has ended
            return False
    return True


def _answer(process: subprocess.Popen[bytes], until: float) -> bytes:
    """Return a whole line, or what there was of one when the time or the process was over."""
    answer, source = b"", _file(process.stdout)
    while not answer.endswith(b"\n") and _is_ready(source, select.POLLIN, until):
        more = os.read(source, 65_536)
        if not more:
            break
        answer += more
    return answer


def _is_ready(file: int, event: int, until: float) -> bool:
    waiting = select.poll()  # not select(), which stops at 1,024 open files
    waiting.register(file, event)
    return bool(waiting.poll(max(0.0, until - time.monotonic()) * 1000))


def _file(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise ValueError("the reader was started without its pipes")
    return pipe.fileno()
