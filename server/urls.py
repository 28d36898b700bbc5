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
    path("", include("server.api.browser_urls")),
    path("", include("server.console.urls")),
    path("healthz", import_string("server.health.healthz")),
]

# What Django itself refuses must reach a phone in OpenRosa's XML, a program in JSON, a person as a
# page.
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
    found: Any = import_string(f"{_edge(request)}.{name}")
    answer: _Answer = found
    return answer


def _edge(request: HttpRequest) -> str:
    # A device with a user name and password has no key in its address; it says what it speaks.
    if (
        request.path.startswith(("/v1/key/", "/v1/test/"))
        or "X-OpenRosa-Version" in request.headers
    ):
        return "sync.endpoint"
    is_page = "text/html" in request.headers.get("Accept", "") or "HX-Request" in request.headers
    if is_page and not request.path.startswith("/v1/"):
        return "server.console.errors"
    return "server.api.errors"
