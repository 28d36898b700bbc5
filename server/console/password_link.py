"""A link with which a person sets their password, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from server.console import links
from server.console.links import Link, typed_twice
from server.console.page import open_page
from server.projects import passwords
from server.projects.account_problems import PasswordLinkVoid

_LINK = Link(
    "console/set_password.html",
    PasswordLinkVoid,
    passwords.link_holder,
    lambda token, given: passwords.use_link(token, typed_twice(given)),
    lambda user: {"user": user, "expires_at": user.password_link.expires_at},
)


@open_page
def set_password(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a password and set it; then lead to the sign-in, where it is used at once."""
    return links.answer(request, token, _LINK)
