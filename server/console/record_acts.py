"""What a reviewer does about a record: decide, remark, justify a flag, open what is masked.

Each is a small form: within the page of the record where there are scripts, else a page of its own.
What is refused comes back with every word that was typed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from server.console import acts_words as words
from server.console import record as pages
from server.console.addresses import RecordPlace, as_asked
from server.console.page import BOTH, REVIEWERS, Visit, go, page
from server.console.problems import PageUnknown
from server.console.wording import language, t
from server.errors import Problem
from server.inspections import asked, derive, flag_review, reveals
from server.inspections import review as scoped
from server.inspections.flag_kinds import KINDS
from server.inspections.flag_review import Justification, StandingFlag
from server.inspections.problems import (
    FlagReasonMissing,
    FlagsOpen,
    RevealReasonMissing,
    WordsPersonal,
)
from server.reports.beside import beside
from server.reports.told import Teller
from server.submissions.models import ReviewEvent, ReviewState, Submission
from server.submissions.problems import (
    ReviewedAlready,
    ReviewOfOwn,
    ReviewReasonMissing,
    ReviewStateOutdated,
    ReviewVersionOutdated,
    SubmissionUnknown,
)
from server.submissions.review import DECISIONS, Judgement, has_sent

_MOST = 2000  # characters of what a person writes; the field takes no more
# What the person can mend in the form, or must know before they send it again.
_TOLD = (
    FlagReasonMissing,
    FlagsOpen,
    RevealReasonMissing,
    ReviewedAlready,
    ReviewOfOwn,
    ReviewReasonMissing,
    ReviewStateOutdated,
    ReviewVersionOutdated,
    WordsPersonal,
)


@dataclass(frozen=True, slots=True)
class Asking:
    """A form that asks for a few words."""

    title: str
    label: str  # of the field for words
    act: str  # of the button
    hidden: tuple[tuple[str, str], ...]
    hint: str = ""
    is_required: bool = False
    is_grave: bool = False
    goes_on: bool = False  # also offers to go to the next record
    flags: tuple[StandingFlag, ...] = ()  # in the way of an approval
    last: ReviewEvent | None = None  # what somebody has decided meanwhile
    told: str = ""  # what is to be known beforehand


@page(*REVIEWERS, methods=BOTH)
def decide(visit: Visit, form_id: str, instance_id: str) -> HttpResponseBase:
    """Ask for a decision and record it."""
    given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    to = given.get("to", "")
    submission = _found(visit, form_id, instance_id)
    if to not in DECISIONS:
        raise PageUnknown
    if visit.request.method != "POST":
        return _ask(visit, submission, _decision(visit, submission, to))
    judgement = Judgement(
        to_state=ReviewState(to),
        by=visit.user,
        reason=_written(visit),
        seen_state=given.get("seen", ""),
        seen_version=given.get("ban", ""),
    )
    try:
        scoped.decide(submission, judgement, is_confirmed=_confirms(visit))
    except _TOLD as problem:
        submission = _found(visit, form_id, instance_id)
        return _ask(visit, submission, _decision(visit, submission, to), problem)
    derive.attempt(submission.pk)
    visit.say(t(words.DONE[ReviewState(to)]))
    return _onwards(visit, submission, is_next=given.get("then") == "next")


@page(*REVIEWERS, methods=BOTH)
def comment(visit: Visit, form_id: str, instance_id: str) -> HttpResponseBase:
    """Ask for a remark about a record, or about one question of it, and keep it."""
    submission = _found(visit, form_id, instance_id)
    given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    path = given.get("cau", "")
    version = submission.current_version
    teller = _teller(submission)
    if version is None or (path and path not in teller.asked.fields):
        raise PageUnknown
    asking = Asking(
        title=t("Nhận xét"),
        label=t("Nhận xét về câu «{question}»", question=teller.label(path))
        if path
        else t("Nhận xét về hồ sơ"),
        act=t("Ghi nhận xét"),
        hidden=(("cau", path),),
        hint=t("Không nêu tên, số điện thoại hay nơi ở của ai."),
        is_required=True,
    )
    if visit.request.method != "POST":
        return _ask(visit, submission, asking)
    if not _written(visit):
        return _ask(visit, submission, asking, ReviewReasonMissing())
    try:
        scoped.comment(submission, visit.user, _written(visit), path, is_confirmed=_confirms(visit))
    except _TOLD as problem:
        return _ask(visit, submission, asking, problem)
    visit.say(t("Đã ghi nhận xét."))
    return _onwards(visit, submission)


@page(*REVIEWERS, methods=BOTH)
def justify(visit: Visit, form_id: str, instance_id: str, code: str) -> HttpResponseBase:
    """Ask why a flag need not stop anybody, and keep it."""
    submission = _found(visit, form_id, instance_id)
    version = submission.current_version
    if code not in KINDS or version is None:
        raise PageUnknown
    asking = Asking(
        title=KINDS[code].label[language()],
        label=t("Lý do xử lý cảnh báo"),
        act=t("Ghi lý do"),
        hidden=(("ban", version.instance_id),),
        hint=KINDS[code].advice[language()],
        is_required=True,
    )
    if visit.request.method != "POST":
        return _ask(visit, submission, asking)
    seen = visit.request.POST.get("ban", "")
    try:
        said = Justification(visit.user, _written(visit), seen, is_confirmed=_confirms(visit))
        flag_review.justify(submission.pk, code, said)
    except _TOLD as problem:
        return _ask(visit, submission, asking, problem)
    derive.attempt(submission.pk)  # what waited for this look
    visit.say(t("Đã ghi lý do xử lý cảnh báo."))
    return _onwards(visit, submission)


@page(*REVIEWERS, methods=BOTH)
def reveal(visit: Visit, form_id: str, instance_id: str) -> HttpResponseBase:
    """Ask what for a person must see masked answers, and open them for a while."""
    submission = _found(visit, form_id, instance_id)
    given = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    questions = given.getlist("cau")
    teller = _teller(submission)
    if not questions or not all(path in teller.asked.fields for path in questions):
        raise PageUnknown
    first = teller.label(questions[0])
    asking = Asking(
        title=t("Mở xem câu hạn chế"),
        label=t("Lý do mở xem «{question}»", question=first)
        if len(questions) == 1
        else t("Lý do mở xem {count} câu hạn chế", count=len(questions)),
        act=t("Mở xem"),
        hidden=tuple(("cau", path) for path in questions),
        hint=t(
            "Câu trả lời hiện trong {minutes} phút. Tên bạn và lý do được lưu.",
            minutes=int(reveals.OPEN_FOR.total_seconds() // 60),
        ),
        is_required=True,
    )
    if visit.request.method != "POST":
        return _ask(visit, submission, asking)
    try:
        reveals.reveal(
            submission, visit.user, questions, _written(visit), is_confirmed=_confirms(visit)
        )
    except _TOLD as problem:
        return _ask(visit, submission, asking, problem)
    visit.say(t("Đã mở xem; việc này được ghi lại."))
    apart = visit.request.GET.get("tu", "")  # what waits apart, where it was asked for
    if apart.isascii() and apart.isdigit() and len(apart) < 10:
        return go(reverse("quarantined", args=[visit.membership.project_id, int(apart)]))
    return _onwards(visit, submission)


# ------------------------------------------------------------------------------------------------


def _found(visit: Visit, form_id: str, instance_id: str) -> Submission:
    try:
        return scoped.find(visit.membership, form_id, instance_id)
    except SubmissionUnknown as unknown:
        raise PageUnknown from unknown


def _teller(submission: Submission) -> Teller:
    """Return what tells labels, and no answers."""
    version = submission.current_version
    if version is None:
        raise PageUnknown
    return Teller(asked.asked_by(version.form_version_id), language(), frozenset(), {}, {})


def _confirms(visit: Visit) -> bool:
    """Tell whether they say that the words that may be personal data are none."""
    return "confirmed" in visit.request.POST


def _written(visit: Visit) -> str:
    return visit.request.POST.get("reason", "").strip()[:_MOST]


def _decision(visit: Visit, submission: Submission, to: str) -> Asking:
    """Return the form of a decision; it decides about what stands now, and says what is new."""
    state = ReviewState(to)
    is_approval = state == ReviewState.APPROVED
    flags = flag_review.of(submission) if is_approval else ()
    is_taken_back = submission.review_state in (ReviewState.APPROVED, ReviewState.REJECTED)
    version = submission.current_version
    current = version.instance_id if version else ""
    seen = visit.request.GET.get("seen", submission.review_state)
    is_new = visit.request.GET.get("ban", current) != current
    last = submission.review_events.select_related("by").order_by("-pk").first()
    return Asking(
        title=t(words.TITLES[state]),
        label=t("Lý do") if not is_approval or is_taken_back else t("Ghi chú (không bắt buộc)"),
        act=t(words.ACTS[state]),
        hidden=(
            ("to", to),
            ("seen", submission.review_state),
            ("ban", current),
        ),
        hint=t(words.HINTS[state]),
        is_required=not is_approval or is_taken_back,
        is_grave=state == ReviewState.REJECTED,
        goes_on=True,
        flags=tuple(flag for flag in flags if flag.is_in_the_way),
        last=last if submission.review_state != seen else None,
        told=_beforehand(submission, visit, is_new=is_new),
    )


def _beforehand(submission: Submission, visit: Visit, *, is_new: bool) -> str:
    """Return what is to be known before anything is typed."""
    if has_sent(submission, visit.user):
        return ReviewOfOwn().sentence(language())
    return t(words.NEW_VERSION) if is_new else ""


def _ask(
    visit: Visit, submission: Submission, asking: Asking, problem: Problem | None = None
) -> HttpResponse:
    """Show a form: what was typed stays, and beside it why it was refused."""
    place = _place(visit, submission)
    values: dict[str, object] = {
        "asking": asking,
        "place": place,
        "typed": _written(visit) if problem else "",
        "told": _sentence(problem) if problem else asking.told,
        "suspect": problem.details["words"] if isinstance(problem, WordsPersonal) else "",
        "action": as_asked(visit.request),
        "here": "records",
    }
    template = "console/parts/asking.html" if visit.is_partial else "console/record_act.html"
    response = visit.show(template, status=problem.status if problem else 200, **values)
    if visit.is_partial:
        response["HX-Push-Url"] = "false"  # it is no place to come back to
    return response


def _sentence(problem: Problem) -> str:
    if isinstance(problem, WordsPersonal):
        return t(
            "Nội dung có thể nêu thông tin cá nhân: {words}. Bỏ các từ đó, hoặc xác nhận bên dưới.",
            words=str(problem.details["words"]),
        )
    if isinstance(problem, ReviewVersionOutdated):
        return t(words.NEW_VERSION)
    if isinstance(problem, ReviewedAlready):
        return t(words.DECIDED_MEANWHILE)
    if isinstance(problem, FlagsOpen):
        return ""  # the flags themselves stand there
    return problem.sentence(language())


def _place(visit: Visit, submission: Submission) -> RecordPlace:
    return pages.place_of(visit, submission.form.form_id, submission.instance_id)


def _onwards(visit: Visit, submission: Submission, *, is_next: bool = False) -> HttpResponse:
    """Lead back to the record, or to the next one within the filter."""
    place = _place(visit, submission)
    scroll = ""
    if is_next:
        found = pages.asked_of(visit)
        _, after = beside(visit.membership, found.selection, submission, order=found.order)
        if after is not None:
            place = RecordPlace(place.project_id, after.form_id, after.instance_id, place.query)
            scroll = " show:window:top"
    if not visit.is_partial:
        return go(place.page())
    # Only the page's middle is exchanged, so that nobody's screen jumps.
    there = {
        "path": place.page(),
        "target": "#main",
        "select": "#main > *",
        "swap": f"innerHTML{scroll}",
    }
    return HttpResponse(headers={"HX-Location": json.dumps(there)})
