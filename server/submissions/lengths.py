"""How many submissions each form has, by where their review stands."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from server.lengths import Length


class FormLength(Length):
    """Changes of how many living submissions a form has (`server.lengths`)."""

    COUNTED = "submissions_submission WHERE deleted_at IS NULL"
    KEYS: ClassVar = {"list_id": "form_id", "state": "review_state", "block": "id >> 13"}

    state = models.TextField()  # ReviewState

    def __str__(self) -> str:
        return f"{self.list_id} {self.state} {self.rows:+}"
