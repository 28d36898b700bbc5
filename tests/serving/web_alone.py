"""`python -m tests.serving.web_alone PORT`: a small application in the processes of `serve`.

`/slow` takes a second, `/echo` answers with the length of the body and the scheme it was called by,
anything else with `ok`. Two threads, one process; bodies up to 100,000 bytes.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from server.serving import web
from server.serving.children import Child, Family


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as this module's docstring says."""
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1)
    body = b"ok"
    if environ["PATH_INFO"] == "/echo":
        read = environ["wsgi.input"].read()
        body = f"{len(read)} {environ['CONTENT_LENGTH']} {environ['wsgi.url_scheme']}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def main() -> None:
    """Serve until told to stop."""
    is_told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: is_told.append(number))
    trusted = "*" if "behind-proxy" in sys.argv else None
    limits = web.Limits(threads=2, max_body=100_000, trusted_proxy=trusted)
    with web.bound("127.0.0.1", int(sys.argv[1])) as listener:
        listener.listen(web.BACKLOG)
        family = Family([Child("web", lambda: web.serve(application, listener, limits))])
        family.start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while not is_told:
            time.sleep(0.02)
        family.stop()


if __name__ == "__main__":
    main()
