"""Compile in a process of its own, with limits of time and memory (features.md T10).

A workbook comes from a person, and 10 MB of it can ask for gigabytes. The process gets no
settings, no database and no secret; it also keeps pyxform out of the server's memory and fixes
the order of Python's sets, so that the same workbook gives the same bytes everywhere.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from server.forms import wire
from server.forms.compiled import CompiledForm
from server.forms.problems import CompilingTooDear

SECONDS = 30  # of processor time; kt_18_5 takes 1
MEGABYTES = 512  # of addresses; 20 000 questions took 129 MB (features.md T10)
TOO_DEAR = 77  # what sandboxed exits with when it is out of memory

_ROOT = Path(__file__).resolve().parents[2]


def compile_apart(workbook: bytes) -> CompiledForm:
    """Compile a workbook, as compile.compile_workbook does, without harm to this process.

    Raises what compile_workbook raises, and CompilingTooDear beyond SECONDS or MEGABYTES.
    """
    command = [sys.executable, "-m", "server.forms.sandboxed", str(SECONDS), str(MEGABYTES)]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603  # our own command line
            command,
            input=workbook,
            capture_output=True,
            cwd=_ROOT,
            env=environment,
            timeout=2 * SECONDS,  # on the clock: a busy machine gives us half the time
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_dear() from error
    if done.returncode in (TOO_DEAR, -signal.SIGXCPU, -signal.SIGKILL):
        raise _too_dear()
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))
    return wire.load(done.stdout)


def _too_dear() -> CompilingTooDear:
    return CompilingTooDear(seconds=SECONDS, megabytes=MEGABYTES)
