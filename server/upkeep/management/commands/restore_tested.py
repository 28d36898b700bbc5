"""`manage.py restore_tested [--failed] [--at WHEN]`: tell the server that a restore was tried."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.upkeep import care
from server.upkeep.models import Act


class Command(BaseCommand):
    """Record that a backup was restored somewhere to see whether it works."""

    help = "Ghi nhận một lần phục hồi thử bản sao lưu trên máy khác (docs/operations.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how it ended, and when."""
        parser.add_argument("--failed", action="store_true", help="không phục hồi được")
        parser.add_argument("--at", default="", help="làm xong lúc nào, ví dụ 2026-11-30T02:00")

    def handle(self, *args: Any, **options: Any) -> None:
        """Record it and say so."""
        try:
            at = care.moment(options["at"])
            made = care.record(Act.RESTORE_TEST, at=at, is_good=not options["failed"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        told = "phục hồi được" if made.is_good else "không phục hồi được"
        self.stdout.write(f"Đã ghi nhận lần thử: {told}.")
