"""`manage.py coverage FORM YEAR`: which communes were visited, and which are still to be."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.inspections import summary
from server.inspections.expected import COVERED_WORDS, local_day
from server.inspections.summary import PERIODS
from server.plans.coverage import coverage


class Command(BaseCommand):
    """Print the communes by how far they have come."""

    help = "Xã nào đã kiểm tra, xã nào còn trong kế hoạch, xã nào chưa có."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form, the year and the period."""
        parser.add_argument("form")
        parser.add_argument("year", type=int)
        parser.add_argument("--period", choices=PERIODS)
        parser.add_argument("--project", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a count and the names for each."""
        try:
            form = summary.published_form(options["project"], options["form"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        found = coverage(form, year=options["year"], period=options["period"], on_date=local_day())
        for state, words in COVERED_WORDS.items():
            names = [commune.name for commune in found.communes if commune.state == state]
            self.stdout.write(f"{words}: {len(names)}/{len(found.communes)}")
            if names:
                self.stdout.write("  " + ", ".join(names))
