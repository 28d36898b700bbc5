"""Who is calling: a session token, or a password where nobody can listen.

Basic carries the password itself, so it is taken over TLS, or from this very machine, and
nowhere else (openrosa.md §5.3). A device's key opens nothing here. Nor does the password alone of
whoever has two-step sign-in: Central's clients have no field for the code, so their scripts call
with an API key.
"""

from __future__ import annotations

import base64
import ipaddress

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from server.api.problems import PasswordInClear, Unauthenticated
from server.projects import accounts, api_keys, second_factor, throttle
from server.projects.account_problems import CodesNeeded
from server.projects.models import User
from server.projects.problems import ApiKeyRefused

CHALLENGE = 'Basic realm="So Xa", charset="UTF-8"'


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer`, and the token of POST /v1/sessions or an API key."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """Return the person of the token; None when there is no bearer token."""
        kind, token = authorization(request)
        if kind != "bearer":
            return None
        if token.startswith(api_keys.PREFIX):
            return _of_key(request, token), token
        person = accounts.person(token)
        if person is None:
            raise Unauthenticated
        if second_factor.is_owed(person):  # the session of a browser that is led to the set-up
            raise CodesNeeded
        return person, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge; a browser then asks for the password."""
        return CHALLENGE


def _of_key(request: Request, token: str) -> User:
    try:
        return api_keys.holder(token)
    except ApiKeyRefused:  # a guess; one that was revoked or is past its day was none
        throttle.failed(address(request), token)
        raise


class Password(BaseAuthentication):
    """`Authorization: Basic`, over TLS or from this machine."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the person of the password; None when there is none."""
        kind, encoded = authorization(request)
        if kind != "basic":
            return None
        refuse_in_clear(request)
        email, password = _credentials(encoded)
        person = throttle.guarded(
            address(request), email.lower(), lambda: accounts.let_in(email, password)
        )
        if person is None:
            raise Unauthenticated
        return person, None


def address(request: HttpRequest | Request) -> str:
    """Return where a request comes from, as the HTTP server tells it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def refuse_in_clear(request: HttpRequest | Request) -> None:
    """Refuse a password that others on the way could read. Raises PasswordInClear."""
    if not (request.is_secure() or _is_from_this_machine(request)):
        raise PasswordInClear


def _is_from_this_machine(request: HttpRequest | Request) -> bool:
    # A proxy on this machine connects from loopback on behalf of anyone.
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # no address, e.g. over a socket file: it cannot be told
        return False


def authorization(request: Request) -> tuple[str, str]:
    """Return the kind of credentials that a request carries, in lower case, and themselves."""
    kind, _, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return kind.lower(), rest.strip()


def _credentials(encoded: str) -> tuple[str, str]:
    try:
        email, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:  # neither base64 nor UTF-8
        raise Unauthenticated from error
    if "\0" in email:  # PostgreSQL has no such text
        raise Unauthenticated
    return email, password
