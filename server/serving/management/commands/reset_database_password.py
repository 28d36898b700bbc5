"""`manage.py reset_database_password`: let the database in again after `var/secrets` was lost."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from server import embedded
from server.errors import Problem


class Command(BaseCommand):
    """Give the PostgreSQL that comes with the project the password that is kept now."""

    help = (
        "Đặt lại mật khẩu của cơ sở dữ liệu đi kèm, khi thư mục secrets đã mất; máy chủ phải dừng."
    )
    requires_system_checks: list[str] = []  # they need the database, which does not let us in

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; it can be done again."""
        if os.environ.get("DATABASE_URL"):
            raise CommandError("DATABASE_URL chỉ tới PostgreSQL khác: đặt mật khẩu ở máy chủ đó.")
        try:
            embedded.reset_password(settings.VAR)
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write("Đã đặt lại mật khẩu. Chạy lại: make serve")
