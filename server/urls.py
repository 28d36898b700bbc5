"""Every address there is, by edge. Wiring: each edge is named, none is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("sync.urls")),
    path("", include("server.api.urls")),
    path("healthz", import_string("server.health.healthz")),
]

# What Django itself refuses must reach a phone in OpenRosa's XML and a program in JSON.
handler400 = "server.urls.refused"
handler404 = "server.urls.not_found"
handler500 = "server.urls.failed"

_Answer = Callable[..., HttpResponseBase]


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Answer what Django refused before any view saw it."""
    return _of_edge(request, "refused_request")(request, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Answer an address that leads nowhere."""
    return _of_edge(request, "unknown_address")(request, exception)


def failed(request: HttpRequest) -> HttpResponseBase:
    """Answer when something outside every view broke."""
    return _of_edge(request, "failed")(request)


def _of_edge(request: HttpRequest, name: str) -> _Answer:
    # A device with a user name and password has no key in its address; it says what it speaks.
    is_device = (
        request.path.startswith(("/v1/key/", "/v1/test/"))
        or "X-OpenRosa-Version" in request.headers
    )
    found: Any = import_string(f"{'sync.endpoint' if is_device else 'server.api.errors'}.{name}")
    answer: _Answer = found
    return answer
