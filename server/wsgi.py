"""The application as HTTP servers see it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cache
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
_django = get_wsgi_application()

from django.conf import settings  # noqa: E402  (set up above)
from whitenoise import WhiteNoise  # noqa: E402

from server.postgres.patience import waiting_at_most  # noqa: E402

_HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+\Z")


@cache
def whole() -> WhiteNoise:
    """Return Django behind the static files, as they are at the first request.

    Not when this module is imported: `serve` gathers them after that.
    """
    return WhiteNoise(
        _django,
        root=settings.STATIC_ROOT,
        prefix=settings.STATIC_URL,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: bool(_HASHED.search(url)),
        add_headers_function=lambda headers, _path, _url: headers.add_header(
            "X-Content-Type-Options", "nosniff"
        ),
    )


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request, HEAD without a body.

    Django leaves that to the HTTP server, and waitress sends whatever it is given. A phone that
    keeps its line open would read the body as the beginning of the next answer.
    """
    with waiting_at_most(settings.DATABASE_TIMEOUT_S):  # what is streamed later has time
        return _answered(environ, start_response)


def _answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] != "HEAD":
        answer: Iterable[bytes] = whole()(environ, start_response)
        return answer
    # A file that is zipped on its way has no length, and then waitress writes the end of a body.
    environ.pop("HTTP_ACCEPT_ENCODING", None)
    answered = whole()(environ, start_response)
    getattr(answered, "close", lambda: None)()
    return []
