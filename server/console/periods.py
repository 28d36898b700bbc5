"""Kỳ báo cáo: what to look at before a period is locked, the lock, and what was frozen."""

from __future__ import annotations

import base64
import hashlib

from django.http import HttpResponse
from django.urls import reverse

from server.console.page import MANAGERS, REVIEWERS, WRITING, Visit, go, page
from server.console.wording import language, t
from server.errors import Problem
from server.inspections.expected import local_day
from server.inspections.problems import WordsPersonal
from server.plans import after_lock, checklist, period
from server.plans.problems import PeriodEmpty, PeriodLocked, PeriodOpen
from server.projects.audit import Actor
from server.projects.models import Role

_MOST = 2000  # characters of a reason
_TOLD = (PeriodEmpty, PeriodLocked, PeriodOpen)


@page(*REVIEWERS)
def periods(visit: Visit) -> HttpResponse:
    """Show the periods, and which one is due next."""
    return visit.show(
        "console/periods.html",
        here="periods",
        found=checklist.periods(visit.membership.project_id, local_day()),
    )


@page(*REVIEWERS)
def one_period(visit: Visit, name: str) -> HttpResponse:
    """Show what there is to look at in a period, and what was frozen of it."""
    return _show(visit, period.named(name))


@page(*MANAGERS, methods=WRITING)
def lock(visit: Visit, name: str) -> HttpResponse:
    """Freeze the figures of a period, once somebody has said that they mean it."""
    chosen = period.named(name)
    if "confirmed" not in visit.request.POST:
        told = t("Chưa khóa. Đánh dấu vào ô xác nhận rồi bấm lại.")
        return _show(visit, chosen, told, status=400)
    try:
        made = period.lock(visit.membership.project_id, chosen, visit.user)
    except _TOLD as problem:
        return _refused(visit, chosen, problem)
    visit.say(t("Đã khóa kỳ. Bản chốt số {number} đã lưu.", number=made.number))
    return go(_address(visit, chosen))


@page(*MANAGERS, methods=WRITING)
def correct(visit: Visit, name: str) -> HttpResponse:
    """Freeze a locked period anew, with a reason."""
    chosen = period.named(name)
    reason = visit.request.POST.get("reason", "").strip()[:_MOST]
    if not reason:
        told = t("Chưa đính chính. Ghi lý do đính chính rồi bấm lại.")
        return _show(visit, chosen, told, status=400)
    try:
        made = period.correct(
            visit.membership.project_id,
            chosen,
            visit.user,
            reason,
            is_confirmed="confirmed" in visit.request.POST,
        )
    except _TOLD as problem:
        return _refused(visit, chosen, problem)
    except WordsPersonal as problem:
        told = problem.sentence(language())
        return _show(visit, chosen, told, status=problem.status, suspect=True)
    visit.say(t("Đã đính chính. Bản chốt số {number} đã lưu.", number=made.number))
    return go(_address(visit, chosen))


@page(*REVIEWERS)
def snapshot(visit: Visit, name: str, number: int) -> HttpResponse:
    """Give what was frozen as a file: byte for byte to whoever may see all of it."""
    chosen = period.named(name)
    content = period.opened(visit.membership, chosen, number, Actor.person(visit.user))
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return HttpResponse(
        content,
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="ky-{chosen}-ban-{number}.json"',
            "Repr-Digest": f"sha-256=:{digest}:",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _refused(visit: Visit, chosen: period.Name, problem: Problem) -> HttpResponse:
    return _show(visit, chosen, problem.sentence(language()), status=problem.status)


def _address(visit: Visit, chosen: period.Name) -> str:
    return reverse("period", args=[visit.membership.project_id, str(chosen)])


def _show(
    visit: Visit, chosen: period.Name, told: str = "", status: int = 200, *, suspect: bool = False
) -> HttpResponse:
    membership = visit.membership
    standing = period.standing(membership.project_id, chosen)
    return visit.show(
        "console/period.html",
        status=status,
        here="periods",
        chosen=chosen,
        standing=standing,
        due_on=period.due_on(standing),
        is_late=period.is_late(local_day(), standing),
        found=checklist.checklist(membership, chosen, language()),
        changes=after_lock.changes(membership, chosen),
        snapshots=checklist.snapshots(membership.project_id, chosen),
        is_manager=membership.role == Role.MANAGER,
        sees_some=bool(membership.commune_uids) and membership.role != Role.MANAGER,
        told=told,
        suspect=suspect,  # the reason may hold personal data
        reason=visit.request.POST.get("reason", ""),
    )
