"""How passwords are kept, and what fits them."""

from __future__ import annotations

import unicodedata

import pytest
from django.contrib.auth.hashers import make_password

from server.projects import accounts
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
