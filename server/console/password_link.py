"""A link with which a person sets their password, once; its token stands in no log and no page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from server.console import sessions
from server.console.page import go, open_page
from server.console.problems import PasswordsDiffer
from server.console.wording import language
from server.errors import Problem
from server.projects import passwords, throttle
from server.projects.account_problems import PasswordLinkVoid
from server.projects.models import User


@open_page
def set_password(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a password and set it; then lead to the sign-in, where it is used at once."""
    user = _holder(request, token)
    if request.method != "POST":
        return _asked(request, user)
    sessions.refuse_in_clear(request)
    try:
        passwords.use_link(token, typed_twice(request.POST))
    except PasswordLinkVoid:
        raise
    except Problem as problem:
        return _asked(request, user, problem)
    return go(f"{reverse('sign_in')}?moi=1")


def typed_twice(given: QueryDict) -> str:
    """Return the new password of a form. Raises PasswordsDiffer."""
    password = given.get("new_password", "")
    if password != given.get("new_password_again", ""):
        raise PasswordsDiffer
    return password


def _holder(request: HttpRequest, token: str) -> User:
    try:
        return passwords.link_holder(token)
    except PasswordLinkVoid:
        throttle.failed(sessions.address(request), token)
        raise


def _asked(request: HttpRequest, user: User, problem: Problem | None = None) -> HttpResponse:
    said = {"sentence": problem.sentence(language())} if problem else {}
    shown = {"user": user, "expires_at": user.password_link.expires_at, **said}
    status = problem.status if problem else 200
    return render(request, "console/set_password.html", shown, status=status)
