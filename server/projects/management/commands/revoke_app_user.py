"""`manage.py revoke_app_user ID`: take a device's key back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.projects import accounts


class Command(BaseCommand):
    """Take a device's key back, at once."""

    help = "Thu hồi mã của một thiết bị (app user)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the number that create_app_user printed."""
        parser.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Revoke and say so."""
        try:
            app_user = accounts.revoke_app_user(options["id"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write(f"Đã thu hồi mã của thiết bị {app_user.pk} ({app_user.display_name}).")
