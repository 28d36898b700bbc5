"""`manage.py lock_period 2026-h1 EMAIL`: freeze the figures of a period."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.plans import period
from server.projects.models import User


class Command(BaseCommand):
    """Freeze them, or freeze them anew with a reason."""

    help = "Khóa kỳ báo cáo: chốt số liệu đã duyệt, in mã kiểm tra (SHA-256) của bản chốt."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the period, who locks it, and why it is corrected."""
        parser.add_argument("period", help="ví dụ 2026-h1, 2026-fy")
        parser.add_argument("email", help="người khóa kỳ")
        parser.add_argument("--project", type=int, default=1)
        parser.add_argument(
            "--confirmed", action="store_true", help="đã xem lại: lý do không nêu thông tin cá nhân"
        )
        parser.add_argument("--correct", default="", metavar="LÝ_DO", help="đính chính kỳ đã khóa")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do so, and print the hash."""
        person = User.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError(f"Không có tài khoản {options['email']}.")
        try:
            name = period.named(options["period"])
            made = (
                period.correct(
                    options["project"],
                    name,
                    person,
                    options["correct"],
                    is_confirmed=options["confirmed"],
                )
                if options["correct"]
                else period.lock(options["project"], name, person)
            )
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write(f"Kỳ {name}, bản chốt số {made.number}: {made.sha256}")
