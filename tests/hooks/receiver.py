"""A server that is told things, and behaves as its addresses say."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Its port, what it was told, and whether those that hang may go on."""

    port: int = 0
    told: list[Told] = field(default_factory=list)
    goes_on: threading.Event = field(default_factory=threading.Event)
    answers: dict[str, int] = field(default_factory=dict)  # status by path, else 204
    is_through: bool = False  # somebody has heard all that drips

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.told.append(Told(self.path, dict(self.headers), body))
        with contextlib.suppress(OSError):
            self._answer()

    def _answer(self) -> None:
        if self.path == "/hangs":
            self.receiver.goes_on.wait(20)
        if self.path == "/drips":
            for _ in range(200):  # 4 s
                if not self.receiver.goes_on.wait(0.02):
                    self.wfile.write(b"H")
            self.receiver.is_through = not self.receiver.goes_on.is_set()
        if self.path == "/nonsense":
            self.wfile.write(b"SSH-2.0-OpenSSH\r\n")
            return
        self.send_response(self.receiver.answers.get(self.path, 204))
        if self.path == "/moved":
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        while self.path == "/endless" and not self.receiver.goes_on.is_set():
            self.wfile.write(bytes(65_536))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def receiving(certificate: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    """Listen on a port of its own, with TLS when there is a certificate and its key."""
    receiver = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # of connections cut
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.socket.getsockname()[1]
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.goes_on.set()
        server.shutdown()
        server.server_close()


def names(monkeypatch: Any, **addresses: list[str]) -> list[str]:
    """Let some names have addresses of the test's choice; return the names asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def found(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = str(host).replace(".", "_")
        if name not in addresses:
            return real(host, port, *args, **kwargs)
        asked.append(str(host))
        return [place for ip in addresses[name] for place in real(ip, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return asked
