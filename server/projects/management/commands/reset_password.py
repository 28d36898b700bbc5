"""`manage.py reset_password EMAIL`: a new password for someone who is locked out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.projects import accounts


class Command(BaseCommand):
    """Replace a person's password by a new one, shown once."""

    help = "Đặt lại mật khẩu của một tài khoản và in mật khẩu mới (chỉ một lần)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address of the account."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset and print the new password."""
        try:
            password = accounts.reset_password(options["email"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write(f"Mật khẩu mới (chỉ hiện một lần): {password}")
