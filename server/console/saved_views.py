"""Bộ lọc đã lưu: filters of the list of records under a name, one's own and those of everybody."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse

from server.console import filters
from server.console.filters import Filters
from server.console.page import BOTH, REVIEWERS, WRITING, Visit, go, page
from server.console.wording import language, t
from server.errors import Problem
from server.projects.models import Role
from server.reports import saved_views
from server.reports.models import SavedView

SHOWN = 12  # above the list; the others stand on their own page


@dataclass(frozen=True, slots=True)
class Chip:
    """One view with where it opens."""

    view: SavedView
    address: str
    is_open: bool  # it is what the list shows


@page(*REVIEWERS, methods=BOTH)
def views(visit: Visit) -> HttpResponseBase:
    """Show the saved views; keep the filter of the address under a name."""
    asked = filters.read(visit.request.GET)
    if visit.request.method != "POST":
        return _show(visit, asked)
    try:
        saved_views.save(
            visit.membership,
            visit.request.POST.get("name", ""),
            question(asked),
            is_shared="shared" in visit.request.POST,
        )
    except Problem as problem:
        return _show(visit, asked, problem)
    visit.say(t("Đã lưu bộ lọc."))
    return go(_list(visit, question(asked)))


@page(*REVIEWERS, methods=WRITING)
def rename_view(visit: Visit, view_id: int) -> HttpResponseBase:
    """Give a view another name."""
    try:
        saved_views.rename(visit.membership, view_id, visit.request.POST.get("name", ""))
    except Problem as problem:
        if problem.status == 404:
            raise
        return _show(visit, filters.read(QueryDict()), problem, view_id)
    visit.say(t("Đã đổi tên bộ lọc."))
    return go(reverse("saved_views", args=[visit.membership.project_id]))


@page(*REVIEWERS, methods=WRITING)
def delete_view(visit: Visit, view_id: int) -> HttpResponseBase:
    """Forget a view."""
    saved_views.remove(visit.membership, view_id)
    visit.say(t("Đã xóa bộ lọc."))
    return go(reverse("saved_views", args=[visit.membership.project_id]))


def chips(visit: Visit, asked: Filters) -> list[Chip]:
    """Return the views that a person has, with where each opens; one query."""
    here = question(asked)
    return [
        Chip(view, _list(visit, view.query), view.query == here)
        for view in saved_views.seen_by(visit.membership)
    ]


def question(asked: Filters) -> str:
    """Return what is kept of a filter: all of it as understood, columns and order too, no page."""
    return asked.query(page=None)


def _list(visit: Visit, query: str) -> str:
    # What was understood when it was saved may mean nothing by now: it is read again each time.
    understood = question(filters.read(QueryDict(query)))
    here = reverse("records", args=[visit.membership.project_id])
    return f"{here}?{understood}" if understood else here


def _show(
    visit: Visit, asked: Filters, problem: Problem | None = None, renamed: int | None = None
) -> HttpResponse:
    mine = set(saved_views.changeable_by(visit.membership).values_list("pk", flat=True))
    sentence = problem.sentence(language()) if problem else ""
    return visit.show(
        "console/saved_views.html",
        problem.status if problem else 200,
        here="records",
        chips=[(chip, chip.view.pk in mine) for chip in chips(visit, asked)],
        query=question(asked),
        labels=[t(filters.LABELS[name]) for name in asked.values],
        problems=[*asked.problems, *([sentence] if sentence else [])],
        renamed=renamed,
        typed=visit.request.POST.get("name", ""),
        is_shared="shared" in visit.request.POST,
        may_share=visit.membership.role == Role.MANAGER,
        longest=saved_views.LONGEST_NAME,
    )
