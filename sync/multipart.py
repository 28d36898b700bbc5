"""A multipart/form-data body read as a stream, to its last boundary or not at all.

Django's own parser hands over the parts that came before a cut and says nothing
(openrosa.md §10.4), which on this path would lose a photo behind a 201. RFC 7578, RFC 2046 §5.1;
names are escaped as browsers and OkHttp do (WHATWG HTML, "multipart/form-data").
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from sync.problems import EnvelopeCut, EnvelopeMalformed, EnvelopeTooLarge, TooManyParts

CHUNK = 64 * 1024  # bytes
HEADER_BYTES = 8 * 1024  # of one part; Collect's are below 400
MEMORY_BYTES = 1024 * 1024  # of all parts that stay in memory; others go to nameless files

_PARAMETER = re.compile(r';\s*([\w*!-]+)\s*=\s*(?:"([^"]*)"|([^\s;]*))')
_PLAIN_ENCODINGS = ("", "binary", "8bit", "7bit")


class Stream(Protocol):
    """What a body is read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one post may bring."""

    body_bytes: int
    parts: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part, whole."""

    name: str
    is_file: bool  # it came with a file name
    content_type: str
    size: int  # bytes
    file: IO[bytes]  # at its start; nameless on disk, so nothing is left behind whatever happens


def parts(
    stream: Stream, boundary: str, limits: Limits, *, length: int | None, folder: str | None
) -> Iterator[Part]:
    """Yield the parts of a body in order.

    The body is known to be whole only when this is exhausted: act on no part before that.
    `length` is what Content-Length promised, `folder` where large parts are spooled.

    Raises EnvelopeCut, EnvelopeMalformed, EnvelopeTooLarge, TooManyParts; OSError where a part
    cannot be spooled.
    """
    source = _Source(stream, limits.body_bytes)
    delimiter = b"\r\n--" + boundary.encode("latin-1")
    source.until(delimiter, _ignore)
    count, room = 0, MEMORY_BYTES
    while not source.is_closing():
        count += 1
        if count > limits.parts:
            raise TooManyParts(most=limits.parts)
        part = _part(source, delimiter, folder, room)
        room -= part.size if part.size <= room else 0
        yield part
    source.drain()
    if length is not None and source.count != length:
        raise EnvelopeCut


def _part(source: _Source, delimiter: bytes, folder: str | None, room: int) -> Part:
    headers = _headers(source)
    disposition = headers.get("content-disposition", "")
    parameters = {
        match[1].lower(): _unescaped(match[2] if match[2] is not None else match[3])
        for match in reversed(list(_PARAMETER.finditer(disposition)))
    }
    name = parameters.get("name", "")
    if not disposition.lower().startswith("form-data") or not name:
        raise EnvelopeMalformed(reason="a part without a name")
    if headers.get("content-transfer-encoding", "").lower() not in _PLAIN_ENCODINGS:
        raise EnvelopeMalformed(reason="Content-Transfer-Encoding")
    # What has more than `room` bytes goes to a file; 0 would mean none ever does.
    file = tempfile.SpooledTemporaryFile(max_size=max(1, room), dir=folder)  # noqa: SIM115
    try:
        source.until(delimiter, file.write)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Part(name, "filename" in parameters, headers.get("content-type", ""), size, file)


def _headers(source: _Source) -> dict[str, str]:
    """Return the headers of the part that begins here, by lower-case name."""
    raw = bytearray()

    def collect(piece: bytes) -> None:
        raw.extend(piece)
        if len(raw) > HEADER_BYTES:
            raise EnvelopeMalformed(reason="part headers too long")

    source.until(b"\r\n\r\n", collect)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise EnvelopeMalformed(reason="part headers not UTF-8") from error
    if "\0" in text:
        raise EnvelopeMalformed(reason="NUL in part headers")
    unfolded = re.sub(r"\r\n[ \t]+", " ", text)
    pairs = (line.partition(":") for line in unfolded.split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _unescaped(value: str) -> str:
    return value.replace("%0D", "\r").replace("%0A", "\n").replace("%22", '"')


def _ignore(piece: bytes) -> None:
    """Let a preamble go."""


class _Source:
    """A body's bytes, looked at a chunk at a time; memory stays flat whatever comes."""

    def __init__(self, stream: Stream, most: int) -> None:
        self.count = 0  # bytes read
        self._stream = stream
        self._most = most
        # As if a line ended before the body, so that the first boundary is like the others.
        self._buffer = b"\r\n"

    def until(self, mark: bytes, sink: Callable[[bytes], object]) -> None:
        """Pass everything before the next `mark` to `sink`, and step over the mark."""
        keep = len(mark) - 1  # bytes that may be the beginning of the mark
        while (at := self._buffer.find(mark)) < 0:
            if len(self._buffer) > keep:
                sink(self._buffer[:-keep])
                self._buffer = self._buffer[-keep:]
            if not self._more():
                raise EnvelopeCut
        sink(self._buffer[:at])
        self._buffer = self._buffer[at + len(mark) :]

    def is_closing(self) -> bool:
        """Tell whether the boundary just passed was the last; step to the line after it."""
        while len(self._buffer) < 2:
            if not self._more():
                raise EnvelopeCut
        if self._buffer.startswith(b"--"):
            return True
        padding = bytearray()

        def collect(piece: bytes) -> None:
            padding.extend(piece)
            if len(padding) > HEADER_BYTES or padding.strip(b" \t"):
                raise EnvelopeMalformed(reason="text after a boundary")

        self.until(b"\r\n", collect)
        return False

    def drain(self) -> None:
        """Read what follows the last boundary, to nowhere."""
        while self._more():
            self._buffer = b""

    def _more(self) -> bool:
        try:
            chunk = self._stream.read(CHUNK)
        except OSError as error:  # the connection is gone
            raise EnvelopeCut from error
        self.count += len(chunk)
        if self.count > self._most:
            raise EnvelopeTooLarge(most=self._most)
        self._buffer += chunk
        return bool(chunk)
