"""The HTTP server: waitress, in several processes on one listening socket.

Why waitress, and what else was measured: docs/decisions/0002-http-server.md. It reads a whole
request, chunked or not, before a thread is given to it, so that slow phones cost no thread.
"""

from __future__ import annotations

import gc
import signal
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from waitress.server import create_server

from server.errors import Problem

# (environ, start_response) -> body; PEP 3333
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

FINISHING_S = 10.0  # how long requests that are being answered may take when we are told to stop
SILENCE_S = 60  # a connection on which nothing moves for so long is closed
_FROM_PROXY = "x-forwarded-for x-forwarded-proto"  # what it says about the device
RECEIVED_BYTES = 64 * 1024  # at once; of a photo the usual 8 would be two dozen turns of the loop
BACKLOG = 1024  # connections that may wait for a process to take them


class PortTaken(Problem):
    """Another program listens on our port."""

    code = "serve.port_taken"
    status = 409
    vi = "Cổng {port} ở {bind} không dùng được ({reason}). Chọn cổng khác: PORT=8001 make serve"
    en = "Port {port} on {bind} cannot be used ({reason}). Choose another: PORT=8001 make serve"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process takes on."""

    threads: int
    max_body: int  # bytes; above it waitress refuses by itself
    trusted_proxy: str | None  # the address whose X-Forwarded-* headers are believed


def bound(bind: str, port: int) -> socket.socket:
    """Return a socket that has the port and does not listen yet. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # A port whose last connections have just been cut is free again at once.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((bind, port))
    except OSError as error:
        listener.close()
        raise PortTaken(bind=bind, port=port, reason=error.strerror or error) from error
    return listener


def serve(application: WsgiApplication, listener: socket.socket, limits: Limits) -> None:
    """Answer requests until SIGTERM, then finish those that are being answered.

    A request that has not arrived whole by then is dropped: the device was told nothing, keeps
    its copy and sends it again.
    """
    server = made(application, listener, limits)
    _collect_less_often()
    stopping = _Stopping(server)
    signal.signal(signal.SIGTERM, stopping.begin)
    signal.signal(signal.SIGALRM, stopping.look)
    server.run()


def made(application: WsgiApplication, listener: socket.socket, limits: Limits) -> Any:
    """Return the server, not running yet; waitress names no common type of its servers."""
    behind_proxy: dict[str, Any] = (
        {"trusted_proxy": limits.trusted_proxy, "trusted_proxy_headers": _FROM_PROXY}
        if limits.trusted_proxy
        else {}
    )
    return create_server(
        application,
        sockets=[listener],
        threads=limits.threads,
        backlog=BACKLOG,
        channel_timeout=SILENCE_S,
        cleanup_interval=10,
        connection_limit=1000,
        max_request_body_size=limits.max_body,
        recv_bytes=RECEIVED_BYTES,
        ident="",
        asyncore_use_poll=True,  # select() stops at 1,024 open files
        clear_untrusted_proxy_headers=True,
        **behind_proxy,
    )


def _collect_less_often() -> None:
    """Let the garbage collector look for cycles in what requests leave, and not so often.

    A tenth of a request was spent on looking through what stays for good, each time anew. Twenty
    thousand objects are some two megabytes.
    """
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


class _Stopping:
    """Ends the server's loop once nothing is being answered any more."""

    def __init__(self, server: Any) -> None:  # waitress's server has no public type
        self._server = server
        self._deadline = 0.0

    def begin(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._server.accepting:
            return  # told before
        self._server.accepting = False
        self._deadline = time.monotonic() + FINISHING_S
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.05)

    def look(self, _signal: int, _frame: FrameType | None) -> None:
        busy = any(
            channel.requests or channel.total_outbufs_len
            for channel in list(self._server.active_channels.values())
        )
        if not busy or time.monotonic() > self._deadline:
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise SystemExit(0)
