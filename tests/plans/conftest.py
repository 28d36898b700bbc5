"""People who plan call the API as those of tests/api do."""

from __future__ import annotations

from tests.api.conftest import _quick_passwords, lan, program, project, stranger

__all__ = ["_quick_passwords", "lan", "program", "project", "stranger"]
