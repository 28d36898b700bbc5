"""A proxy that ends TLS and says so, as the one of docker-compose.yml does. One request a line."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path

ADDRESS = "127.0.0.2"  # where it stands, as the server sees it; clients are at 127.0.0.1


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that signs itself; return it and its key."""
    made, key = folder / "tls.pem", folder / "tls.key"
    kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run(
        ["openssl", "req", *kind, *names, "-keyout", str(key), "-out", str(made)],
        check=True,
        capture_output=True,
    )
    return made, key


class TlsProxy:
    """Takes TLS on a port of its own and passes plain HTTP on."""

    def __init__(self, folder: Path, upstream: tuple[str, int]) -> None:
        self.certificate, key = certificate(folder)
        self._upstream = upstream
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                line, (client, _) = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._pass_on, args=(line, client), daemon=True).start()

    def _pass_on(self, line: socket.socket, client: str) -> None:
        with (
            self._context.wrap_socket(line, server_side=True) as outside,
            socket.create_connection(self._upstream, source_address=(ADDRESS, 0)) as inside,
        ):
            head, body = _read(outside)
            inside.sendall(_renamed(head, client) + body)
            while part := inside.recv(65_536):
                outside.sendall(part)


def _read(outside: ssl.SSLSocket) -> tuple[bytes, bytes]:
    """Return the head of a request, and its body of the length that it promises."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += outside.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [
        int(header.partition(b":")[2])
        for header in head.split(b"\r\n")
        if header.lower().startswith(b"content-length:")
    ]
    while len(body) < sum(lengths):
        body += outside.recv(65_536)
    return head, body


def _renamed(head: bytes, client: str) -> bytes:
    """Return the head with what the proxy knows, in place of what the client says of it."""
    kept = [
        header
        for header in head.split(b"\r\n")
        if not header.lower().startswith((b"x-forwarded-", b"connection:"))
    ]
    said = [b"X-Forwarded-Proto: https", f"X-Forwarded-For: {client}".encode()]
    return b"\r\n".join([*kept, *said, b"Connection: close", b"", b""])
