"""Biểu mẫu: a workbook is uploaded, tried on a phone, published with a note; a form is closed.

The token of a draft can be read once, in the answer that makes it, as the keys of devices.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.safestring import SafeString

from server.console import forms as shown
from server.console.addresses import base_url, is_here_only
from server.console.page import BOTH, MANAGERS, WRITING, Visit, go, page
from server.console.problems import DraftFileMissing, FormNoteMissing, PageUnknown, WorkbookMissing
from server.console.wording import language, t
from server.errors import Problem
from server.forms import attachments, drafts, given, proofreading
from server.forms import publish as publishing
from server.forms.drafts import NewDraft
from server.forms.given import Given
from server.forms.marked import Marked, marked
from server.forms.models import FormState
from server.forms.package import MAX_FILE_BYTES
from server.forms.problems import WorkbookRefused, WorkbookTooBig
from server.projects import qr
from server.projects.audit import Actor
from server.projects.device_setup import draft_address

_LONGEST_NOTE = 2000
_LONGEST_VERSION = 249
_MOST_SHOWN = 200  # complaints; a broken workbook can have thousands


@page(*MANAGERS, methods=BOTH)
def upload(visit: Visit) -> HttpResponseBase:
    """Ask for a workbook, and show all that is wrong with it, or make it the draft of its form."""
    if visit.request.method != "POST":
        return _ask(visit)
    file = visit.request.FILES.get("workbook")
    try:
        if file is None:
            raise WorkbookMissing
        if (file.size or 0) > MAX_FILE_BYTES:
            raise WorkbookTooBig(
                what="tệp", what_en="the file", size=file.size, limit=MAX_FILE_BYTES
            )
        content = file.read()
    except Problem as problem:
        return _ask(visit, problem)
    try:
        prepared = given.prepared(Given(content, accepts_warnings=True))
        made = drafts.keep(visit.membership.project, prepared, by=_by(visit))
    except WorkbookRefused as refused:
        return _ask(visit, refused, file.name or "", _all_wrong(content, refused))
    except Problem as problem:
        return _ask(visit, problem, file.name or "")
    return _handed_out(visit, made)


@page(*MANAGERS, methods=WRITING)
def give_file(visit: Visit, form_id: str) -> HttpResponseBase:
    """Give the draft of a form a file that it refers to."""
    shown.found(visit, form_id)
    file, name = visit.request.FILES.get("file"), visit.request.POST.get("name", "")
    try:
        if file is None or not file.size:
            raise DraftFileMissing(name=name[:200])
        kept = attachments.keep_one(file)
        drafts.give(visit.membership.project_id, form_id, name, kept, _by(visit))
    except Problem as problem:
        return shown.show_form(visit, form_id, problem)
    visit.say(t("Đã nhận tệp {name}.", name=name))
    return go(shown.address(visit, form_id))


@page(*MANAGERS, methods=WRITING)
def publish(visit: Visit, form_id: str) -> HttpResponseBase:
    """Publish the draft of a form, with a note of what is new."""
    shown.found(visit, form_id)
    posted = visit.request.POST
    note = posted.get("note", "").strip()[:_LONGEST_NOTE]
    version = posted.get("version", "").strip()[:_LONGEST_VERSION]
    try:
        if not note:
            raise FormNoteMissing
        if not version.isprintable():
            raise PageUnknown
        new = drafts.publish(
            visit.membership.project_id, form_id, _by(visit), version or None, note=note
        )
    except PageUnknown:
        raise
    except Problem as problem:
        return shown.show_form(visit, form_id, problem, {"version": version, "note": note})
    visit.say(
        t("Đã phát hành phiên bản {version}. Máy nhận ở lần kết nối tới.", version=new.version)
    )
    return go(shown.address(visit, form_id))


@page(*MANAGERS, methods=WRITING)
def set_state(visit: Visit, form_id: str) -> HttpResponseBase:
    """Open a form, let it end, or close it."""
    shown.found(visit, form_id)
    state = visit.request.POST.get("state", "")
    if state not in FormState.values:
        raise PageUnknown
    publishing.set_state(visit.membership.project_id, form_id, FormState(state), _by(visit))
    visit.say(t("Đã đổi trạng thái biểu mẫu."))
    return go(shown.address(visit, form_id))


@page(*MANAGERS, methods=WRITING)
def reissue(visit: Visit, form_id: str) -> HttpResponseBase:
    """Give the draft a new address, and show its code once."""
    shown.found(visit, form_id)
    try:
        made = drafts.reissue(visit.membership.project_id, form_id, _by(visit))
    except Problem as problem:
        return shown.show_form(visit, form_id, problem)
    return _handed_out(visit, made)


@page(*MANAGERS, methods=WRITING)
def discard(visit: Visit, form_id: str) -> HttpResponseBase:
    """End the draft of a published form."""
    shown.found(visit, form_id)
    try:
        drafts.discard(visit.membership.project_id, form_id, _by(visit))
    except Problem as problem:
        return shown.show_form(visit, form_id, problem)
    visit.say(t("Đã bỏ bản thử; phiên bản đang dùng không đổi."))
    return go(shown.address(visit, form_id))


# ------------------------------------------------------------------------------------------------


def _ask(
    visit: Visit,
    problem: Problem | None = None,
    name: str = "",
    found: list[Marked] | None = None,
) -> HttpResponse:
    found = found or []
    complaints = [(one, one.complaint.sentence(language())) for one in found[:_MOST_SHOWN]]
    return visit.show(
        "console/form_upload.html",
        status=problem.status if problem else 200,
        here="forms",
        name=name[:200],
        problems=[problem.sentence(language())] if problem and not found else [],
        complaints=complaints,
        total=len(found),
        is_refused=problem is not None,
    )


def _all_wrong(content: bytes, refused: WorkbookRefused) -> list[Marked]:
    """Return every complaint: publishing stops at the first kind of trouble."""
    try:
        proof = proofreading.proofread(content).complaints
    except Problem:
        proof = ()
    told = {(one.place, one.sentence()): one for one in (*refused.complaints, *proof)}
    return marked(content, told.values())


def _handed_out(visit: Visit, made: NewDraft) -> HttpResponse:
    draft, project_id = made.draft, visit.membership.project_id
    base = base_url(visit.request)
    url = draft_address(base, made.token, project_id, draft.form.form_id)
    code = qr.text(qr.settings_for_draft(url, draft.title))
    return visit.show(
        "console/form_draft.html",
        here="forms",
        draft=draft,
        url=url,
        picture=SafeString(qr.svg(code)),
        is_here_only=is_here_only(base),
        warnings=shown.warnings(draft),
        missing=[file for file in shown.files(draft) if not file.sha256],
        draft_name=shown.DRAFT,
    )


def _by(visit: Visit) -> Actor:
    return Actor.person(visit.user)
