"""Kế hoạch: the plans, one with its teams and communes, and what is put into it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse

from server.communes.models import AdminUnit
from server.console.filters import day_of
from server.console.page import BOTH, REVIEWERS, WRITING, Visit, go, page
from server.console.problems import PageUnknown
from server.console.wording import language, t
from server.errors import Problem
from server.inspections.expected import local_day
from server.plans import history, plan
from server.plans import table as tables
from server.plans.models import Agency, Plan, PlanItem, PlanState, SelectionReason
from server.plans.plan import Change, Heading, Item
from server.plans.problems import PlanUnknown
from server.projects.audit import Actor
from server.projects.models import Role

_SHOWN = 50  # of the history
_LONGEST = 200  # characters of a name


@page(*REVIEWERS)
def plans(visit: Visit) -> HttpResponse:
    """Show the plans of a project."""
    return visit.show(
        "console/plans.html",
        here="plans",
        found=list(tables.plans(visit.membership.project_id)),
        is_planner=_is_planner(visit),
    )


@page(*REVIEWERS, methods=BOTH)
def new_plan(visit: Visit) -> HttpResponse:
    """Ask for what a plan says of itself, and write it down."""
    _refuse_others(visit)
    given = visit.request.POST
    if visit.request.method != "POST":
        return _ask_heading(visit, {"year": str(local_day().year)}, "")
    signed, year = _day(given.get("signed_on", "")), given.get("year", "")
    number, title = given.get("number", "").strip(), given.get("title", "").strip()
    if signed is None or not (number and title) or not (year.isdecimal() and len(year) == 4):
        told = t("Ghi đủ số, tên kế hoạch, ngày ký (ngày/tháng/năm) và năm.")
        return _ask_heading(visit, given.dict(), told)
    heading = Heading(number[:100], title[:500], signed, int(year), given.get("lead_agency", ""))
    try:
        made = plan.create(visit.membership.project_id, heading, visit.user)
    except Problem as problem:
        return _ask_heading(visit, given.dict(), problem.sentence(language()), problem.status)
    visit.say(t("Đã lập kế hoạch. Thêm xã rồi bắt đầu thực hiện."))
    return go(_address(visit, made.pk))


def _ask_heading(visit: Visit, typed: Any, told: str, status: int = 400) -> HttpResponse:
    agencies = Agency.objects.in_force(local_day()).order_by("name_vi")
    return visit.show(
        "console/plan_new.html",
        status=status if told else 200,
        here="plans",
        agencies=list(agencies),
        typed=typed,
        told=told,
    )


@page(*REVIEWERS)
def one_plan(visit: Visit, plan_id: int) -> HttpResponse:
    """Show a plan: its communes by its teams, and its history."""
    return _show(visit, _found(visit, plan_id))


@page(*REVIEWERS, methods=WRITING)
def set_plan_state(visit: Visit, plan_id: int) -> HttpResponse:
    """Begin a plan or end it."""
    _refuse_others(visit)
    found, state = _found(visit, plan_id), visit.request.POST.get("state", "")
    if state not in PlanState.values:
        raise PageUnknown
    try:
        plan.set_state(found.pk, PlanState(state), Actor.person(visit.user))
    except Problem as problem:
        return _show(visit, found, problem.sentence(language()), status=problem.status)
    visit.say(t("Đã đổi trạng thái kế hoạch."))
    return go(_address(visit, plan_id))


@page(*REVIEWERS, methods=WRITING)
def add_to_plan(visit: Visit, plan_id: int) -> HttpResponse:
    """Put pasted communes into a plan for a team: all of them, or none."""
    _refuse_others(visit)
    found, given = _found(visit, plan_id), visit.request.POST
    starts, ends = _day(given.get("starts_on", "")), _day(given.get("ends_on", ""))
    team, form_ids = given.get("team", "").strip()[:_LONGEST], tuple(given.getlist("form"))
    if starts is None or ends is None or not team or not form_ids:
        told = t("Ghi đủ đoàn, ít nhất một biểu mẫu, ngày đầu và ngày cuối (ngày/tháng/năm).")
        return _show(visit, found, told)
    named = tables.pasted(given.get("communes", ""), _communes(starts))
    wrong = [
        *(t("Không có xã, phường «{line}».", line=line) for line in named.unknown),
        *(
            t("«{line}» là tên của nhiều xã, phường; ghi mã.", line=line)
            for line in named.ambiguous
        ),
    ]
    if wrong or not named.uids:
        told = t("Chưa thêm xã nào. Sửa các dòng sau rồi thêm lại.") if wrong else t("Chưa ghi xã.")
        return _show(visit, found, told, wrong)
    reasons = tuple(given.getlist("reason"))
    items = [Item(uid, form_ids, team, starts, ends, reasons) for uid in named.uids]
    try:
        made = plan.add(found.pk, items, Actor.person(visit.user))
    except Problem as problem:
        return _show(visit, found, problem.sentence(language()), status=problem.status)
    visit.say(t("Đã thêm {count} xã, phường cho {team}.", count=len(made), team=team))
    return go(_address(visit, plan_id))


@page(*REVIEWERS, methods=BOTH)
def plan_item(visit: Visit, plan_id: int, item_id: int) -> HttpResponse:
    """Show one unit of a plan; give it to another team or other days, or take it out."""
    _refuse_others(visit)
    found = _found(visit, plan_id)
    item = found.items.select_related("unit").filter(pk=item_id).first()
    if item is None:
        raise PageUnknown
    if visit.request.method != "POST":
        return _ask_item(visit, found, item, "")
    given, by = visit.request.POST, Actor.person(visit.user)
    starts, ends = _day(given.get("starts_on", "")), _day(given.get("ends_on", ""))
    try:
        if "remove" in given:
            plan.remove(found.pk, item.pk, by)
        elif starts is None or ends is None or not given.get("team", "").strip():
            return _ask_item(visit, found, item, t("Ghi đủ đoàn, ngày đầu và ngày cuối."))
        else:
            team = given["team"].strip()[:_LONGEST]
            plan.change(found.pk, item.pk, Change(team=team, starts_on=starts, ends_on=ends), by)
    except Problem as problem:
        return _ask_item(visit, found, item, problem.sentence(language()), problem.status)
    visit.say(t("Đã ghi vào kế hoạch."))
    return go(_address(visit, plan_id))


def _ask_item(
    visit: Visit, found: Plan, item: PlanItem, told: str, status: int = 400
) -> HttpResponse:
    return visit.show(
        "console/plan_item.html",
        status=status if told else 200,
        here="plans",
        plan=found,
        item=item,
        typed=visit.request.POST,
        told=told,
    )


def _show(
    visit: Visit, found: Plan, told: str = "", wrong: list[str] | None = None, status: int = 400
) -> HttpResponse:
    typed: QueryDict = visit.request.POST
    chosen, why = typed.getlist("form"), typed.getlist("reason") or [SelectionReason.PLANNED]
    shown = tables.table(found)
    changes = list(history.of(found)[:_SHOWN])
    named = {side.get("unit") for one in changes for side in (one.before, one.after) if side}
    return visit.show(
        "console/plan.html",
        status=status if told else 200,
        here="plans",
        plan=found,
        table=shown,
        history=changes,
        units=dict(AdminUnit.objects.filter(pk__in=named).values_list("uid", "name")),
        forms=[
            (form_id, title, form_id in chosen) for form_id, title in tables.forms(found.project_id)
        ],
        reasons=[(code, word, code in why) for code, word in SelectionReason.choices],
        is_planner=_is_planner(visit),
        typed=typed,
        told=told,
        wrong=wrong or [],
    )


def _found(visit: Visit, plan_id: int) -> Plan:
    try:
        return plan.find(visit.membership.project_id, plan_id)
    except PlanUnknown as unknown:
        raise PageUnknown from unknown


def _is_planner(visit: Visit) -> bool:
    """Tell whether a person makes plans: who answers for all communes, as at the API."""
    return visit.membership.role == Role.MANAGER or not visit.membership.commune_uids


def _refuse_others(visit: Visit) -> None:
    if not _is_planner(visit):
        raise PageUnknown


def _communes(on_date: dt.date) -> list[AdminUnit]:
    return list(AdminUnit.objects.communes().in_force(on_date))


def _day(text: str) -> dt.date | None:
    try:
        return day_of(text.strip())
    except (ValueError, OverflowError):
        return None


def _address(visit: Visit, plan_id: int) -> str:
    return reverse("plan", args=[visit.membership.project_id, plan_id])
