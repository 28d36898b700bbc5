"""Which bytes of a file are asked for (RFC 9110 §14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from server.api.problems import RangeUnsatisfiable

_ONE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes that follow each other."""

    start: int
    length: int  # at least 1

    def said(self, size: int) -> str:
        """Return it as Content-Range says it."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def part(header: str, if_range: str, tag: str, size: int) -> Part | None:
    """Return the part that `Range` asks for; None for all of it.

    tag: of the file as it is, with its quotes. A part of what the file was before (`If-Range`) is
    answered with all of it, and so are several parts at once and what cannot be read.
    Raises RangeUnsatisfiable.
    """
    found = _ONE.fullmatch(header)
    if found is None or (if_range and if_range.strip() != tag):
        return None
    first, last = found.groups()
    if not first:
        if not last:
            return None
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < int(first):
            return None
    if start >= size or start >= end:
        raise RangeUnsatisfiable(size=size)
    return Part(start, end - start)
