"""Answers that are no JSON: bytes that a view has already."""

from __future__ import annotations

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
    """Return the headers of a file to be saved, never shown in a page of ours."""
    plain = name.encode("ascii", "replace").decode().replace("\\", "_").replace('"', "_")
    return {
        "Content-Disposition": (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
        ),
        "X-Content-Type-Options": "nosniff",
    }
