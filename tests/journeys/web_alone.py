"""`python -m tests.journeys.web_alone PORT`: the web processes of `serve`, again as soon as killed.

The same application in the same HTTP server, in as many processes, on the same database. `serve`
itself waits longer and longer before it starts again what dies at once; this does not, so that a
test can kill them every few inspections.
"""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.urls import get_resolver  # noqa: E402
from django.utils import timezone  # noqa: E402

from server import embedded  # noqa: E402
from server.communes import locate  # noqa: E402
from server.serving import web  # noqa: E402
from server.wsgi import application  # noqa: E402

PROCESSES = 2
READY = "ready"
IN_THE_PROVINCE = (105.84, 21.59)  # degrees


def main() -> None:
    """Serve until killed."""
    limits = web.Limits(threads=4, max_body=settings.MAX_POST_BYTES, trusted_proxy=None)
    get_resolver().url_patterns  # noqa: B018  (reading it imports every view)
    with embedded.used(settings.VAR), web.bound("127.0.0.1", int(sys.argv[1])) as listener:
        # Prepared once, as `serve` does, and not by every process anew at its first question.
        locate.current().locate_one(*IN_THE_PROVINCE, timezone.localdate())
        connections.close_all()  # a connection must not be shared across a fork
        listener.listen(web.BACKLOG)
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        for _ in range(PROCESSES):
            _fork(lambda: web.serve(application, listener, limits))
        while True:
            os.wait()
            _fork(lambda: web.serve(application, listener, limits))


def _fork(run: object) -> None:
    if os.fork() == 0:
        try:
            assert callable(run)
            run()
        finally:
            os._exit(0)


if __name__ == "__main__":
    main()
