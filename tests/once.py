"""What takes long to make and harms nobody to share: made once for all of xdist's workers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from server.embedded.locks import alone
from tests.throwaway import MARK


def once(name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that `make` has filled in this session, in whichever worker came first.

    Nobody may change what is in it. It goes when the session ends.
    """
    shared = Path(os.environ[MARK]) / "once"
    shared.mkdir(exist_ok=True)
    folder, made = shared / name, shared / f"{name}.made"
    with alone(shared / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed at it
            folder.mkdir()
            make(folder)
            made.touch()
    return folder
