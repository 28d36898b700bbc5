"""Logs that can be shown to anyone: no device key, no link for a password, no answer.

A device's key stands in every URL it asks for (openrosa.md §5.2), and PostgreSQL quotes the row
or the statement that it refuses in its errors, answers and all. So every line is masked here,
whoever wrote it.
"""

from __future__ import annotations

import logging
import re

_KEY = re.compile(r"(/v1/(?:key|test)/|/dat-mat-khau/|/loi-moi/|[?&]st=)[^/\s?&\"']+")
# A stranger's path may hold a line of its own, which would read like one of ours (features.md T23).
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_QUOTED_BY_DATABASE = re.compile(r"((?:DETAIL|CONTEXT|LINE \d+):).*")


def mask(text: str) -> str:
    """Return `text` without device keys, and without what the database quotes in its errors.

    E.g. `/v1/key/***/projects/1/formList`, `DETAIL: ***`.
    """
    return _QUOTED_BY_DATABASE.sub(r"\1 ***", _KEY.sub(r"\1***", text))


def _escaped(control: re.Match[str]) -> str:
    return repr(control[0])[1:-1]


class WithoutTraceback(logging.Filter):
    """Makes one quiet line of what strangers cause: where in Django it was noticed says nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through as a warning of one line."""
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class MaskKeys(logging.Filter):
    """Masks every record on its way out, its arguments and its traceback too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, masked and on one line; only tracebacks have several."""
        record.msg = _CONTROL.sub(_escaped, mask(record.getMessage()))
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
        return True
