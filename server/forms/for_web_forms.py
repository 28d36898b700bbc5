"""A form with what ODK Web Forms 0.22 cannot evaluate said otherwise. No Django here.

Its `date` and `decimal-date-time` take text and numbers, and stop at the answer to a question,
which phones take as text; the form or the record is then not opened at all. What phones get stays
as it was published.
"""

from __future__ import annotations

import re

# A path and nothing more: ` /data/h/h_date `, `../d`, `.`.
_OF_AN_ANSWER = re.compile(
    rb"(?<![\w.-])(date|decimal-date-time)\(\s*((?:\.{0,2}/)[\w./-]+|\.)\s*\)"
)


def readable(xform: bytes) -> bytes:
    """Return a form that means the same and that the engine can evaluate."""
    return _OF_AN_ANSWER.sub(rb"\1(string(\2))", xform)
