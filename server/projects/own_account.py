"""What people do with their own accounts; what opens the account wants its password once more."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from server.projects import audit, passwords, second_factor, throttle
from server.projects.access import digest
from server.projects.account_problems import PasswordWrong
from server.projects.audit import Actor, Object
from server.projects.models import Language, Session, User


@transaction.atomic(durable=True)
def rename(user: User, name: str) -> None:
    """Call a person otherwise; repeating it changes nothing."""
    if user.display_name == name:
        return
    user.display_name = name
    user.save(update_fields=["display_name"])
    audit.record(Actor.person(user), "user.update", _object(user), {"displayName": "changed"})


def choose_language(user: User, language: Language) -> None:
    """Show a person pages in a language, whatever browser they come with."""
    User.objects.filter(pk=user.pk).update(language=language)


def change_password(user: User, old: str, new: str, token: str) -> None:
    """Give a person another password; every session but the one of `token` ends.

    Raises PasswordWrong, TooManyTries, and as `passwords.refuse_weak`.
    """
    prove(user, old)
    passwords.refuse_weak(new, user)
    with transaction.atomic(durable=True):
        row = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        passwords.replace(row, new, keep_token=token)
        audit.record(Actor.person(user), "user.update", _object(user), {"password": "changed"})


def switch_codes_off(user: User, password: str, code: str) -> None:
    """Ask for no codes any more. Raises PasswordWrong, CodeWrong, TooManyTries."""
    prove(user, password)
    second_factor.switch_off(user, code)


def renew_recovery_codes(user: User, password: str, code: str) -> tuple[str, ...]:
    """Return new recovery codes in place of the old. Raises as `switch_codes_off`."""
    prove(user, password)
    return second_factor.renew_recovery_codes(user, code)


def sessions(user: User) -> QuerySet[Session]:
    """Return a person's sessions that are not over, the newest first."""
    return Session.objects.filter(user=user, expires_at__gt=timezone.now()).order_by("-pk")


def is_of(session: Session, token: str) -> bool:
    """Tell whether a session is the one of a token."""
    return session.token_sha256 == digest(token)


@transaction.atomic(durable=True)
def end_others(user: User, token: str) -> int:
    """End every session but the one of `token`; return how many."""
    ended, _ = Session.objects.filter(user=user).exclude(token_sha256=digest(token)).delete()
    if ended:
        audit.record(Actor.person(user), "user.session.end", _object(user), {"others": ended})
    return ended


def prove(user: User, password: str) -> None:
    """Refuse whoever does not know a person's password. Raises PasswordWrong, TooManyTries."""

    def attempt() -> bool | None:
        return passwords.fits(user, password) or None

    # Counted for the account alone: it is somebody within a session of it who tries.
    if throttle.guarded(f"password of {user.pk}", user.email, attempt) is None:
        raise PasswordWrong


def _object(user: User) -> Object:
    return Object("user", user.pk)
