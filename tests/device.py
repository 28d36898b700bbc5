"""A phone for tests: the pretend Collect of `sync.collect`, and a hand on its telephone line.

Everything goes over real HTTP. What Collect never does by itself (a cut body, a chunked one, two
forms in one post) is written on the socket byte by byte.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from sync.collect import Answer, Collect, Outgoing, ServerRefused, multipart

__all__ = ["Answer", "Device", "Outgoing", "ServerRefused", "multipart"]

TIMEOUT_S = 20.0


class Device(Collect):
    """One phone."""

    def give(self, filled: bytes, *files: Outgoing) -> Answer:
        """Send one filled-in form in one post; return the answer, whatever it is."""
        return self.post(*multipart(filled, files))

    def give_parts(self, *parts: bytes, boundary: str = "b", end: bytes | None = None) -> Answer:
        """Post parts that a test wrote itself, each with its headers."""
        start = f"--{boundary}\r\n".encode()
        last = f"--{boundary}--\r\n".encode() if end is None else end
        body = b"".join(start + part + b"\r\n" for part in parts) + last
        return self.post(body, f"multipart/form-data; boundary={boundary}")

    def fetch(
        self, url: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Answer:
        """Fetch an address, absolute or below the server address; return whatever comes."""
        return self.ask(
            method, url if "://" in url else f"{self.server_url}/{url}", headers=headers
        )

    def give_chunked(self, filled: bytes, *files: Outgoing, chunk: int = 1000) -> Answer:
        """Post with `Transfer-Encoding: chunked`."""
        body, content_type = multipart(filled, files)
        pieces = (body[at : at + chunk] for at in range(0, len(body), chunk))
        framed = b"".join(f"{len(p):x}\r\n".encode() + p + b"\r\n" for p in pieces) + b"0\r\n\r\n"
        head = self._head("POST", content_type, ("Transfer-Encoding: chunked",))
        return self.raw(head + framed)

    def give_promising(self, length: int, body: bytes, content_type: str) -> Answer:
        """Post a body under a Content-Length of the test's own choice."""
        return self.raw(self._head("POST", content_type, (f"Content-Length: {length}",)) + body)

    def hang_up_after(self, count: int, filled: bytes, *files: Outgoing) -> None:
        """Begin a post and break the line after `count` bytes of its body."""
        body, content_type = multipart(filled, files)
        head = self._head("POST", content_type, (f"Content-Length: {len(body)}",))
        place = urlsplit(self.server_url)
        with socket.create_connection((place.hostname or "", place.port or 80)) as line:
            line.sendall(head + body[:count])

    def raw(self, request: bytes) -> Answer:
        """Write bytes on a fresh line and read one answer."""
        place = urlsplit(self.server_url)
        with socket.create_connection(
            (place.hostname or "", place.port or 80), timeout=TIMEOUT_S
        ) as line:
            line.sendall(request)
            response = http.client.HTTPResponse(line)
            response.begin()
            return self._read(response, response.read())

    def _head(self, method: str, content_type: str, more: Iterable[str] = ()) -> bytes:
        place = urlsplit(self.server_url)
        lines = (
            f"{method} {place.path}/submission HTTP/1.1",
            f"Host: {place.netloc}",
            "X-OpenRosa-Version: 1.0",
            "Connection: close",
            f"Content-Type: {content_type}",
            *more,
        )
        return "\r\n".join(lines).encode() + b"\r\n\r\n"
