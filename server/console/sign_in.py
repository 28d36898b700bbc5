"""Signing in and out, the language, and the way from `/` to a project."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from server.console import expired, second_step, sessions
from server.console.page import go, open_page
from server.console.problems import SecondStepOver, SignInInClear, SignInWrong
from server.console.wording import LANGUAGES, language
from server.errors import Problem
from server.projects import own_account, second_factor
from server.projects.account_problems import CodeWrong
from server.projects.models import Language, Membership, User
from server.projects.problems import TooManyTries


@open_page
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask who it is; then go on to where they wanted to go, with what they had typed."""
    if request.method != "POST":
        return _asked(request, expired.inside(request.GET.get("next", "")))
    email = request.POST.get("email", "")
    try:
        user = sessions.by_password(request, email, request.POST.get("password", ""))
    except (SignInInClear, SignInWrong, TooManyTries) as problem:
        return _asked(request, expired.inside(request.POST.get("next", "")), problem)
    if second_factor.is_on(user):
        response = _asked_for_code(request)
        second_step.keep(response, user)
        return response
    return _entered(request, user)


@open_page
def code(request: HttpRequest) -> HttpResponse:
    """Take the code of who has given their password; then go on as `sign_in`."""
    if request.method != "POST":  # the page was loaded again: it is made with the password alone
        return go(reverse("sign_in"))
    user = second_step.waiting(request)
    if user is None:
        return _asked(request, expired.inside(request.POST.get("next", "")), SecondStepOver())
    try:
        second = second_factor.taken(user, request.POST.get("totp", ""))
    except (CodeWrong, TooManyTries) as problem:
        return _asked_for_code(request, problem)
    response = _entered(request, user, second)
    second_step.forget(response)
    return response


def _entered(request: HttpRequest, user: User, second: str = "") -> HttpResponse:
    """Open a session, and lead to where the person was going, with what they had typed."""
    address, fields = expired.carried(request.POST)
    response: HttpResponse
    if address:
        # Shown and not sent by itself: whoever signs in may not be who had typed it.
        shown = {"address": address, "fields": fields, "told": expired.as_read(fields)}
        response = render(request, "console/kept.html", shown)
    else:
        response = go(expired.inside(request.POST.get("next", "")) or reverse("front"))
    sessions.keep(response, sessions.opened_for(request, user, second))
    sessions.follow_account(request, response, user)
    return response


def _asked_for_code(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    return _form(
        request, "console/sign_in_code.html", expired.inside(request.POST.get("next", "")), problem
    )


def _asked(request: HttpRequest, next_page: str, problem: Problem | None = None) -> HttpResponse:
    return _form(request, "console/sign_in.html", next_page, problem)


def _form(
    request: HttpRequest, template: str, next_page: str, problem: Problem | None
) -> HttpResponse:
    address, fields = expired.carried(request.POST)
    carried = expired.keeping(address, fields) if address else {}
    said = {"sentence": problem.sentence(language())} if problem else {}
    response = render(
        request,
        template,
        {
            "next": next_page,
            "email": request.POST.get("email", ""),
            "is_new": "moi" in request.GET,
            **carried,
            **said,
        },
        status=problem.status if problem else 200,
    )
    if isinstance(problem, TooManyTries):
        response["Retry-After"] = str(problem.details["wait_s"])
    return response


@open_page
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    response = go(reverse("sign_in"))
    sessions.sign_out(request, response)
    return response


@open_page
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show pages in another language from now on."""
    response = go(expired.inside(request.POST.get("next", "")) or reverse("front"))
    asked = request.POST.get("language", "")
    if asked in LANGUAGES:
        sessions.keep_language(response, asked)
        user = sessions.person(request)
        if user is not None:
            own_account.choose_language(user, Language(asked))
    return response


@open_page
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Lead to the project that a person works in, or let them choose."""
    user = sessions.person(request)
    if user is None:
        return expired.sign_in_again(request)
    ordered = (F("project__archived_at").desc(nulls_first=True), "pk")  # what is over comes last
    mine = list(Membership.objects.filter(user=user).select_related("project").order_by(*ordered))
    if len(mine) == 1:
        return HttpResponseRedirect(reverse("home", args=[mine[0].project_id]))
    return render(request, "console/projects.html", {"memberships": mine, "user": user})
