"""The code that a phone scans to set itself up (openrosa.md §5.4).

base64 of zlib of JSON: Collect's scanner takes nothing plainer. `general` and `admin` must both be
there, else the whole code is refused.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Mapping

import segno
from segno import QRCode

_COLOUR = "#6a3fa0"

Settings = Mapping[str, Mapping[str, str | bool]]


def settings_for(server_url: str, project_name: str, username: str, password: str = "") -> Settings:
    """Return Collect's settings for one device.

    `username` is what the forms read as `username`, to know which inspector holds the phone; with
    a password it is also what Collect signs in with. What is not named here is reset to Collect's
    default.
    """
    return {
        "general": {
            "server_url": server_url,
            **({"username": username, "password": password} if password else {}),
            "app_language": "vi",
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
            # A phone that is lost must not hold what was already sent (domain.md §6.0).
            "delete_send": True,
            "analytics": False,
            "metadata_username": username,
        },
        "admin": {},
        "project": {"name": project_name, "icon": project_name[:1], "color": _COLOUR},
    }


def settings_for_draft(server_url: str, title: str) -> Settings:
    """Return Collect's settings for trying a draft: a project of its own that cannot be mistaken.

    As Central's code for the same (openrosa.md §5.4, AU22), in the language of our users.
    """
    return {
        "general": {
            "server_url": server_url,
            "app_language": "vi",
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
            "analytics": False,
        },
        "admin": {},
        "project": {"name": f"[Bản thử] {title}", "icon": "📝", "color": _COLOUR},
    }


def text(settings: Settings) -> str:
    """Return what the code says."""
    plain = json.dumps(settings, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode()


def terminal(text: str) -> str:
    """Draw the code with half blocks, for a screen of characters."""
    out = io.StringIO()
    _code(text).terminal(out, border=2, compact=True)
    return out.getvalue()


def png(text: str) -> bytes:
    """Draw the code as a picture, 4 pixels a module, with the quiet zone of the standard."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", scale=4, border=4)
    return out.getvalue()


def svg(text: str) -> str:
    """Draw the code as a picture of lines, as large as the place in the page that it stands in."""
    drawn: str = _code(text).svg_inline(border=4, omitsize=True)  # else a smaller place cuts it
    return drawn


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the code as rows of dark or not, without a quiet zone."""
    return tuple(tuple(bool(module) for module in row) for row in _code(text).matrix)


def _code(text: str) -> QRCode:
    # Least redundancy: fewer and larger modules are what an old camera wants.
    return segno.make(text, error="l", micro=False)
