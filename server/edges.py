"""Which edge an address means that both have.

`/v1/projects/1/forms/a.xml` is how a phone with a password fetches a form and how a program with a
session does (openrosa.md §5.3, §6.2). Who calls is told by the `Authorization` header: devices
have no sessions, and their user names hold no `@`. Wiring, as server.urls is, and imported by
nobody.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string

# Views tell workers of what is owed; without this they would tell a broker that is not ours.
import_string("server.celery.app")

# As server.urls, in the other order.
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("server.api.urls")),
    path("", include("sync.urls")),
    path("healthz", import_string("server.health.healthz")),
]
handler400 = "server.urls.refused"
handler404 = "server.urls.not_found"
handler500 = "server.urls.failed"

_Answer = Callable[[HttpRequest], HttpResponseBase]


class Packing(GZipMiddleware):
    """Packs what is text, and leaves alone what can be fetched in parts (middleware).

    A part of a file is a part of its bytes as they are; photos and archives are packed already.
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Pack an answer if the caller takes that and it is worth it."""
        if response.has_header("Accept-Ranges"):
            return response
        return super().process_response(request, response)


def programs_first(answer: _Answer) -> _Answer:
    """Send programs to the API where a device would be sent to OpenRosa (middleware).

    A slash that they write behind an address is passed over, as Central passes it over.
    """

    def send(request: HttpRequest) -> HttpResponseBase:
        if is_program(request):
            request.urlconf = "server.edges"
            if request.path_info.startswith("/v1/") and not request.path_info.endswith("//"):
                request.path_info = request.path_info.removesuffix("/")
                request.path = request.path.removesuffix("/")
        return answer(request)

    return send


def is_program(request: HttpRequest) -> bool:
    """Tell whether a request carries a person's session or password, and no OpenRosa header."""
    if "X-OpenRosa-Version" in request.headers:
        return False
    kind, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" or (kind.lower() == "basic" and _names_a_person(credentials))


def _names_a_person(credentials: str) -> bool:
    try:
        username = base64.b64decode(credentials.strip(), validate=True).partition(b":")[0]
    except ValueError:
        return False
    return b"@" in username
