"""Fuzz the reader of multipart posts."""

from __future__ import annotations

import io

import atheris

from server.errors import Problem
from tests.attacks.fuzz import fuzzing

with atheris.instrument_imports(include=["sync.multipart"]):
    from sync import multipart

LIMITS = multipart.Limits(body_bytes=3500, parts=8)
HEAD = b'Content-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n'

SEEDS = (
    b"--b\r\n" + HEAD + b"Content-Type: text/xml\r\n\r\n<d/>\r\n--b\r\n"
    b'Content-Disposition: form-data; name="1.jpg"; filename="1.jpg"\r\n\r\n\r\n--b--\r\n',
    b"preamble\r\n--b \t\r\n" + HEAD + b"\r\n\r\n-\r\n--b--epilogue",
    b'--b\r\ncontent-disposition: form-data;\r\n name="%22\xe1\xba\xa3"\r\n\r\nx\r\n--b--',
    b"--b--",
)
WORDS = (
    b"\r\n--b", b"\r\n--b\r\n", b"\r\n--b--", b"\r\n--b--\r\n", b"\r\n\r\n", b"\r\n ", b"\r", b"\n",
    b'; name="', b"; name=a", b'; filename=""', b"%0D%0A", b"%22", b"\0", b"\xff", b"--", HEAD,
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: image/jpeg\r\n",
)  # fmt: skip

Parts = list[tuple[str, bool, str, bytes]]


class Trickle(io.RawIOBase):
    """A body of which so many bytes arrive at a time."""

    def __init__(self, body: bytes, step: int) -> None:
        self._body, self._step = io.BytesIO(body), step

    def read(self, size: int = -1, /) -> bytes:
        return self._body.read(min(size, self._step))


def read(body: bytes, *, step: int = 65536, boundary: str = "b") -> Parts | None:
    """Return the parts of a body, None when it is refused."""
    stream = Trickle(body, step)
    found: Parts = []
    try:
        for part in multipart.parts(stream, boundary, LIMITS, length=None, folder=None):
            with part.file as file:
                found.append((part.name, part.is_file, part.content_type, file.read()))
    except Problem:
        return None
    return found


def check(data: bytes) -> None:
    """Read the same however it arrives, lose no part to a cut, and read what was written again."""
    found = read(data)

    step = 1 + data[-1] % 9 if data else 1
    assert read(data, step=step) == found
    if found is None:
        return
    shorter = read(data[: sum(data) % len(data)])
    assert shorter in (None, found)
    assert sum(len(content) for *_, content in found) <= len(data)
    if len(body := written(found)) <= LIMITS.body_bytes:
        assert read(body, boundary="bb-unlikely-bb") == found


def written(found: Parts) -> bytes:
    """Write parts out again as OkHttp does."""
    out = b""
    for name, is_file, content_type, content in found:
        escaped = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
        file = '; filename="f"' if is_file else ""
        head = f'Content-Disposition: form-data; name="{escaped}"{file}\r\n'
        head += f"Content-Type: {content_type}\r\n\r\n"
        out += b"--bb-unlikely-bb\r\n" + head.encode() + content + b"\r\n"
    return out + b"--bb-unlikely-bb--\r\n"


if __name__ == "__main__":
    fuzzing.run(check, SEEDS, WORDS, longest=3000)
