"""Duyệt loạt: many records at once, as they stand on the page, and only what has no severe flag."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from server.console import filters
from server.console.addresses import record_address
from server.console.filters import Filters
from server.console.page import BOTH, REVIEWERS, Visit, go, page
from server.console.problems import BulkUnconfirmed
from server.console.wording import language, t
from server.errors import Problem
from server.reports import bulk_approval
from server.reports.bulk_approval import MOST, Approved, Seen
from server.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class _Row:
    """One record with where it opens."""

    submission: Submission
    address: str
    told: str = ""  # why it was left


@page(*REVIEWERS, methods=BOTH)
def approve_many(visit: Visit) -> HttpResponseBase:
    """Show what of a filter can be approved at once; approve what was shown."""
    asked = filters.read(visit.request.GET)
    if visit.request.method != "POST":
        return _show(visit, asked)
    seen = _seen(visit)
    if not seen or visit.request.POST.get("count", "").strip() != str(len(seen)):
        return _show(visit, asked, BulkUnconfirmed(number=len(seen)))
    done = bulk_approval.approve(visit.membership, seen)
    if done.left:
        return _told(visit, asked, done)
    visit.say(t("Đã duyệt {number} hồ sơ.", number=done.number))
    return go(f"{reverse('records', args=[visit.membership.project_id])}?{_query(asked)}")


def _show(visit: Visit, asked: Filters, problem: Problem | None = None) -> HttpResponse:
    found = bulk_approval.candidates(visit.membership, asked.selection)
    return visit.show(
        "console/approve_many.html",
        problem.status if problem else 200,
        here="records",
        found=found,
        rows=[_row(visit, asked, one) for one in found.ready],
        query=_query(asked),
        most=MOST,
        problems=[*asked.problems, *([problem.sentence(language())] if problem else [])],
    )


def _told(visit: Visit, asked: Filters, done: Approved) -> HttpResponse:
    return visit.show(
        "console/approved_many.html",
        here="records",
        number=done.number,
        rows=[
            _row(visit, asked, one.submission, one.problem.sentence(language()))
            for one in done.left
        ],
        query=_query(asked),
    )


def _row(visit: Visit, asked: Filters, submission: Submission, told: str = "") -> _Row:
    form_id, instance_id = submission.form.form_id, submission.instance_id
    project_id = visit.membership.project_id
    return _Row(submission, record_address(project_id, form_id, instance_id, _query(asked)), told)


def _query(asked: Filters) -> str:
    return asked.query(page=None, columns=None, sort=None)


def _seen(visit: Visit) -> list[Seen]:
    """Return the records that the form says were on the page."""
    found = []
    for text in visit.request.POST.getlist("seen")[:MOST]:
        number, _, rest = text.replace("\0", "").partition(" ")
        state, _, version = rest.partition(" ")
        if number.isascii() and number.isdigit() and len(number) < 19 and state and version:
            found.append(Seen(int(number), state, version))
    return found
