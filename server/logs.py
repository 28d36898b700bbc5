"""Logs that can be shown to anyone: no device key, no password, no answer.

A device's key stands in every URL it asks for (openrosa.md §5.2), and PostgreSQL quotes the row
or the statement that it refuses in its errors, answers and all. So every line is masked here,
whoever wrote it.
"""

from __future__ import annotations

import logging
import re

_KEY = re.compile(r"(/v1/(?:key|test)/|[?&]st=)[^/\s?&\"']+")
_QUOTED_BY_DATABASE = re.compile(r"((?:DETAIL|CONTEXT|LINE \d+):).*")


def mask(text: str) -> str:
    """Return `text` without device keys, and without what the database quotes in its errors.

    E.g. `/v1/key/***/projects/1/formList`, `DETAIL: ***`.
    """
    return _QUOTED_BY_DATABASE.sub(r"\1 ***", _KEY.sub(r"\1***", text))


class MaskKeys(logging.Filter):
    """Masks every record on its way out, its arguments and its traceback too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, masked."""
        record.msg = mask(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
        return True
