"""Answer with bytes that a stranger sent: to be saved, never to be run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from server import blobs
from server.api.files import named
from server.submissions.models import SubmissionAttachment


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


def file(request: Request, found: SubmissionAttachment) -> HttpResponseBase:
    """Give a stored file, with a tag, so that a client fetches it once."""
    unchanged = get_conditional_response(request._request, etag=f'"{found.sha256}"')
    if unchanged is not None:
        return unchanged
    response = FileResponse(blobs.open_blob(found.sha256), content_type=found.content_type)
    response["Content-Length"] = str(found.size)
    return _harmless(response, found.name, found.sha256)


def xml(request: Request, content: bytes, name: str, sha256: str) -> HttpResponseBase:
    """Give an instance byte for byte as it came."""
    unchanged = get_conditional_response(request._request, etag=f'"{sha256}"')
    if unchanged is not None:
        return unchanged
    return _harmless(HttpResponse(content, content_type="application/xml"), name, sha256)


def _harmless(response: HttpResponseBase, name: str, sha256: str) -> HttpResponseBase:
    for header, value in named(name).items():
        response[header] = value
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["ETag"] = f'"{sha256}"'
    return response


def done() -> HttpResponseBase:
    """Say that it is done, as `shapes.Done` does, where a view answers no JSON otherwise."""
    return JsonResponse({"success": True})
