"""Between password and code: who has given the first, for five minutes, in a signed cookie.

Nothing of it is kept on the server. Another password, and the end of its time, make it void.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from server.projects.models import User

COOKIE = "so_xa_buoc_hai"
_LIFE_S = 300
_SALT = "so-xa second step"


def keep(response: HttpResponseBase, user: User) -> None:
    """Let the browser say that it has given this person's password."""
    response.set_cookie(
        COOKIE,
        signing.dumps([user.pk, _mark(user)], salt=_SALT),
        max_age=_LIFE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def waiting(request: HttpRequest) -> User | None:
    """Return whose code is asked for; None when nobody's is any more."""
    try:
        kept = request.COOKIES.get(COOKIE, "")
        number, mark = signing.loads(kept, salt=_SALT, max_age=_LIFE_S)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=number, is_active=True).first()
    return user if user is not None and constant_time_compare(mark, _mark(user)) else None


def forget(response: HttpResponseBase) -> None:
    """Take it from the browser."""
    response.delete_cookie(COOKIE, samesite="Strict")


def _mark(user: User) -> str:
    return salted_hmac(_SALT, user.password, algorithm="sha256").hexdigest()
