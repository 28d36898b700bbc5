"""Answers that are no JSON: bytes that a view has already."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class Bytes(BaseRenderer):
    """What is given out as it is stored."""

    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return it."""
        return bytes(data)


class Xml(Bytes):
    """An XForm."""

    media_type = "application/xml"
    format = "xml"


class Xlsx(Bytes):
    """A workbook."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"


def named(name: str) -> dict[str, str]:
    """Return the headers of a file to be saved, never shown in a page of ours (RFC 6266).

    Twice: in ASCII for old programs, and as it is. What would end the header, name a folder or
    turn the name around on the screen, so that `.exe` reads as `gpj.`, is a `_`.
    """
    whole = "".join("_" if _is_unsafe(sign) else sign for sign in name).strip(". ") or "tep"
    folded = unicodedata.normalize("NFKD", whole.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign))
    plain = letters.encode("ascii", "replace").decode()
    for sign in '"\\%?':
        plain = plain.replace(sign, "_")
    return {
        "Content-Disposition": (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(whole, safe='')}"
        ),
        "X-Content-Type-Options": "nosniff",
    }


def table(request: Request, content: bytes, name: str) -> HttpResponse:
    """Return CSV to be saved, or 304 to whoever names the ETag of what it is by now.

    As at Central, also without its quotation marks: ruODK takes them off.
    """
    tag = hashlib.md5(content, usedforsecurity=False).hexdigest()
    is_known = tag in request.headers.get("If-None-Match", "")
    headers = {"ETag": f'"{tag}"', **({} if is_known else named(name))}
    return HttpResponse(
        b"" if is_known else content,
        status=304 if is_known else 200,
        content_type="text/csv; charset=utf-8",
        headers=headers,
    )


def _is_unsafe(sign: str) -> bool:
    return sign in "/\\" or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")
