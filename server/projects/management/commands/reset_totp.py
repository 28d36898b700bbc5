"""`manage.py reset_totp EMAIL`: let somebody in who has lost phone and recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.projects import accounts


class Command(BaseCommand):
    """Forget the codes of a person, who is then asked for none."""

    help = "Bỏ mã hai bước của một tài khoản khi mất điện thoại và hết mã dự phòng."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address of the account."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do so and say it."""
        try:
            person = accounts.reset_codes(options["email"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write(f"{person.email}: đã bỏ mã hai bước; mọi phiên đăng nhập đã kết thúc.")
