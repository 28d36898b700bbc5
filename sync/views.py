"""The five things a device asks for (openrosa.md §1-§4). HTTP in, one call, HTTP out."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from server import blobs
from server.errors import Problem
from server.inspections import derive, returned
from server.projects import health
from server.projects.models import AppUser
from server.submissions.intake import receive
from sync import answers, auth, messages, offers
from sync.addresses import NO_VERSION, Addresses
from sync.endpoint import openrosa
from sync.envelope import open_envelope
from sync.messages import ListedFile, ListedForm
from sync.offers import File, Offer


@openrosa("GET", "HEAD")
def form_list(request: HttpRequest, project_id: int, token: str = "") -> HttpResponseBase:
    """List the forms that the device should hold."""
    app_user = auth.app_user(request, project_id, token)
    listed = tuple(offers.listed(app_user, answers.said(request, "formID")))
    return answers.document(request, _listing(_addresses(request, app_user, token), listed))


@lru_cache(maxsize=512)  # a page each; every phone asks for its list again and again
def _listing(addresses: Addresses, listed: tuple[Offer, ...]) -> bytes:
    return messages.form_list(
        ListedForm(
            offer.form_id,
            offer.title,
            offer.version,
            offer.md5,
            addresses.xform(offer.form_id, offer.version),
            addresses.manifest(offer.form_id, offer.version) if offer.has_files else "",
        )
        for offer in listed
    )


@openrosa("GET", "HEAD")
def manifest(
    request: HttpRequest, project_id: int, form_id: str, version: str | None = None, token: str = ""
) -> HttpResponseBase:
    """List the files that one version needs."""
    app_user = auth.app_user(request, project_id, token)
    addresses = _addresses(request, app_user, token)
    found = offers.published(app_user, form_id, _named(version))
    body = messages.manifest(
        _listed(file, addresses, form_id, found.version)
        for file in offers.files(found, app_user, form_id)
    )
    return answers.document(request, body)


def _listed(file: File, addresses: Addresses, form_id: str, version: str) -> ListedFile:
    url = addresses.attachment(form_id, version, file.name)
    if not file.list_name:
        return ListedFile(file.name, file.md5, url)
    kind = "approvalEntityList" if file.needs_approval else "entityList"
    integrity_url = addresses.integrity(form_id, version, file.list_name)
    return ListedFile(file.name, file.md5, url, kind, integrity_url)


@openrosa("GET", "HEAD")
def integrity(
    request: HttpRequest,
    project_id: int,
    form_id: str,
    name: str,
    version: str | None = None,
    token: str = "",
) -> HttpResponseBase:
    """Say which entities, made without a network, are deleted by now."""
    app_user = auth.app_user(request, project_id, token)
    found = offers.published(app_user, form_id, _named(version))
    asked = request.GET.getlist("id")
    ids = [one for some in asked for one in some.split(",")] if asked else None
    deleted = offers.integrity(found, app_user, name, ids)
    body = messages.integrity({str(uuid): gone for uuid, gone in deleted.items()})
    return answers.document(request, body)


@openrosa("GET", "HEAD", says_version=False)
def xform(
    request: HttpRequest, project_id: int, form_id: str, version: str | None = None, token: str = ""
) -> HttpResponseBase:
    """Give the XForm of one version, byte for byte as published."""
    app_user = auth.app_user(request, project_id, token)
    found = offers.published(app_user, form_id, _named(version))
    return answers.xform(request, found)


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
    return answers.file(request, offers.file(found, app_user, form_id, name))


@openrosa("GET", "HEAD", "POST")
def submission(request: HttpRequest, project_id: int, token: str = "") -> HttpResponseBase:
    """Take one submission; HEAD is how Collect asks whether we would."""
    app_user = auth.app_user(request, project_id, token)
    if request.method != "POST":
        blobs.check_room()
        return HttpResponse(status=204)
    sender = answers.sender(request, app_user.project_id, app_user)
    try:
        with open_envelope(request) as envelope:
            receipt = receive(envelope.xml, envelope.files, sender)
    except Problem as problem:
        health.refused(app_user, problem.code)
        raise
    if not receipt.has_more:
        health.resent(app_user)
    derive.arrived(receipt)
    return answers.received(request, receipt.missing, returned.notice(app_user))


def _addresses(request: HttpRequest, app_user: AppUser, token: str) -> Addresses:
    return Addresses(answers.base_url(request), auth.key(request, token), app_user.project_id)


def _named(version: str | None) -> str | None:
    return "" if version == NO_VERSION else version
