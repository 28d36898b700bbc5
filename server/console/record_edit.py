"""Hồ sơ, Sửa: a record in the form that it was made with, as a phone shows it, corrected.

Opening it asks what for, and is revealing (server.inspections.editing).
"""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from server.console import previews, screens
from server.console import record as pages
from server.console.addresses import RecordPlace
from server.console.page import BOTH, MANAGERS, WRITING, Visit, page
from server.console.problems import EditOvertaken, PageUnknown
from server.console.wording import language, t
from server.errors import Problem
from server.inspections import editing, form_files
from server.inspections import review as scoped
from server.inspections.models import Inspection
from server.inspections.problems import EditReasonMissing, WordsPersonal
from server.submissions.models import ReviewState, Submission, SubmissionVersion
from server.submissions.problems import EditOutdated, SubmissionUnknown
from server.submissions.record import MOST_REASON
from server.submissions.review import has_sent


@page(*MANAGERS, methods=BOTH)
def edit(visit: Visit, form_id: str, instance_id: str) -> HttpResponse:
    """Ask why somebody wants to change a record, then show it in the form that it was made with."""
    submission = _found(visit, form_id, instance_id)
    reason = _reason(visit)
    place = pages.place_of(visit, form_id, instance_id)
    inspection = Inspection.objects.filter(submission=submission).first()
    version, problem = submission.current_version, None
    try:
        version = editing.check(submission)
        if visit.request.method == "POST":
            is_confirmed = "confirmed" in visit.request.POST
            version = editing.begin(submission, visit.user, reason, is_confirmed=is_confirmed)
            visit.saw("submission.read")
    except Problem as refused:
        problem = refused
    is_open = visit.request.method == "POST" and problem is None
    return visit.show(
        "console/record_edit.html",
        status=problem.status if problem and visit.request.method == "POST" else 200,
        here="records",
        submission=submission,
        inspection=inspection,
        frozen_at=pages.frozen_at(visit, inspection),
        version=version,
        place=place,
        reason=reason,
        most=MOST_REASON,
        problem=problem.sentence(language()) if problem else "",
        can_begin=problem is None or isinstance(problem, EditReasonMissing | WordsPersonal),
        suspect=isinstance(problem, WordsPersonal),
        restricted=len(editing.restricted(version)) if version else 0,
        is_decided=submission.review_state in (ReviewState.APPROVED, ReviewState.REJECTED),
        is_own=has_sent(submission, visit.user),
        screen=place.act("sua/man-hinh", ban=version.instance_id) if version and is_open else "",
    )


@page(*MANAGERS)
def screen(visit: Visit, form_id: str, instance_id: str) -> HttpResponse:
    """Give what stands in the frame."""
    version = _opened(visit, form_id, instance_id)
    place = pages.place_of(visit, form_id, instance_id)
    bare = RecordPlace(place.project_id, form_id, instance_id)
    shown = previews.of_form(visit, form_id, version.form_version.version)
    return screens.show(
        visit,
        screens.Screen(
            xform=shown.xform,
            files=bare.act("sua/tep", ban=version.instance_id) + "&ten=",
            send=place.act("sua/gui"),
            instance=place.act("sua/phieu.xml", ban=version.instance_id),
            instance_files=bare.act("tep/"),
            instance_names=editing.photos(version),
        ),
    )


@page(*MANAGERS)
def stored(visit: Visit, form_id: str, instance_id: str) -> HttpResponse:
    """Give the record to the engine."""
    version = _opened(visit, form_id, instance_id)
    visit.saw("submission.read")
    return screens.document(editing.for_engine(version))


@page(*MANAGERS)
def form_file(visit: Visit, form_id: str, instance_id: str) -> HttpResponseBase:
    """Give a file that the form needs (`ten`), lists as whoever sent the record has them."""
    version = _opened(visit, form_id, instance_id)
    name = visit.request.GET.get("ten", "").replace("\0", "")
    owner = version.app_user.username if version.app_user else ""
    found = form_files.find(version.form_version, name, visit.membership, owner)
    return screens.file(found)


@page(*MANAGERS, methods=WRITING)
def send(visit: Visit, form_id: str, instance_id: str) -> JsonResponse:
    """Take the corrected record as its next version."""
    submission = _found(visit, form_id, instance_id)
    try:
        posted = screens.posted(visit)
        sender = screens.sender(visit, _reason(visit))
        may_drop = "confirmed" in visit.request.POST
        editing.send(submission, posted.xml, posted.files, sender, may_drop=may_drop)
    except EditOutdated:
        return screens.refused(EditOvertaken())
    except Problem as problem:
        return screens.refused(problem)
    visit.say(t("Đã ghi bản sửa; hồ sơ chờ người khác duyệt lại."))
    return screens.sent(pages.place_of(visit, form_id, instance_id).page())


def _found(visit: Visit, form_id: str, instance_id: str) -> Submission:
    try:
        return scoped.find(visit.membership, form_id, instance_id)
    except SubmissionUnknown as unknown:
        raise PageUnknown from unknown


def _opened(visit: Visit, form_id: str, instance_id: str) -> SubmissionVersion:
    submission = _found(visit, form_id, instance_id)
    return editing.opened(submission, visit.user, visit.request.GET.get("ban", ""))


def _reason(visit: Visit) -> str:
    return visit.request.POST.get("reason", "").strip()[:MOST_REASON]
