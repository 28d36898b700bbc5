"""A link with which somebody who has an account comes into a further project, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from server.console import sessions
from server.console.page import go, open_page
from server.console.password_link import typed_twice
from server.console.wording import language
from server.errors import Problem
from server.projects import invitations, throttle
from server.projects.account_problems import InvitationVoid
from server.projects.models import Invitation


@open_page
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the password in use and another; then lead to the sign-in."""
    invited = _holder(request, token)
    if request.method != "POST":
        return _asked(request, invited)
    sessions.refuse_in_clear(request)
    try:
        invitations.accept(token, request.POST.get("password", ""), typed_twice(request.POST))
    except InvitationVoid:
        raise
    except Problem as problem:
        return _asked(request, invited, problem)
    return go(f"{reverse('sign_in')}?moi=1")


def _holder(request: HttpRequest, token: str) -> Invitation:
    try:
        return invitations.holder(token)
    except InvitationVoid:
        throttle.failed(sessions.address(request), token)
        raise


def _asked(
    request: HttpRequest, invited: Invitation, problem: Problem | None = None
) -> HttpResponse:
    said = {"sentence": problem.sentence(language())} if problem else {}
    status = problem.status if problem else 200
    return render(request, "console/invitation.html", {"invited": invited, **said}, status=status)
