"""Answers that are no JSON: bytes that a view has already."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from rest_framework.renderers import BaseRenderer


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


def _is_unsafe(sign: str) -> bool:
    return sign in "/\\" or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")
