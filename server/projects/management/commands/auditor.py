"""`manage.py auditor EMAIL [--no]`: let a person read the whole audit log, or no longer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.projects import accounts, invitations


class Command(BaseCommand):
    """Let somebody read the audit log of all projects, and nothing else."""

    help = "Cho một người đọc toàn bộ nhật ký hệ thống (không mở thêm dữ liệu nào khác)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who, and whether."""
        parser.add_argument("email")
        parser.add_argument("--no", action="store_true", help="thôi, không cho nữa")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do so and say it."""
        try:
            person = accounts.set_auditor(options["email"], is_auditor=not options["no"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        if person.is_auditor and person.let_in_by_id is not None:
            self.stderr.write(invitations.KNOWN_TO_OTHERS.format(email=person.email))
        what = "đọc được toàn bộ nhật ký" if person.is_auditor else "không còn đọc toàn bộ nhật ký"
        self.stdout.write(f"{person.email}: {what}.")
