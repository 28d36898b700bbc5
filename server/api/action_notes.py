"""Why something is done, as Central's clients say it: in the header `X-Action-Notes`."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import unquote

from rest_framework.request import Request


def of(request: Request) -> str:
    """Return the note of a request, which is escaped as in an address; "" where there is none.

    Others write UTF-8 as it is, which Python reads as Latin-1 (PEP 3333).
    """
    told = request.headers.get("X-Action-Notes", "")
    with suppress(UnicodeError):
        told = told.encode("latin-1").decode()
    return unquote(told).replace("\0", "")
