"""The five things a device asks for (openrosa.md §1-§4). HTTP in, one call, HTTP out."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response

from server import blobs
from server.inspections import derive
from server.projects.models import AppUser
from server.submissions.intake import Sender, receive
from sync import auth, messages, offers
from sync.addresses import NO_VERSION, Addresses
from sync.endpoint import XML, language, openrosa
from sync.envelope import open_envelope
from sync.messages import ListedFile, ListedForm

_LONGEST = 255  # characters kept of what a client says about itself (SB18)


@openrosa("GET", "HEAD")
def form_list(request: HttpRequest, project_id: int, token: str = "") -> HttpResponseBase:
    """List the forms that the device should hold."""
    app_user = auth.app_user(request, project_id, token)
    addresses = _addresses(request, app_user, token)
    body = messages.form_list(
        ListedForm(
            offer.form_id,
            offer.title,
            offer.version,
            offer.md5,
            addresses.xform(offer.form_id, offer.version),
            addresses.manifest(offer.form_id, offer.version) if offer.has_files else "",
        )
        for offer in offers.listed(app_user, _said(request, "formID"))
    )
    return _document(request, body)


@openrosa("GET", "HEAD")
def manifest(
    request: HttpRequest, project_id: int, form_id: str, version: str | None = None, token: str = ""
) -> HttpResponseBase:
    """List the files that one version needs."""
    app_user = auth.app_user(request, project_id, token)
    addresses = _addresses(request, app_user, token)
    found = offers.published(app_user, form_id, _named(version))
    body = messages.manifest(
        ListedFile(file.name, file.md5, addresses.attachment(form_id, found.version, file.name))
        for file in offers.files(found, app_user)
    )
    return _document(request, body)


@openrosa("GET", "HEAD", says_version=False)
def xform(
    request: HttpRequest, project_id: int, form_id: str, version: str | None = None, token: str = ""
) -> HttpResponseBase:
    """Give the XForm of one version, byte for byte as published."""
    app_user = auth.app_user(request, project_id, token)
    found = offers.published(app_user, form_id, _named(version))
    return _unchanged(request, found.md5) or _tagged(
        HttpResponse(bytes(found.xform), content_type="application/xml"), found.md5
    )


@openrosa("GET", "HEAD", says_version=False)
def attachment(
    request: HttpRequest,
    project_id: int,
    form_id: str,
    name: str,
    version: str | None = None,
    token: str = "",
) -> HttpResponseBase:
    """Give one file of one version."""
    app_user = auth.app_user(request, project_id, token)
    found = offers.published(app_user, form_id, _named(version))
    file = offers.file(found, app_user, form_id, name)
    unchanged = _unchanged(request, file.md5)
    if unchanged is not None:
        return unchanged
    response: HttpResponseBase = (
        HttpResponse(file.content, content_type=file.content_type)
        if file.content is not None
        else FileResponse(blobs.open_blob(file.sha256), content_type=file.content_type)
    )
    response["Content-Disposition"] = _disposition(file.name)
    return _tagged(response, file.md5)


@openrosa("GET", "HEAD", "POST")
def submission(request: HttpRequest, project_id: int, token: str = "") -> HttpResponseBase:
    """Take one submission; HEAD is how Collect asks whether we would."""
    app_user = auth.app_user(request, project_id, token)
    if request.method != "POST":
        return HttpResponse(status=204)
    with open_envelope(request) as envelope:
        receipt = receive(envelope.xml, envelope.files, _sender(request, app_user))
    derive.attempt(receipt.submission_id)
    sentence = messages.received(receipt.missing, language(request))
    return HttpResponse(messages.response(sentence), status=201, content_type=XML)


def _sender(request: HttpRequest, app_user: AppUser) -> Sender:
    client = f"{request.headers.get('ODK-Client', '')} {request.headers.get('User-Agent', '')}"
    return Sender(
        project_id=app_user.project_id,
        app_user=app_user,
        device_id=_said(request, "deviceID")[:_LONGEST],
        user_agent=client.strip()[:_LONGEST],
    )


def _said(request: HttpRequest, name: str) -> str:
    """Return a query parameter, without the one character that PostgreSQL's text cannot hold."""
    return request.GET.get(name, "").replace("\0", "\ufffd")


def _addresses(request: HttpRequest, app_user: AppUser, token: str) -> Addresses:
    base = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    return Addresses(base, auth.key(request, token), app_user.project_id)


def _named(version: str | None) -> str | None:
    return "" if version == NO_VERSION else version


def _document(request: HttpRequest, body: bytes) -> HttpResponseBase:
    """Answer a list or manifest, with a tag, so that a daily check costs next to nothing."""
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return _tagged(HttpResponse(body, content_type=XML), md5)


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
