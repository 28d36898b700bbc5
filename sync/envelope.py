"""One post of a device: the filled-in form and some of its files, whole or refused.

Nothing of a refused post survives: parts wait in memory or in files without a name, which the
kernel removes however this process ends.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message

from django.conf import settings
from django.http import HttpRequest

from server import blobs
from server.blobs import StorageFull
from server.submissions.intake import SentFile
from server.xml import XmlTooLarge
from sync import multipart
from sync.multipart import Limits, Part, Stream
from sync.problems import (
    EnvelopeTooLarge,
    NotMultipart,
    XmlPartMissing,
    XmlPartTwice,
)

XML_PART = "xml_submission_file"
_MOST_FIELDS = 100  # without a file name


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one post holds."""

    xml: bytes  # as sent
    files: tuple[SentFile, ...]  # by part name: file names are not told apart by clients


@contextmanager
def open_envelope(request: HttpRequest) -> Iterator[Envelope]:
    """Read a post to its end and give what it holds; the files are gone afterwards.

    Fields without a file name (`*isIncomplete*`, `__csrf`) are read and left out.

    Raises the `envelope.*` problems, XmlTooLarge and StorageFull.
    """
    blobs.check_room()
    with ExitStack() as kept:
        found = _parts(request, kept)
        forms = [part for part in found if part.name == XML_PART]
        files = [part for part in found if part.name != XML_PART and part.is_file]
        yield Envelope(
            _xml(forms), tuple(SentFile(part.name, part.file, part.content_type) for part in files)
        )


def _parts(request: HttpRequest, kept: ExitStack) -> list[Part]:
    """Read every part, closing their files with `kept`."""
    length = _length(request)
    limits = Limits(
        body_bytes=settings.MAX_POST_BYTES,
        parts=settings.MAX_POST_FILES + _MOST_FIELDS,
    )
    boundary = _boundary(request.META.get("CONTENT_TYPE", ""))
    if length is not None and length > limits.body_bytes:
        raise EnvelopeTooLarge(most=limits.body_bytes)
    stream, folder = _stream(request, length), settings.FILE_UPLOAD_TEMP_DIR
    found: list[Part] = []
    try:
        for part in multipart.parts(stream, boundary, limits, length=length, folder=folder):
            kept.enter_context(part.file)
            found.append(part)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from error
        raise
    return found


def _xml(forms: list[Part]) -> bytes:
    if not forms:
        raise XmlPartMissing
    if len(forms) > 1:
        raise XmlPartTwice
    # Looked at before the bytes are in memory.
    if forms[0].size > settings.MAX_XML_BYTES:
        raise XmlTooLarge(size=forms[0].size, most=settings.MAX_XML_BYTES)
    return forms[0].file.read()


def _boundary(content_type: str) -> str:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary("")
    if message.get_content_type() != "multipart/form-data" or not 0 < len(boundary) <= 200:
        raise NotMultipart
    if not boundary.isascii():
        raise NotMultipart
    return boundary


def _length(request: HttpRequest) -> int | None:
    """Return what Content-Length promises, None for a chunked body."""
    value = request.META.get("CONTENT_LENGTH") or ""
    return int(value) if value.isdecimal() and value.isascii() else None


def _stream(request: HttpRequest, length: int | None) -> Stream:
    """Return where the body can be read.

    Django reads nothing from a chunked body (openrosa.md §10.2), so where the HTTP server ends
    the stream itself, and says so, it is read past Django.
    """
    if length is None and request.META.get("wsgi.input_terminated"):
        stream: Stream = request.META["wsgi.input"]
        return stream
    return request
