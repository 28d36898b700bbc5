"""The answers that a published form and a draft share: documents, forms and files, with tags."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response

from server import blobs
from server.forms.models import Definition
from server.inspections.returned import Notice
from server.projects.models import AppUser
from server.submissions.intake import Sender
from sync import messages
from sync.endpoint import XML, language
from sync.offers import File

_LONGEST = 255  # characters kept of what a client says about itself (SB18)


def document(request: HttpRequest, body: bytes) -> HttpResponseBase:
    """Answer a list or manifest, with a tag, so that a daily check costs next to nothing."""
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return _tagged(HttpResponse(body, content_type=XML), md5)


def xform(request: HttpRequest, form: Definition) -> HttpResponseBase:
    """Give an XForm, byte for byte as stored."""
    return _unchanged(request, form.md5) or _tagged(
        HttpResponse(bytes(form.xform), content_type="application/xml"), form.md5
    )


def file(request: HttpRequest, file: File) -> HttpResponseBase:
    """Give a file that a form needs."""
    unchanged = _unchanged(request, file.md5)
    if unchanged is not None:
        return unchanged
    response: HttpResponseBase = (
        HttpResponse(file.content, content_type=file.content_type)
        if file.content is not None
        else FileResponse(blobs.open_cached(file.sha256), content_type=file.content_type)
    )
    response["Content-Disposition"] = _disposition(file.name)
    return _tagged(response, file.md5)


def received(
    request: HttpRequest, missing: tuple[str, ...], notice: Notice | None = None
) -> HttpResponseBase:
    """Answer a submission that is stored, with a sentence to show, and a line on what is to do."""
    said = messages.received(missing, language(request))
    if notice is not None:
        line = messages.returned(notice.counts, notice.shown_in, language(request))
        said = f"{said}\n{line}"
    return HttpResponse(messages.response(said), status=201, content_type=XML)


def sender(request: HttpRequest, project_id: int, app_user: AppUser | None) -> Sender:
    """Return who sent a request, in their own words beside the key."""
    client = f"{request.headers.get('ODK-Client', '')} {request.headers.get('User-Agent', '')}"
    return Sender(
        project_id=project_id,
        app_user=app_user,
        device_id=said(request, "deviceID")[:_LONGEST],
        user_agent=client.strip()[:_LONGEST],
    )


def said(request: HttpRequest, name: str) -> str:
    """Return a query parameter, without the one character that PostgreSQL's text cannot hold."""
    return request.GET.get(name, "").replace("\0", "\ufffd")


def base_url(request: HttpRequest) -> str:
    """Return where devices reach this server, without a slash at its end."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def _unchanged(request: HttpRequest, md5: str) -> HttpResponseBase | None:
    """Return a 304 when the device says it holds these bytes, and only then."""
    response = get_conditional_response(request, etag=f'"{md5}"')
    return None if response is None else _tagged(response, md5)


def _tagged(response: HttpResponseBase, md5: str) -> HttpResponseBase:
    response["ETag"] = f'"{md5}"'
    return response


def _disposition(name: str) -> str:
    plain = name.encode("ascii", "replace").decode().replace("\\", "_").replace('"', "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
