"""Biểu mẫu, Xem thử: a form as a phone shows it, and a draft tried without a phone."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from server.console import screens
from server.console.forms import DRAFT, definition
from server.console.page import MANAGERS, REVIEWERS, WRITING, Visit, page
from server.console.problems import PageUnknown
from server.console.screens import Screen
from server.console.wording import language
from server.errors import Problem
from server.forms.desk_problems import DraftNotThere
from server.forms.for_web_forms import readable
from server.forms.models import Draft, FormVersion
from server.forms.problems import FormUnknown
from server.inspections import form_files
from server.projects.models import Role
from server.reports.tried import latest, tried
from server.submissions.arrival import read
from server.submissions.drafts import receive
from server.submissions.problems import SubmissionUnknown


@page(*REVIEWERS)
def preview(visit: Visit, form_id: str) -> HttpResponse:
    """Show a version (`ban`), or the draft, in a frame as wide as a phone."""
    shown = _asked_for(visit, form_id)
    is_draft = isinstance(shown, Draft)
    return visit.show(
        "console/preview.html",
        here="forms",
        form_id=form_id,
        shown=shown,
        is_draft=is_draft,
        is_manager=visit.membership.role == Role.MANAGER,
        screen=_address(visit, "preview_screen", form_id),
        sent=latest(shown) if isinstance(shown, Draft) else [],
    )


@page(*REVIEWERS)
def screen(visit: Visit, form_id: str) -> HttpResponse:
    """Give what stands in the frame."""
    shown = _asked_for(visit, form_id)
    project_id = visit.membership.project_id
    send = reverse("send_trial", args=[project_id, form_id]) if isinstance(shown, Draft) else ""
    return screens.show(visit, of_form(visit, form_id, _name(visit), send))


def of_form(visit: Visit, form_id: str, name: str, send: str = "") -> Screen:
    """Return the screen of a version, or the draft, as it is called in addresses."""
    query = urlencode({"ban": name})
    xform, files = (
        reverse(view, args=[visit.membership.project_id, form_id])
        for view in ("preview_xform", "preview_file")
    )
    return Screen(xform=f"{xform}?{query}", files=f"{files}?{query}&ten=", send=send)


@page(*REVIEWERS)
def xform(visit: Visit, form_id: str) -> HttpResponse:
    """Give the form that phones get, as the engine can evaluate it."""
    return screens.document(readable(bytes(_asked_for(visit, form_id).xform)))


@page(*REVIEWERS)
def file(visit: Visit, form_id: str) -> HttpResponseBase:
    """Give a file that the form needs, by name (`ten`)."""
    name = visit.request.GET.get("ten", "").replace("\0", "")
    return screens.file(form_files.find(_asked_for(visit, form_id), name, visit.membership))


@page(*MANAGERS, methods=WRITING)
def send_trial(visit: Visit, form_id: str) -> JsonResponse:
    """Take what was filled in to try the draft; it counts nowhere."""
    draft = definition(visit, form_id, DRAFT)
    if not isinstance(draft, Draft):
        raise PageUnknown
    try:
        posted = screens.posted(visit)
        sender = screens.sender(visit)
        receive(posted.xml, posted.files, draft, sender)
        instance_id = read(posted.xml, sender).instance_id
    except Problem as problem:
        return screens.refused(problem)
    address = reverse("trial", args=[visit.membership.project_id, form_id])
    return screens.sent(f"{address}?{urlencode({'phieu': instance_id})}")


@page(*MANAGERS)
def trial(visit: Visit, form_id: str) -> HttpResponse:
    """Show what was sent to try the draft (`phieu`): its answers, and what they amount to."""
    instance_id = visit.request.GET.get("phieu", "").replace("\0", "")
    try:
        found = tried(visit.membership.project_id, form_id, instance_id, language())
    except (FormUnknown, DraftNotThere, SubmissionUnknown) as unknown:
        raise PageUnknown from unknown
    return visit.show(
        "console/trial.html", here="forms", form_id=form_id, found=found, draft_name=DRAFT
    )


def _name(visit: Visit) -> str:
    return visit.request.GET.get("ban", "").replace("\0", "")


def _asked_for(visit: Visit, form_id: str) -> FormVersion | Draft:
    """Return what the address names; drafts are the managers'. Raises PageUnknown."""
    name = _name(visit)
    if name == DRAFT and visit.membership.role not in MANAGERS:
        raise PageUnknown
    return definition(visit, form_id, name)


def _address(visit: Visit, view: str, form_id: str) -> str:
    query = urlencode({"ban": _name(visit)})
    return f"{reverse(view, args=[visit.membership.project_id, form_id])}?{query}"
