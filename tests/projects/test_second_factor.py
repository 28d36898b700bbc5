"""Two-step sign-in: codes by RFC 6238, each taken once, kept sealed."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import struct
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from server.projects import accounts, second_factor
from server.projects.account_problems import CodeNeeded, CodesNeeded, CodeWrong
from server.projects.models import AuditEntry, RecoveryCode, Role, SecondFactor, Session, User
from server.projects.problems import TooManyTries
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]

NOON = dt.datetime(2026, 11, 30, 12, 0, 5, tzinfo=dt.UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return what sets the time, as seconds after NOON."""

    def be(seconds: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: NOON + dt.timedelta(seconds=seconds))

    be(0)
    return be


@pytest.fixture
def lan() -> User:
    return builders.member(builders.project(), role=Role.SUPERVISOR)


def phone(secret: str, seconds: float = 0) -> str:
    """Return what a phone shows, worked out from RFC 4226 §5.3 and not by the library."""
    step = int(NOON.timestamp() + seconds) // 30
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    start = mac[-1] & 0xF
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def switched_on(user: User, token: str = "") -> tuple[str, tuple[str, ...]]:
    """Return the secret and the recovery codes of a person who has just set it up."""
    second_factor.begin(user)
    given = second_factor.set_up(user)
    assert given is not None
    return given.secret, second_factor.confirm(user, phone(given.secret), token)


def test_the_codes_are_those_of_the_rfc(
    lan: User, clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # RFC 6238, appendix B: the secret "12345678901234567890" at 1111111109 gives 07081804.
    secret = base64.b32encode(b"12345678901234567890").decode()
    monkeypatch.setattr("pyotp.random_base32", lambda: secret)
    clock(1_111_111_109 - NOON.timestamp())
    second_factor.begin(lan)

    assert len(second_factor.confirm(lan, "081 804", "")) == 10


def test_a_code_is_taken_once_and_so_is_none_that_is_older(
    lan: User, clock: Callable[[float], None]
) -> None:
    secret, _ = switched_on(lan)
    with pytest.raises(CodeWrong):
        second_factor.taken(lan, phone(secret))
    clock(60)

    assert second_factor.taken(lan, phone(secret, 60)) == "code"
    for older in (phone(secret, 60), phone(secret, 30)):
        with pytest.raises(CodeWrong):
            second_factor.taken(lan, older)


@pytest.mark.parametrize("off_s", [-30, 30])
def test_a_clock_may_be_wrong_by_one_step(
    lan: User, clock: Callable[[float], None], off_s: int
) -> None:
    secret, _ = switched_on(lan)
    clock(600)

    assert second_factor.taken(lan, phone(secret, 600 + off_s)) == "code"


@pytest.mark.parametrize("off_s", [-60, 60])
def test_and_by_no_more(lan: User, clock: Callable[[float], None], off_s: int) -> None:
    secret, _ = switched_on(lan)
    clock(600)

    with pytest.raises(CodeWrong):
        second_factor.taken(lan, phone(secret, 600 + off_s))


def test_each_recovery_code_opens_once_however_it_is_typed(
    lan: User, clock: Callable[[float], None]
) -> None:
    _, codes = switched_on(lan)

    assert second_factor.taken(lan, f" {codes[3].upper().replace('-', ' ')}") == "recoveryCode"
    with pytest.raises(CodeWrong):
        second_factor.taken(lan, codes[3])
    assert second_factor.recovery_codes_left(lan) == 9


def test_neither_the_secret_nor_a_recovery_code_stands_in_the_database(
    lan: User, clock: Callable[[float], None]
) -> None:
    secret, codes = switched_on(lan)
    kept = bytes(SecondFactor.objects.get().sealed_secret)

    assert secret.encode() not in kept
    assert base64.b32decode(secret) not in kept
    assert not set(RecoveryCode.objects.values_list("code_sha256", flat=True)) & set(codes)


def test_a_secret_that_is_copied_to_another_person_is_void(
    lan: User, clock: Callable[[float], None]
) -> None:
    secret, _ = switched_on(lan)
    mai = accounts.create_user("mai@example.org", "Mai", None)
    SecondFactor.objects.create(
        user=mai, sealed_secret=SecondFactor.objects.get().sealed_secret, confirmed_at=NOON
    )

    with pytest.raises(CodeWrong):
        second_factor.taken(mai, phone(secret))


@pytest.mark.parametrize("typed", ["", "１２３４５６", "mã của tôi", "12345\0"])
def test_what_is_no_code_is_a_wrong_code_at_the_set_up_too(
    lan: User, clock: Callable[[float], None], typed: str
) -> None:
    second_factor.begin(lan)

    with pytest.raises(CodeWrong):
        second_factor.confirm(lan, typed, "")


def test_whoever_guesses_waits_wherever_they_come_from(
    lan: User, clock: Callable[[float], None], settings: Settings
) -> None:
    settings.THROTTLE_TRIES = 3
    secret, _ = switched_on(lan)
    for _ in range(3):
        with pytest.raises(CodeWrong):
            second_factor.taken(lan, "000000x")

    clock(300)
    with pytest.raises(TooManyTries):
        second_factor.taken(lan, phone(secret, 300))


def test_setting_up_ends_what_was_opened_without_a_code_but_for_the_session_it_is_done_in(
    lan: User, clock: Callable[[float], None]
) -> None:
    here, other = (accounts.open_session(lan.email, builders.PASSWORD) for _ in range(2))
    assert here is not None
    assert other is not None
    switched_on(lan, here.token)

    assert accounts.person(here.token) == lan
    assert accounts.person(other.token) is None


def test_a_password_alone_opens_nothing_then_and_the_log_says_so(
    lan: User, clock: Callable[[float], None]
) -> None:
    switched_on(lan)
    with pytest.raises(CodeNeeded):
        accounts.open_session(lan.email, builders.PASSWORD)

    assert accounts.open_session(lan.email, "sai") is None
    entry = AuditEntry.objects.filter(action="user.session.fail").earliest("pk")
    assert entry.details == {"nature": "account.code_needed"}


def test_whose_role_wants_it_opens_nothing_by_password_before_it_is_set_up(
    lan: User, settings: Settings
) -> None:
    settings.TOTP_REQUIRED_ROLES = {"supervisor"}
    with pytest.raises(CodesNeeded):
        accounts.let_in(lan.email, builders.PASSWORD)

    settings.TOTP_REQUIRED_ROLES = {"manager"}
    assert accounts.let_in(lan.email, builders.PASSWORD) == lan


def test_the_operator_lets_in_who_has_lost_everything(
    lan: User, clock: Callable[[float], None]
) -> None:
    switched_on(lan)
    call_command("reset_totp", "LAN@example.org", verbosity=0)

    assert not second_factor.is_on(lan)
    assert accounts.open_session(lan.email, builders.PASSWORD) is not None
    assert Session.objects.count() == 1
    assert AuditEntry.objects.filter(action="user.totp.delete").count() == 1
