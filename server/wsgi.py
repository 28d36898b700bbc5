"""The application as HTTP servers see it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
_django = get_wsgi_application()

from django.conf import settings  # noqa: E402  (set up above)

from server.postgres.patience import waiting_at_most  # noqa: E402


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request, HEAD without a body.

    Django leaves that to the HTTP server, and waitress sends whatever it is given. A phone that
    keeps its line open would read the body as the beginning of the next answer.
    """
    with waiting_at_most(settings.DATABASE_TIMEOUT_S):  # what is streamed later has time
        return _answered(environ, start_response)


def _answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] != "HEAD":
        return _django(environ, start_response)
    # A file that is zipped on its way has no length, and then waitress writes the end of a body.
    environ.pop("HTTP_ACCEPT_ENCODING", None)
    _django(environ, start_response).close()
    return []
