"""Answer with bytes that a stranger sent: to be saved, never to be run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from server import stores
from server.api import ranges
from server.api.files import named
from server.api.problems import FileLost, RangeUnsatisfiable
from server.slots import Given, held
from server.submissions.models import SubmissionAttachment

log = logging.getLogger(__name__)


class Raw(BaseRenderer):
    """Whatever a view answers by itself; fits any Accept."""

    media_type = "*/*"
    format = "raw"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return nothing: such views answer with a response of Django's own."""
        return b""


# What else the schema says of an address that gives a blob.
PARTS = {
    (206, "application/octet-stream"): OpenApiResponse(
        OpenApiTypes.BINARY, description="phần mà `Range` yêu cầu"
    ),
    302: OpenApiResponse(description="địa chỉ ngắn hạn tại kho tệp, khi máy chủ đặt PRESIGNED"),
    304: OpenApiResponse(description="không đổi so với `If-None-Match`"),
}
REFUSALS = (RangeUnsatisfiable(size=1), FileLost)


@dataclass(frozen=True, slots=True)
class Download:
    """A blob that somebody may have, and as what."""

    sha256: str
    size: int  # bytes
    name: str  # to be saved under
    content_type: str = "application/octet-stream"
    is_served: bool = False  # phones download it too, so that there is a copy on the local disk
    content: bytes | None = None  # of what is not stored

    @property
    def tag(self) -> str:
        """Return its entity tag: the bytes under it never change."""
        return f'"{self.sha256}"'


def file(request: Request, found: SubmissionAttachment) -> HttpResponseBase:
    """Give a file of a submission."""
    return blob(request, Download(found.sha256, found.size, found.name, found.content_type))


def blob(request: Request, wanted: Download) -> HttpResponseBase:
    """Give a stored file, or a part of it: the one place for all downloads of blobs.

    With a tag, so that nobody fetches it twice and a download that broke off goes on. Where the
    settings say so, by an address at the store that is good for a short while.
    Raises RangeUnsatisfiable, FileLost, StorageUnavailable, DownloadsMany.
    """
    unchanged = get_conditional_response(request._request, etag=wanted.tag)
    if unchanged is not None:
        return unchanged
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(content_type=wanted.content_type)
        response["Content-Length"] = str(wanted.size)
    elif (address := _at_the_store(wanted)) is not None:
        return address
    else:
        response = _streamed(request, wanted)
    response["Accept-Ranges"] = "bytes"
    return _harmless(response, wanted.name, wanted.sha256)


def _at_the_store(wanted: Download) -> HttpResponse | None:
    # Nothing that a browser would run: the store does not send the headers that forbid it.
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": named(wanted.name)["Content-Disposition"],
    }
    is_there = not wanted.is_served and wanted.content is None
    address = stores.presigned(wanted.sha256, headers) if is_there else ""
    if not address:
        return None
    response = HttpResponse(status=302, headers={"Location": address})
    response["Referrer-Policy"] = "no-referrer"
    return response


def _streamed(request: Request, wanted: Download) -> StreamingHttpResponse:
    asked, since = request.headers.get("Range", ""), request.headers.get("If-Range", "")
    part = ranges.part(asked, since, wanted.tag, wanted.size)
    start, length = (part.start, part.length) if part else (0, wanted.size)
    try:
        pieces = (
            stores.pieces(wanted.sha256, start, length, is_served=wanted.is_served)
            if wanted.content is None
            else iter([wanted.content[start : start + length]])
        )
    except FileNotFoundError as error:
        log.error("blob %s is named by a row and not stored", wanted.sha256)
        raise FileLost from error
    response = Given(held(pieces, length), content_type=wanted.content_type)
    response["Content-Length"] = str(length)
    if part:
        response.status_code = 206
        response["Content-Range"] = part.said(wanted.size)
    return response


def xml(request: Request, content: bytes, name: str, sha256: str) -> HttpResponseBase:
    """Give an instance byte for byte as it came."""
    unchanged = get_conditional_response(request._request, etag=f'"{sha256}"')
    if unchanged is not None:
        return unchanged
    # Without it clients guess, and some guess wrong. What is of another encoding says so itself.
    kind = "application/xml; charset=utf-8" if _is_utf8(content) else "application/xml"
    return _harmless(HttpResponse(content, content_type=kind), name, sha256)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _harmless(response: HttpResponseBase, name: str, sha256: str) -> HttpResponseBase:
    for header, value in named(name).items():
        response[header] = value
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["ETag"] = f'"{sha256}"'
    return response


def done() -> HttpResponseBase:
    """Say that it is done, as `shapes.Done` does, where a view answers no JSON otherwise."""
    return JsonResponse({"success": True})
