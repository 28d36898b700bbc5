"""Cách ly: what could not become a record by itself, and what is decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from server.console import record_parts
from server.console.addresses import RecordPlace
from server.console.filters import number_written
from server.console.page import BOTH, REVIEWERS, Visit, go, page
from server.console.problems import PageUnknown
from server.console.wording import language, t
from server.console.words import Badge
from server.errors import Problem
from server.inspections import derive, review
from server.reports.apart import Apart, apart, listed
from server.submissions import decide as deciding
from server.submissions.decide import Verdict
from server.submissions.models import Decision, QuarantineReason
from server.submissions.problems import (
    FormStillClosed,
    FormStillUnknown,
    OriginalStillUnknown,
    QuarantinedDecided,
    QuarantinedUnknown,
    SubmissionDeleted,
)

_MOST = 2000  # characters of a reason


@dataclass(frozen=True, slots=True)
class Why:
    """Why something waits apart, and what can be done."""

    word: str
    text: str


WHY: Mapping[str, Why] = {
    QuarantineReason.CONFLICT: Why(
        "Trùng mã hồ sơ",
        "Mã này đã có hồ sơ với nội dung khác. Nhận: bản này thành bản mới nhất của hồ sơ đó và "
        "phải duyệt lại; bản trước vẫn được lưu. Bỏ: hồ sơ giữ nguyên.",
    ),
    QuarantineReason.EDIT_OUTDATED: Why(
        "Sửa một bản đã cũ",
        "Trong lúc máy này sửa, hồ sơ đã có bản sửa khác. Nhận: bản này thành bản mới nhất; bản "
        "trước vẫn được lưu. Bỏ: hồ sơ giữ nguyên.",
    ),
    QuarantineReason.ORIGINAL_UNKNOWN: Why(
        "Chưa có hồ sơ gốc",
        "Đây là bản sửa của một hồ sơ chưa về máy chủ. Nhắc người kiểm tra gửi hồ sơ gốc trước, "
        "rồi nhận bản này.",
    ),
    QuarantineReason.FORM_UNKNOWN: Why(
        "Không có biểu mẫu",
        "Máy chủ không có biểu mẫu này. Phát hành biểu mẫu rồi nhận, hoặc bỏ nếu phiếu không "
        "thuộc chương trình.",
    ),
    QuarantineReason.VERSION_UNKNOWN: Why(
        "Không có phiên bản",
        "Máy chủ không có phiên bản biểu mẫu ghi trong phiếu. Phát hành phiên bản đó rồi nhận, "
        "hoặc bỏ nếu phiếu chỉ để thử.",
    ),
    QuarantineReason.FORM_CLOSED: Why(
        "Biểu mẫu đã đóng",
        "Phiếu về sau khi biểu mẫu đóng. Mở lại biểu mẫu rồi nhận, hoặc bỏ nếu phiếu lập sau khi "
        "đóng.",
    ),
}
DECISIONS: Mapping[str, Badge] = {
    Decision.ACCEPT: Badge("Đã nhận", "check", "good"),
    Decision.REJECT: Badge("Đã bỏ", "cross", "bad"),
}


@page(*REVIEWERS)
def quarantine(visit: Visit) -> HttpResponse:
    """Show what waits apart, or what was decided (`?xong=1`)."""
    is_decided = visit.request.GET.get("xong") == "1"
    number = number_written(visit.request.GET.get("page", "1"))
    found = listed(visit.membership, is_decided=is_decided, number=number)
    here = reverse("quarantine", args=[visit.membership.project_id])
    kind = "xong=1&" if is_decided else ""
    return visit.show(
        "console/quarantine.html",
        here="quarantine",
        found=found,
        why=WHY,
        decisions=DECISIONS,
        is_decided=is_decided,
        previous=f"{here}?{kind}page={found.number - 1}" if found.number > 1 else "",
        next=f"{here}?{kind}page={found.number + 1}" if found.number < found.pages else "",
    )


@page(*REVIEWERS, methods=BOTH)
def quarantined(visit: Visit, quarantined_id: int) -> HttpResponseBase:
    """Show one with what it would change, and take what is decided about it."""
    if visit.request.method != "POST":
        return _shown(visit, quarantined_id)
    decision = visit.request.POST.get("decision", "")
    if decision not in Decision.values:
        raise PageUnknown
    reason = visit.request.POST.get("reason", "").strip()[:_MOST]
    verdict = Verdict(Decision(decision), visit.user, reason)
    try:
        review.find_quarantined(visit.membership, quarantined_id)
        row = deciding.decide(visit.membership.project_id, quarantined_id, verdict)
    except QuarantinedUnknown as unknown:
        raise PageUnknown from unknown
    except (
        FormStillClosed,
        FormStillUnknown,
        OriginalStillUnknown,
        QuarantinedDecided,
        SubmissionDeleted,
    ) as problem:
        return _shown(visit, quarantined_id, problem, reason)
    if row.submission_id is not None:
        derive.attempt(row.submission_id)
    is_in = row.decision == Decision.ACCEPT
    visit.say(
        t("Đã nhận phiếu; hồ sơ chờ duyệt.") if is_in else t("Đã bỏ phiếu; phiếu vẫn được lưu.")
    )
    return go(reverse("quarantine", args=[visit.membership.project_id]))


def _shown(
    visit: Visit, quarantined_id: int, problem: Problem | None = None, typed: str = ""
) -> HttpResponse:
    try:
        found = apart(visit.membership, quarantined_id, language())
    except QuarantinedUnknown as unknown:
        raise PageUnknown from unknown
    visit.saw("quarantine.read")
    obstacle = found.obstacle.sentence(language()) if found.obstacle else ""
    return visit.show(
        "console/quarantined.html",
        status=problem.status if problem else 200,
        here="quarantine",
        found=found,
        why=WHY[found.row.reason],
        decision=DECISIONS.get(found.row.decision),
        place=_twin_place(visit, found),
        changes=_changes(found),
        obstacle=obstacle,
        told=problem.sentence(language()) if problem else "",
        typed=typed,
    )


def _twin_place(visit: Visit, found: Apart) -> RecordPlace | None:
    """Return where the record opens that it goes by, or became part of."""
    submission = found.twin_of or found.row.submission
    if submission is None:
        return None
    project_id = visit.membership.project_id
    return RecordPlace(project_id, found.row.form_id, submission.instance_id)


def _changes(found: Apart) -> list[record_parts.ShownChange]:
    if found.teller is None:
        return []
    return [record_parts.changed(change, found.teller) for change in found.changes]
