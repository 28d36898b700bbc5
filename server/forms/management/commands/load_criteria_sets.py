"""`manage.py load_criteria_sets`: the rule books that come with the project."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from server.errors import Problem
from server.forms import criteria_sets


class Command(BaseCommand):
    """Fill the table of rule books."""

    help = "Nạp các bộ tiêu chí (server/forms/data/criteria_sets.csv). Chạy lại không đổi gì."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how much of it is new."""
        try:
            books = criteria_sets.seeded()
            written = criteria_sets.load(books)
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write(f"Bộ tiêu chí: {len(books)} bộ ({written} mới hoặc thay đổi).")
