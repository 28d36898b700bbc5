"""Requests written byte by byte, as nothing but an attacker writes them."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass

TIMEOUT_S = 20.0
FORM_TYPE = "multipart/form-data; boundary=b"
END = b"--b--\r\n"


@dataclass(frozen=True, slots=True)
class Place:
    """What is attacked."""

    port: int
    token: str
    project_id: int

    @property
    def device(self) -> str:
        """Return the path under which the device with the key asks."""
        return f"/v1/key/{self.token}/projects/{self.project_id}"

    @property
    def project(self) -> str:
        """Return the path for who has no key."""
        return f"/v1/projects/{self.project_id}"


Request = Callable[[Place], bytes]


@dataclass(frozen=True, slots=True)
class Attack:
    """One request, and what it must be told."""

    status: int
    code: str  # of the Problem; "" where it is taken, or refused before our own code
    request: Request


def part(content: bytes, disposition: bytes, *headers: bytes) -> bytes:
    lines = (b"Content-Disposition: form-data" + disposition, *headers)
    return b"--b\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + content + b"\r\n"


def form(xml: bytes) -> bytes:
    return part(xml, b'; name="xml_submission_file"; filename="a.xml"', b"Content-Type: text/xml")


def file(name: bytes, content: bytes = b"x", content_type: bytes = b"image/jpeg") -> bytes:
    disposition = b'; name="%s"; filename="%s"' % (name, name)
    return part(content, disposition, b"Content-Type: " + content_type)


def post(
    body: bytes | Callable[[], bytes], *headers: str, content_type: str = FORM_TYPE
) -> Request:
    """Send a body as a submission, under the headers that clients give it; make large ones late."""

    def request(place: Place) -> bytes:
        made = body if isinstance(body, bytes) else body()
        length = f"Content-Length: {len(made)}"
        path, kind = f"{place.device}/submission", f"Content-Type: {content_type}"
        return _head("POST", path, kind, length, *headers) + made

    return request


def post_framed(body: bytes, *headers: str) -> Request:
    """Send `body` as a submission whose length only `headers` tell."""
    return lambda place: (
        _head("POST", f"{place.device}/submission", f"Content-Type: {FORM_TYPE}", *headers) + body
    )


def get(path: str, *headers: str, method: str = "GET") -> Request:
    """Ask for a path; `{device}` and `{project}` stand for those of the place."""
    return lambda place: _head(
        method, path.replace("{device}", place.device).replace("{project}", place.project), *headers
    )


def _head(method: str, path: str, *headers: str) -> bytes:
    hosts = () if any(header.startswith("Host:") for header in headers) else ("Host: 127.0.0.1",)
    lines = (f"{method} {path} HTTP/1.1", *hosts, "X-OpenRosa-Version: 1.0", "Connection: close")
    return "\r\n".join((*lines, *headers)).encode("latin-1") + b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back on the line, to its end."""

    status: int
    code: str  # of the Problem, "" when there is none
    head: str
    body: bytes


def ask(port: int, request: bytes) -> Answer:
    """Write a request on a fresh line and read until the other side hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as line:
        # Who refuses early does not read the rest.
        with contextlib.suppress(ConnectionError):
            line.sendall(request)
        return answer(_read(line))


def _read(line: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := line.recv(1 << 16):
            received += chunk
    return received


def answer(received: bytes) -> Answer:
    """Read the bytes of an answer."""
    head, _, body = received.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head else 0
    found = re.search(rb'nature="([a-z0-9_.]+)"', body)
    code = found[1].decode() if found else ""
    if b"application/json" in head and body.startswith(b"{"):
        code = str(json.loads(body).get("details", {}).get("nature", ""))
    return Answer(status, code, head.decode("latin-1"), body)
