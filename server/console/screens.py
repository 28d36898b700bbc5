"""A form as a phone shows it: ODK Web Forms in a page within the page, with a policy of its own.

The engine compiles WebAssembly and writes its styles by script. Nothing of that is allowed to any
page around it: the frame is a document of its own (docs/decisions/web-forms.md).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from server import blobs
from server.console.page import Visit
from server.console.problems import PageUnknown, ScreenPostCut
from server.console.screen_words import LOCALE, TEXTS
from server.console.wording import language
from server.errors import Problem
from server.inspections.form_files import FormFile
from server.submissions.files import SentFile
from server.submissions.record import Sender

# Scripts from here alone, and styles that carry a word drawn for this one answer.
_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; "
    "font-src 'self' data:; img-src 'self' data: blob:; media-src blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_XML_PART = "xml_submission_file"  # as phones call it
_LONGEST_CLIENT = 255
_R = TypeVar("_R", bound=HttpResponseBase)


@dataclass(frozen=True, slots=True)
class Screen:
    """What the engine is to show, and where it sends."""

    xform: str  # address
    files: str  # address that the name of a form's file is put behind, as `…/tep?ban=1&ten=`
    send: str = ""  # address; "" for a form that is only looked at
    instance: str = ""  # address of the record to be edited; "" for a new one
    instance_files: str = ""  # as `files`, of the record's
    instance_names: tuple[str, ...] = ()  # of the files that are there


def show(visit: Visit, screen: Screen) -> HttpResponse:
    """Return the page for within a frame of a page of ours."""
    nonce = secrets.token_urlsafe(16)
    response = visit.show(
        "console/screen.html",
        screen=screen,
        names=json.dumps(screen.instance_names),
        nonce=nonce,
        texts=json.dumps(TEXTS if language() == "vi" else {}),
        locale=json.dumps(LOCALE if language() == "vi" else {}),
    )
    response["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def document(content: bytes) -> HttpResponse:
    """Give a form or a record to the engine."""
    return _apart(HttpResponse(content, content_type="application/xml"))


def file(found: FormFile | None) -> HttpResponseBase:
    """Give a file of a form to the engine. Raises PageUnknown."""
    if found is None:
        raise PageUnknown
    if found.content is not None:
        return _apart(HttpResponse(found.content, content_type=found.content_type))
    try:
        response = FileResponse(blobs.open_cached(found.sha256), content_type=found.content_type)
    except FileNotFoundError as missing:
        raise PageUnknown from missing
    return _apart(response)


def _apart(response: _R) -> _R:
    """Have what a workbook or a phone brought never run as a page of ours."""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@dataclass(frozen=True, slots=True)
class Posted:
    """What the engine sent."""

    xml: bytes
    files: tuple[SentFile, ...]


def posted(visit: Visit) -> Posted:
    """Read what the engine sent, whole. Raises ScreenPostCut.

    Django leaves out a part that was cut off on the way, and says nothing; so the page says what
    it sends.
    """
    files = {
        name: file
        for name, file in visit.request.FILES.items()
        if isinstance(file, UploadedFile) and file.size is not None
    }
    if _promised(visit) != {name: file.size for name, file in files.items()}:
        raise ScreenPostCut
    xml = files.pop(_XML_PART, None)
    if xml is None:
        raise ScreenPostCut
    return Posted(
        xml.read(),
        tuple(
            SentFile(name, file, file.content_type or "application/octet-stream")
            for name, file in files.items()
        ),
    )


def _promised(visit: Visit) -> Mapping[str, object]:
    try:
        said = json.loads(visit.request.POST.get("sizes", ""))
    except (ValueError, RecursionError) as broken:
        raise ScreenPostCut from broken
    return said if isinstance(said, dict) else {}


def sender(visit: Visit, reason: str = "") -> Sender:
    """Return the person at the desk as one who sends."""
    return Sender(
        project_id=visit.membership.project_id,
        app_user=None,
        device_id="",
        user_agent=visit.request.headers.get("User-Agent", "")[:_LONGEST_CLIENT],
        person=visit.user,
        reason=reason,
    )


def sent(address: str) -> JsonResponse:
    """Tell the page that all of it is kept, and where to go on."""
    return JsonResponse({"next": address})


def refused(problem: Problem) -> JsonResponse:
    """Tell the page why not; what was filled in stays there."""
    said = {"code": problem.code, "sentence": problem.sentence(language())}
    return JsonResponse(said, status=problem.status)
