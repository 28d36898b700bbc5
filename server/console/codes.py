"""Mã hai bước: set up by a code that the phone scans, confirmed by one that it shows."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.safestring import SafeString

from server.console import sessions
from server.console.page import EVERYBODY, WRITING, Visit, go, page
from server.console.wording import language, t
from server.errors import Problem
from server.projects import own_account, qr, second_factor


@page(*EVERYBODY, before_codes=True)
def codes(visit: Visit) -> HttpResponse:
    """Show how to set codes up, or what can be done about those there are."""
    return _shown(visit)


@page(*EVERYBODY, methods=WRITING, before_codes=True)
def begin(visit: Visit) -> HttpResponseBase:
    """Make a secret, which the page then shows until it is confirmed."""
    second_factor.begin(visit.user)
    return go(reverse("codes", args=[visit.membership.project_id]))


@page(*EVERYBODY, methods=WRITING, before_codes=True)
def confirm(visit: Visit) -> HttpResponseBase:
    """Ask for codes from now on, and show the recovery codes, once."""
    try:
        made = second_factor.confirm(
            visit.user, visit.request.POST.get("totp", ""), sessions.token(visit.request)
        )
    except Problem as problem:
        return _shown(visit, problem)
    return _recovery_codes(visit, made)


@page(*EVERYBODY, methods=WRITING)
def switch_off(visit: Visit) -> HttpResponseBase:
    """Ask for no codes any more, for password and code."""
    given = visit.request.POST
    try:
        own_account.switch_codes_off(visit.user, given.get("password", ""), given.get("totp", ""))
    except Problem as problem:
        return _shown(visit, problem)
    visit.say(t("Đã tắt mã hai bước."))
    return go(reverse("account", args=[visit.membership.project_id]))


@page(*EVERYBODY, methods=WRITING)
def renew(visit: Visit) -> HttpResponseBase:
    """Make new recovery codes, for password and code, and show them, once."""
    given = visit.request.POST
    try:
        made = own_account.renew_recovery_codes(
            visit.user, given.get("password", ""), given.get("totp", "")
        )
    except Problem as problem:
        return _shown(visit, problem)
    return _recovery_codes(visit, made)


def _shown(visit: Visit, problem: Problem | None = None) -> HttpResponse:
    given = second_factor.set_up(visit.user)
    return visit.show(
        "console/codes.html",
        problem.status if problem else 200,
        here="account",
        problems=[problem.sentence(language())] if problem else [],
        is_on=second_factor.is_on(visit.user),
        left=second_factor.recovery_codes_left(visit.user),
        is_owed=second_factor.is_owed(visit.user),
        picture=SafeString(qr.svg(given.uri)) if given else "",
        secret=" ".join(_fours(given.secret)) if given else "",
    )


def _fours(text: str) -> list[str]:
    return [text[i : i + 4] for i in range(0, len(text), 4)]


def _recovery_codes(visit: Visit, made: Sequence[str]) -> HttpResponse:
    return visit.show("console/recovery_codes.html", here="account", codes=made)
