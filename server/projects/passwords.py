"""Passwords that people choose: what is too easy to guess, and the links to set one.

A link is shown once to a manager, who hands it on as they like (no mail server is assumed), sets
one password within 72 hours, and is kept only as its SHA-256.
"""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    UserAttributeSimilarityValidator,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from server.errors import Problem
from server.projects import audit
from server.projects.access import digest
from server.projects.account_problems import (
    PasswordCommon,
    PasswordLikeAccount,
    PasswordLinkVoid,
    PasswordNumeric,
    PasswordShort,
)
from server.projects.audit import Actor, Object
from server.projects.models import PasswordLink, Session, User

LINK_LIFE = dt.timedelta(hours=72)
_RANDOM_BYTES = 32
_LONGEST = 1000  # characters that are brought into one form
_VALIDATORS = (
    MinimumLengthValidator(10),
    CommonPasswordValidator(),
    NumericPasswordValidator(),
    UserAttributeSimilarityValidator(("email", "display_name")),
)
# By the codes of these.
_WEAK: Mapping[str, type[Problem]] = {
    "password_too_short": PasswordShort,
    "password_too_common": PasswordCommon,
    "password_entirely_numeric": PasswordNumeric,
    "password_too_similar": PasswordLikeAccount,
}


@dataclass(frozen=True, slots=True)
class NewLink:
    """What sets a password, on the only occasion that it can be read."""

    user: User
    token: str  # 43 characters of [A-Za-z0-9_-]
    expires_at: dt.datetime


def hashed(password: str | None) -> str:
    """Return what is kept of a password; None for none, which nothing fits."""
    return make_password(None if password is None else _normal(password))


def fits(user: User | None, password: str) -> bool:
    """Tell whether this is a person's password; of nobody's it takes as long to say no."""
    # Also as it came: so it was kept before passwords were brought into one form.
    spelled = dict.fromkeys((_normal(password), password))
    if user is None:
        for one in spelled:
            make_password(one)
        return False
    return any(user.check_password(one) for one in spelled)


def _normal(password: str) -> str:
    # «ế» is one sign on most keyboards and three on some, of the same person (RFC 8265 §4.2.1).
    # Putting marks in order takes the square of their number, and anybody may send anything.
    return unicodedata.normalize("NFC", password) if len(password) <= _LONGEST else password


def refuse_weak(password: str, user: User) -> None:
    """Refuse what is soon guessed.

    Raises PasswordShort, PasswordCommon, PasswordNumeric, PasswordLikeAccount.
    """
    try:
        validate_password(_normal(password), user, _VALIDATORS)
    except ValidationError as error:
        first = error.error_list[0]
        raise _WEAK[str(first.code)](**(first.params or {})) from error


def replace(user: User, password: str | None, *, keep_token: str = "") -> None:
    """Give a locked row of a person another password, within the caller's transaction.

    Whatever the old one opened ends: sessions, and links to set one. password: None for none.
    keep_token: of the session that goes on.
    """
    user.password = hashed(password)
    user.save(update_fields=["password"])
    Session.objects.filter(user=user).exclude(token_sha256=digest(keep_token)).delete()
    PasswordLink.objects.filter(user=user).delete()


def give_link(user: User, by: Actor, project_id: int | None) -> NewLink:
    """Make a link, in place of any other, within the caller's transaction."""
    token, now = secrets.token_urlsafe(_RANDOM_BYTES), timezone.now()
    given = {"token_sha256": digest(token), "created_at": now, "expires_at": now + LINK_LIFE}
    PasswordLink.objects.update_or_create(user=user, defaults=given)
    audit.record(by, "user.password_link.create", Object("user", user.pk, project_id))
    return NewLink(user, token, now + LINK_LIFE)


def link_holder(token: str) -> User:
    """Return whose password a link sets. Raises PasswordLinkVoid."""
    found = PasswordLink.objects.filter(token_sha256=digest(token)).select_related("user").first()
    if found is None or found.expires_at <= timezone.now() or not found.user.is_active:
        raise PasswordLinkVoid
    return found.user


@transaction.atomic(durable=True)
def use_link(token: str, password: str) -> User:
    """Set a person's password and use the link up.

    Raises PasswordLinkVoid, and as `refuse_weak`, after which the link is good still.
    """
    # The person first, then what hangs on them, as whoever gives a link does.
    user = User.objects.select_for_update(no_key=True).get(pk=link_holder(token).pk)
    link_holder(token)
    refuse_weak(password, user)
    replace(user, password)
    audit.record(Actor.person(user), "user.password_link.use", Object("user", user.pk))
    return user
