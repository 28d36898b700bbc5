"""The light client of the benches: one connection, prepared bytes, no library in between.

On two cores the client takes from the server whatever it costs itself, so it does as little as a
client can: it sends bytes that were put together beforehand and looks at the status alone.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

AGENT = "org.odk.collect.android/v2026.3.4 Dalvik/2.1.0 (Linux; U; Android 14; Pixel 7a)"


@dataclass(frozen=True, slots=True)
class Target:
    """A device URL of any OpenRosa server over plain HTTP."""

    host: str
    port: int
    path: str  # e.g. "/v1/key/…/projects/1"

    @classmethod
    def of(cls, url: str) -> Target:
        """Read `http://host:port/v1/key/TOKEN/projects/1`."""
        parts = urlsplit(url)
        return cls(parts.hostname or "127.0.0.1", parts.port or 80, parts.path.rstrip("/"))

    def get(self, path: str) -> bytes:
        """Return a prepared GET of an address below the device URL, or of an absolute path."""
        address = path if path.startswith("/v1/") else f"{self.path}/{path}"
        return self._head("GET", address) + b"\r\n"

    def post(self, path: str, body: bytes, content_type: str) -> bytes:
        """Return a prepared POST below the device URL."""
        length = f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        return self._head("POST", f"{self.path}/{path}") + length.encode() + body

    def _head(self, method: str, path: str) -> bytes:
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            f"User-Agent: {AGENT}\r\nX-OpenRosa-Version: 1.0\r\nAccept-Encoding: identity\r\n"
        ).encode()


@dataclass(slots=True)
class Connection:
    """One kept-alive connection."""

    target: Target
    _socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a prepared request; return the status and the body. Raises OSError."""
        if self._socket is None:
            self._socket = socket.create_connection((self.target.host, self.target.port), 60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request)
            return self._answer(self._socket)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close it; the next request opens it anew."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self, connection: socket.socket) -> tuple[int, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
        status = int(lines[0].split(b" ", 2)[1])
        if headers.get(b"transfer-encoding") == b"chunked":
            while not body.endswith(b"0\r\n\r\n"):
                body += self._more(connection)
        else:
            length = int(headers.get(b"content-length", b"0"))
            while len(body) < length:
                body += self._more(connection)
        if headers.get(b"connection") == b"close":
            self.close()
        return status, body

    def _more(self, connection: socket.socket) -> bytes:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        return chunk


@dataclass(slots=True)
class Tally:
    """What some clients met together."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    errors: int = 0
    client_cpu_s: float = 0.0

    @property
    def rate(self) -> float:
        """Return answered requests a second."""
        return len(self.latencies_s) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: float) -> float:
        """Return a percentile of the latencies, in milliseconds."""
        ordered = sorted(self.latencies_s)
        if not ordered:
            return float("nan")
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


def play(
    target: Target,
    requests: Sequence[Iterator[bytes]],
    *,
    seconds: float,
    good: int,
) -> Tally:
    """Let one client per iterator send its requests one after another until the time is over.

    good: the status to expect; anything else is an error.
    """
    tally, lock = Tally(), threading.Lock()
    begun, cpu = time.monotonic(), time.process_time()

    def client(mine: Iterator[bytes]) -> None:
        connection, latencies, errors = Connection(target), [], 0
        for request in mine:
            at = time.monotonic()
            if at - begun > seconds:
                break
            try:
                status, _ = connection.ask(request)
            except OSError:
                errors += 1
                continue
            latencies.append(time.monotonic() - at)
            errors += status != good
        connection.close()
        with lock:
            tally.latencies_s += latencies
            tally.errors += errors

    threads = [threading.Thread(target=client, args=(mine,)) for mine in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.seconds = time.monotonic() - begun
    tally.client_cpu_s = time.process_time() - cpu
    return tally
