"""How passwords are kept, and what fits them."""

from __future__ import annotations

import unicodedata

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from pytest_django import Settings

from server.projects import accounts, passwords
from server.projects.models import User


@pytest.mark.django_db
def test_a_password_is_kept_by_a_function_that_is_slow_to_guess() -> None:
    user = accounts.create_user("lan@example.org", "Lan", "mật khẩu của Lan")

    assert user.password.startswith("scrypt$")
    assert accounts.authenticated("lan@example.org", "mật khẩu của Lan") == user


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_passwords")
def test_a_password_is_the_same_however_a_keyboard_puts_its_marks() -> None:
    composed, apart = (unicodedata.normalize(form, "mật khẩu của Lan") for form in ("NFC", "NFD"))
    lan = accounts.create_user("lan@example.org", "Lan", apart)

    assert accounts.authenticated("lan@example.org", composed) == lan
    assert accounts.authenticated("lan@example.org", apart) == lan
    # As it was kept before there was one form.
    User.objects.update(password=make_password(apart))
    assert accounts.authenticated("lan@example.org", apart) == lan
    assert accounts.authenticated("lan@example.org", composed) is None


class Counting(MD5PasswordHasher):
    """Counts how often a password was worked on."""

    times = 0

    def encode(self, password: str, salt: str) -> str:
        """Count, and do so."""
        type(self).times += 1
        return super().encode(password, salt)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["một mật khẩu", unicodedata.normalize("NFD", "một mật khẩu")])
def test_how_long_an_answer_takes_does_not_tell_whether_there_is_an_account(
    settings: Settings, password: str
) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    accounts.create_user("lan@example.org", "Lan", "mật khẩu của Lan")
    Counting.times = 0

    accounts.authenticated("lan@example.org", password)
    known, Counting.times = Counting.times, 0
    accounts.authenticated("hoa@example.org", password)

    assert known == Counting.times > 0


@pytest.mark.usefixtures("quick_passwords")
def test_marks_without_end_are_not_put_in_order_for_whoever_sends_them() -> None:
    composed, apart = (unicodedata.normalize(form, "ế" * 1001) for form in ("NFC", "NFD"))
    lan = User(password=make_password(composed))

    # It would take the square of their number: minutes, for two megabytes.
    assert not passwords.fits(lan, apart)
    assert passwords.fits(lan, composed)
