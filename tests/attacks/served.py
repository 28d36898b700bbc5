"""Serve one database until told to stop: `python -m tests.attacks.served NAME`. Prints its port.

With the HTTP server and the limits of production, in one process, so that what a request costs
can be read from the operating system.
"""

from __future__ import annotations

import sys

from django.conf import settings

from server.serving import web
from server.wsgi import application


def main() -> None:
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    listener = web.bound("127.0.0.1", 0)
    listener.listen()
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    limits = web.Limits(threads=4, max_body=settings.MAX_POST_BYTES, trusted_proxy=None)
    web.serve(application, listener, limits)


if __name__ == "__main__":
    main()
