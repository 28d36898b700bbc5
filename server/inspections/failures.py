"""Say what failed without saying what was answered.

The text of an error can hold answers: PostgreSQL quotes the whole row that it refuses («DETAIL:
Failing row contains …»), a parser quotes what it could not read. Logs are read by people who may
not see answers, so they get the kind of the error and the place in the code, never its text.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from server.errors import Problem

_ROOT = Path(__file__).resolve().parents[2]


def cause(error: BaseException) -> str:
    """Return the kind of an error: a Problem's code, else the name of its class."""
    return error.code if isinstance(error, Problem) else type(error).__name__


def whereabouts(error: BaseException) -> str:
    """Return the kind of an error and the lines of our code that it passed, innermost last."""
    ours = [
        f"{Path(frame.filename).relative_to(_ROOT)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_ROOT / "server")
    ]
    return f"{cause(error)} ({' > '.join(ours)})"
