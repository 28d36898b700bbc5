"""Which device is asking. A key stands in the address, or in `?st=` (openrosa.md §5.2)."""

from __future__ import annotations

from django.http import HttpRequest

from server.projects import access
from server.projects.models import AppUser
from server.projects.problems import KeyMissing


def key(request: HttpRequest, token: str) -> str:
    """Return the key of a request; one in the path wins. Raises KeyMissing (401)."""
    given = token or request.GET.get("st", "")
    if not given:
        raise KeyMissing
    return given


def app_user(request: HttpRequest, project_id: int, token: str) -> AppUser:
    """Return the device that asks.

    Raises KeyMissing and KeyMalformed (401), KeyUnknown, KeyRevoked and KeyExpired (403).
    """
    return access.app_user(key(request, token), project_id)
