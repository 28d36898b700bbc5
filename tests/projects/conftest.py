"""Passwords that are checked quickly, for tests that are about something else."""

from __future__ import annotations

import pytest
from pytest_django import Settings


@pytest.fixture
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
