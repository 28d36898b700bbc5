"""Who is calling: a session token, or a password where nobody can listen.

Basic carries the password itself, so it is taken over TLS, or from this very machine, and
nowhere else (openrosa.md §5.3).
"""

from __future__ import annotations

import base64
import binascii
import ipaddress

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from server.api.errors import Unauthenticated
from server.errors import Problem
from server.projects import accounts
from server.projects.models import User


class PasswordInClear(Problem):
    """A password over plain HTTP."""

    code = "auth.password_in_clear"
    status = 401
    vi = "Chỉ gửi mật khẩu qua https. Qua http hãy dùng mã phiên (POST /v1/sessions từ máy chủ)."
    en = "Send a password over https only."
    central = 401.3


class SessionToken(BaseAuthentication):
    """`Authorization: Bearer <token of POST /v1/sessions>`."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """Return the person of the token; None when there is no bearer token."""
        kind, _, token = _authorization(request)
        if kind != "bearer":
            return None
        person = accounts.person(token)
        if person is None:
            raise Unauthenticated
        return person, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge; a browser on this machine then asks for the password."""
        return 'Basic realm="So Xa"'


class Password(BaseAuthentication):
    """`Authorization: Basic`, over TLS or from this machine."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the person of the password; None when there is none."""
        kind, _, encoded = _authorization(request)
        if kind != "basic":
            return None
        refuse_in_clear(request)
        person = accounts.authenticated(*_credentials(encoded))
        if person is None:
            raise Unauthenticated
        return person, None


def refuse_in_clear(request: Request) -> None:
    """Refuse a password that others on the way could read. Raises PasswordInClear."""
    address = request.META.get("REMOTE_ADDR") or "127.0.0.1"
    if not (request.is_secure() or ipaddress.ip_address(address).is_loopback):
        raise PasswordInClear


def _authorization(request: Request) -> tuple[str, str, str]:
    kind, space, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return kind.lower(), space, rest.strip()


def _credentials(encoded: str) -> tuple[str, str]:
    try:
        email, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unauthenticated from error
    return email, password
