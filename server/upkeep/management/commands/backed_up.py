"""`manage.py backed_up FILE … | --size BYTES [--at WHEN]`: tell the server of a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.upkeep import care
from server.upkeep.models import Act


class Command(BaseCommand):
    """Record that a backup was made, so that people see how old it is. It makes none."""

    help = (
        "Ghi nhận một bản sao lưu vừa làm xong, để trang «Tình trạng hệ thống» cho biết tuổi của "
        "nó. Lệnh này không tự sao lưu: gọi nó ở cuối kịch bản sao lưu."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the files, or how large they are together, and when."""
        parser.add_argument("files", nargs="*", type=Path, help="các tệp của bản sao lưu")
        parser.add_argument("--size", type=int, help="số byte, khi tệp không ở trên máy này")
        parser.add_argument("--at", default="", help="làm xong lúc nào, ví dụ 2026-11-30T02:00")

    def handle(self, *args: Any, **options: Any) -> None:
        """Record it and say so."""
        try:
            at = care.moment(options["at"])
            size = care.size_of(options["files"]) if options["files"] else options["size"]
            made = care.record(Act.BACKUP, at=at, size=size)
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write(f"Đã ghi nhận bản sao lưu {made.size} byte.")
