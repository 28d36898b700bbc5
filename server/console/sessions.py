"""Who is at the desk: a session of `projects.accounts`, held by a cookie."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from server.console.problems import SignInInClear, SignInWrong
from server.console.wording import LANGUAGES
from server.projects import accounts, throttle
from server.projects.accounts import OpenedSession
from server.projects.models import User

COOKIE = "so_xa_phien"
LANGUAGE_COOKIE = "so_xa_ngon_ngu"
_YEAR_S = 365 * 86_400


def person(request: HttpRequest) -> User | None:
    """Return who is signed in, None when nobody is or the session is over."""
    carried = token(request)
    return accounts.person(carried) if carried else None


def by_password(request: HttpRequest, email: str, password: str) -> User:
    """Return whose password this is. Raises SignInInClear, SignInWrong, TooManyTries."""
    refuse_in_clear(request)
    if "\0" in email:  # PostgreSQL has no such text
        raise SignInWrong
    user = throttle.guarded(
        address(request), email.strip().lower(), lambda: accounts.authenticated(email, password)
    )
    if user is None:
        raise SignInWrong
    return user


def opened_for(request: HttpRequest, user: User, second: str = "") -> OpenedSession:
    """Open a session for whoever has proved who they are; `second` as `accounts.open_for`."""
    return accounts.open_for(user, client=request.headers.get("User-Agent", ""), second=second)


def token(request: HttpRequest) -> str:
    """Return the token of the session that a request carries, "" for none."""
    return request.COOKIES.get(COOKIE, "")


def address(request: HttpRequest) -> str:
    """Return where a request comes from, as the HTTP server tells it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def keep(response: HttpResponseBase, opened: OpenedSession) -> None:
    """Give the browser its session; scripts cannot read it, other sites cannot send it."""
    response.set_cookie(
        COOKIE,
        opened.token,
        max_age=accounts.SESSION_LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def sign_out(request: HttpRequest, response: HttpResponseBase) -> None:
    """End the session, here and in the browser."""
    accounts.close_session(token(request))
    response.delete_cookie(COOKIE, samesite="Lax")


def language(request: HttpRequest) -> str:
    """Return the language that somebody chose; Vietnamese before they did."""
    asked = request.COOKIES.get(LANGUAGE_COOKIE, "")
    return asked if asked in LANGUAGES else "vi"


def keep_language(response: HttpResponseBase, language: str) -> None:
    """Remember the language that somebody reads."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=_YEAR_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def follow_account(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Have the browser remember what a person chose in another one."""
    if user.language and user.language != language(request):
        keep_language(response, user.language)


def refuse_in_clear(request: HttpRequest) -> None:
    """Refuse a password that others on the way could read. Raises SignInInClear."""
    if not (request.is_secure() or _is_from_this_machine(request)):
        raise SignInInClear


def _is_from_this_machine(request: HttpRequest) -> bool:
    # A proxy on this machine connects from loopback on behalf of anyone.
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # no address, e.g. over a socket file: it cannot be told
        return False
