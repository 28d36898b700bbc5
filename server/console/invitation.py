"""A link with which somebody who has an account comes into a further project, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict

from server.console import links
from server.console.links import Link
from server.console.page import open_page
from server.projects import invitations
from server.projects.account_problems import InvitationVoid
from server.projects.models import User


@open_page
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the password in use and another; then lead to the sign-in."""
    return links.answer(request, token, _LINK)


def _accept(token: str, given: QueryDict) -> User:
    return invitations.accept(token, given.get("password", ""), links.typed_twice(given))


_LINK = Link(
    "console/invitation.html",
    InvitationVoid,
    invitations.holder,
    _accept,
    lambda invited: {"invited": invited},
)
