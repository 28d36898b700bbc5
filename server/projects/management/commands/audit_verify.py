"""`manage.py audit_verify [--noted N:HASH]`: prove that nobody touched the audit log."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.projects import audit

_NOTED = re.compile(r"(\d{1,18}):([0-9a-fA-F]{64})", re.ASCII)


class Command(BaseCommand):
    """Check the chain of the audit log, and print what to note down."""

    help = "Kiểm tra nhật ký hệ thống: không dòng nào bị sửa, xóa hay chèn thêm."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what was noted down earlier, any number of times."""
        parser.add_argument(
            "--noted",
            action="append",
            default=[],
            metavar="N:HASH",
            help="dòng cuối và mã băm mà lần kiểm tra trước đã in ra",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many entries there are and the last one's hash; fail where it is broken."""
        noted = [_read(text) for text in options["noted"]]
        chain = audit.verify()
        if chain.broken:
            numbers = ", ".join(str(number) for number in chain.broken)
            raise CommandError(
                f"Nhật ký đã bị can thiệp: sai từ dòng {numbers}. Giữ nguyên máy chủ, lấy bản sao "
                "lưu gần nhất để đối chiếu và báo người phụ trách an toàn dữ liệu."
            )
        for number, noted_hash in noted:
            if not audit.holds(number, noted_hash):
                raise CommandError(
                    f"Dòng {number} không còn mã băm đã ghi lại: nhật ký đã bị viết lại hoặc bị "
                    "cắt bớt. Lấy bản sao lưu để đối chiếu và báo người phụ trách an toàn dữ liệu."
                )
        self.stdout.write(f"Nhật ký nguyên vẹn: {chain.entries} dòng.")
        self.stdout.write(f"Ghi lại ở nơi khác: {chain.last}:{chain.last_hash}")


def _read(text: str) -> tuple[int, str]:
    match = _NOTED.fullmatch(text)
    if match is None:
        raise CommandError(f"Không đọc được «{text}». Viết như lần trước đã in ra: số:mã băm.")
    return int(match[1]), match[2]
