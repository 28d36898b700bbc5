"""Read a body that is no JSON: an XML, a file. Whole or refused, chunked or not, gzip or not.

It waits in memory or in a file without a name, which the kernel removes however this process ends.
"""

from __future__ import annotations

import errno
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from server import blobs
from server.api.problems import BodyCut, BodyEncoding, BodyTooLarge, RawBodyTooLarge
from server.blobs import StorageFull

_IN_MEMORY = 256 * 1024  # bytes
_GZIP = zlib.MAX_WBITS | 16  # to zlib: with gzip's header


class _Stream(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@contextmanager
def opened(request: Request, most: int) -> Iterator[IO[bytes]]:
    """Give a file with all of a request's body, at its start; it is gone afterwards.

    most: bytes, unpacked. `Content-Encoding: gzip` is unpacked (openrosa.md §6.1, attachments).
    Raises RawBodyTooLarge, BodyCut, BodyEncoding, StorageFull.
    """
    blobs.check_room()
    plain = request._request
    length = _length(plain)
    encoding = _known(plain.META.get("HTTP_CONTENT_ENCODING", ""))
    if length is not None and length > most:
        raise RawBodyTooLarge(most_bytes=most)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        chunks = _whole(_stream(plain, length), length, most)
        try:
            for chunk in _unpacked(chunks, most) if encoding == "gzip" else chunks:
                file.write(chunk)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull from error
            raise
        file.seek(0)
        yield file


def small(stream: _Stream, encoding: str, most: int) -> bytes:
    """Return all of a body that is read in memory, unpacked.

    encoding: the header Content-Encoding. Raises BodyTooLarge, BodyCut, BodyEncoding.
    """
    known = _known(encoding)
    content = stream.read(most + 1)  # packed, it is no longer than unpacked
    if len(content) > most:
        raise BodyTooLarge(most_bytes=most)
    if known != "gzip":
        return content
    try:
        return b"".join(_unpacked(iter([content]), most))
    except RawBodyTooLarge as error:
        raise BodyTooLarge(most_bytes=most) from error


def _known(encoding: str) -> str:
    found = encoding.strip().lower()
    if found not in ("", "identity", "gzip"):
        raise BodyEncoding(encoding=found[:40])
    return found


def _whole(stream: _Stream, length: int | None, most: int) -> Iterator[bytes]:
    """Give what comes; refuse what is more than allowed, or less than was promised."""
    size = 0
    while chunk := stream.read(blobs.CHUNK):
        size += len(chunk)
        if size > most:
            raise RawBodyTooLarge(most_bytes=most)
        yield chunk
    if length is not None and size != length:
        raise BodyCut


def _unpacked(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Unpack gzip, which may grow a thousandfold, no further than is allowed."""
    unpacker, size = zlib.decompressobj(_GZIP), 0
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                plain = unpacker.decompress(rest, blobs.CHUNK)
                rest = unpacker.unconsumed_tail
                size += len(plain)
                if size > most:
                    raise RawBodyTooLarge(most_bytes=most)
                yield plain
                if unpacker.eof and (rest or unpacker.unused_data):
                    raise BodyEncoding(encoding="gzip")
        plain = unpacker.flush()
    except zlib.error as error:
        raise BodyEncoding(encoding="gzip") from error
    if not unpacker.eof:
        raise BodyCut
    yield plain


def _length(request: HttpRequest) -> int | None:
    """Return what Content-Length promises, None for a chunked body."""
    value = request.META.get("CONTENT_LENGTH") or ""
    return int(value) if value.isdecimal() and value.isascii() else None


def _stream(request: HttpRequest, length: int | None) -> _Stream:
    # Django reads nothing from a chunked body (openrosa.md §10.2), so where the HTTP server ends
    # the stream itself, and says so, it is read past Django.
    if length is None and request.META.get("wsgi.input_terminated"):
        stream: _Stream = request.META["wsgi.input"]
        return stream
    return request
