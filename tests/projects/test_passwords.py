"""How passwords are kept."""

from __future__ import annotations

import pytest

from server.projects import accounts


@pytest.mark.django_db
def test_a_password_is_kept_by_a_function_that_is_slow_to_guess() -> None:
    user = accounts.create_user("lan@example.org", "Lan", "mật khẩu của Lan")

    assert user.password.startswith("scrypt$")
    assert accounts.authenticated("lan@example.org", "mật khẩu của Lan") == user
