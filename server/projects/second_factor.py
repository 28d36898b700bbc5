"""The second step of signing in: a code of the person's own phone (TOTP, RFC 6238).

Six digits of 30 seconds by SHA-1, which is what every such app knows. A code is good in its own 30
seconds and in those before and after, for clocks that differ, and is taken once: neither it nor an
older one is taken again. Who has lost the phone has ten recovery codes, good once each. Wrong codes
are counted for the account from everywhere: only who knows its password can give any, so nobody
else can be shut out by it (docs/decisions/two-step-sign-in.md).
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from server.projects import audit, throttle
from server.projects.access import digest
from server.projects.account_problems import CodeNeeded, CodesNeeded, CodeWrong
from server.projects.audit import NOBODY, Actor, Object
from server.projects.models import Membership, RecoveryCode, SecondFactor, Session, User
from server.projects.sealing import seal, unseal

T = TypeVar("T")

RECOVERY_CODES = 10
_ISSUER = "So Xa"  # without marks: some apps show them as question marks
_STEP_S = 30
_DRIFT = 1  # steps before and after the present one
_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_USE_OF_SEAL = b"so-xa second factors"
_RECOVERY_BYTES = 10  # 80 random bits: beyond guessing, so a plain hash keeps them


class Proof(StrEnum):
    """With what a second step was taken."""

    CODE = "code"
    RECOVERY_CODE = "recoveryCode"


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a phone is told; readable until the person has confirmed it by a code."""

    secret: str  # base32, to be typed where no code can be scanned
    uri: str  # otpauth://…, to be shown as a QR code


def is_on(user: User) -> bool:
    """Tell whether a person is asked for a code."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def is_owed(user: User, memberships: Iterable[Membership] | None = None) -> bool:
    """Tell whether a person must set up codes before anything else (TOTP_REQUIRED_ROLES).

    memberships: theirs, where the caller has them. Asks nothing where nobody has to.
    """
    required = settings.TOTP_REQUIRED_ROLES
    if not required:
        return False
    if memberships is None:
        memberships = Membership.objects.filter(user=user, role__in=required)
    return any(one.role in required for one in memberships) and not is_on(user)


def refuse_password_alone(user: User) -> None:
    """Refuse a person whose password alone opens nothing. Raises CodeNeeded, CodesNeeded."""
    if is_on(user):
        raise CodeNeeded
    if is_owed(user):
        raise CodesNeeded


def begin(user: User) -> None:
    """Make a secret to set a phone up with, in place of any that is not confirmed yet."""
    sealed = seal(pyotp.random_base32().encode(), use=_USE_OF_SEAL, row=user.pk)
    with transaction.atomic(durable=True):
        row, is_new = SecondFactor.objects.select_for_update().get_or_create(
            user=user, defaults={"sealed_secret": sealed}
        )
        if not is_new and row.confirmed_at is None:
            row.sealed_secret, row.last_step = sealed, 0
            row.save(update_fields=["sealed_secret", "last_step"])


def set_up(user: User) -> SetUp | None:
    """Return what to set a phone up with; None before `begin` and once it is confirmed."""
    row = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
    secret = None if row is None else _secret(row)
    if secret is None:
        return None
    totp = pyotp.TOTP(secret, name=user.email, issuer=_ISSUER)
    return SetUp(secret, totp.provisioning_uri())


def confirm(user: User, code: str, token: str) -> tuple[str, ...]:
    """Ask for codes from now on, if this is one; return recovery codes, readable only now.

    token: of the session it is done in; every other one ends, for it was opened without a code.
    Raises CodeWrong, TooManyTries.
    """
    return _proven(user, lambda: _confirmed(user, code, token))


@transaction.atomic(durable=True)
def _confirmed(user: User, code: str, token: str) -> tuple[str, ...] | None:
    row = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if row is None or not _takes(row, _plain(code)):
        return None
    row.confirmed_at = timezone.now()
    row.save(update_fields=["confirmed_at"])
    made = _new_recovery_codes(user)
    Session.objects.filter(user=user).exclude(token_sha256=digest(token)).delete()
    audit.record(Actor.person(user), "user.totp.create", Object("user", user.pk))
    return made


def taken(user: User, code: str) -> Proof:
    """Take a code or a recovery code, which is then used up. Raises CodeWrong, TooManyTries."""
    return _proven(user, lambda: _taken(user, code))


@transaction.atomic
def _taken(user: User, code: str) -> Proof | None:
    row = SecondFactor.objects.select_for_update().filter(user=user).first()
    if row is None or row.confirmed_at is None:
        return None
    plain = _plain(code)
    if _CODE.fullmatch(plain):
        return Proof.CODE if _takes(row, plain) else None
    gone, _ = RecoveryCode.objects.filter(user=user, code_sha256=digest(plain)).delete()
    return Proof.RECOVERY_CODE if gone else None


def renew_recovery_codes(user: User, code: str) -> tuple[str, ...]:
    """Return new recovery codes in place of the old ones. Raises CodeWrong, TooManyTries."""
    taken(user, code)
    with transaction.atomic(durable=True):
        made = _new_recovery_codes(user)
        audit.record(Actor.person(user), "user.totp.update", Object("user", user.pk))
    return made


def switch_off(user: User, code: str) -> None:
    """Ask for no codes any more. Raises CodeWrong, TooManyTries."""
    taken(user, code)
    with transaction.atomic(durable=True):
        remove(user, Actor.person(user), None)


def remove(user: User, by: Actor, project_id: int | None) -> None:
    """Forget a person's codes, within the caller's transaction; repeating it changes nothing.

    project_id: where a manager does it, for the audit log.
    """
    gone, _ = SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    if gone:
        audit.record(by, "user.totp.delete", Object("user", user.pk, project_id))


def recovery_codes_left(user: User) -> int:
    """Return how many recovery codes a person has."""
    return RecoveryCode.objects.filter(user=user).count()


def _proven(user: User, attempt: Callable[[], T | None]) -> T:
    result = throttle.guarded(f"codes of {user.pk}", user.email, attempt)
    if result is None:
        audit.record(NOBODY, "user.totp.fail", Object("user", user.pk))
        raise CodeWrong
    return result


def _takes(row: SecondFactor, code: str) -> bool:
    """Tell whether a locked row takes a code, and note that it did (RFC 6238 §5.2)."""
    secret = _secret(row)
    if secret is None or not _CODE.fullmatch(code):
        return False
    now = int(timezone.now().timestamp()) // _STEP_S
    totp = pyotp.TOTP(secret)
    for step in range(max(now - _DRIFT, row.last_step + 1), now + _DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            row.last_step = step
            row.save(update_fields=["last_step"])
            return True
    return False


def _secret(row: SecondFactor) -> str | None:
    """Return the secret; None when SECRET_KEY is another one since: only a reset helps then."""
    plain = unseal(bytes(row.sealed_secret), use=_USE_OF_SEAL, row=row.user_id)
    return None if plain is None else plain.decode()


def _new_recovery_codes(user: User) -> tuple[str, ...]:
    made = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_sha256=digest(_plain(code))) for code in made
    )
    return made


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def _plain(code: str) -> str:
    """Return a code as it is kept: people type spaces, hyphens and capital letters."""
    return "".join(code.split()).replace("-", "").lower()[:64]
