"""Which edge an address means that both have.

`/v1/projects/1/forms/a.xml` is how a phone with a password fetches a form and how a program with a
session does (openrosa.md §5.3, §6.2). Who calls is told by the `Authorization` header: devices
have no sessions, and their user names hold no `@`. Wiring, as server.urls is, and imported by
nobody.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

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
_PATH = re.compile(r"(?:https?://[^/?]*)?(/[^?]*)", re.IGNORECASE)
# Stands for one in a name until a view is called; no text holds it (Unicode 16.0 §23.7).
_SLASH = "\ufdd0"
_BEFORE_SIGNING_IN = "/v1/sessions/"  # programs have nothing to show yet that they are ones


class Packing(GZipMiddleware):
    """Packs what is text, and leaves alone what can be fetched in parts (middleware).

    A part of a file is a part of its bytes as they are; photos and archives are packed already.
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Pack an answer if the caller takes that and it is worth it."""
        if response.has_header("Accept-Ranges"):
            return response
        return super().process_response(request, response)


class SlashesOfNames:
    """Keeps a slash that is part of a name apart from those between names (middleware).

    Form ids, versions and instanceIDs are people's and phones' own text; clients write `%2F` for a
    slash in one, which WSGI decodes before anybody can tell. What was sent stands in REQUEST_URI
    (waitress; RAW_URI of gunicorn); of a server that tells neither, such addresses are not found.
    """

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let addresses be found as they were sent."""
        sent = request.META.get("REQUEST_URI") or request.META.get("RAW_URI") or ""
        path = _PATH.fullmatch(sent.partition("?")[0])
        if path is not None and "%2f" in path[1].lower():
            parts = re.split("%2F", path[1], flags=re.IGNORECASE)
            found = _SLASH.join(unquote(part, errors="surrogateescape") for part in parts)
            if found.replace(_SLASH, "/") == request.path_info:
                request.path_info = found
        return self._answer(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, names: dict[str, Any]
    ) -> None:
        """Give views the names as they are."""
        if _SLASH in request.path_info:
            names.update(
                (name, value.replace(_SLASH, "/"))
                for name, value in names.items()
                if isinstance(value, str)
            )


def programs_first(answer: _Answer) -> _Answer:
    """Send programs to the API where a device would be sent to OpenRosa (middleware).

    A slash that they write behind an address is passed over, as Central passes it over.
    """

    def send(request: HttpRequest) -> HttpResponseBase:
        of_program = is_program(request)
        if of_program:
            request.urlconf = "server.edges"
        path = request.path_info
        may_end_so = of_program or path == _BEFORE_SIGNING_IN
        if may_end_so and path.startswith("/v1/") and not path.endswith("//"):
            request.path_info = path.removesuffix("/")
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
