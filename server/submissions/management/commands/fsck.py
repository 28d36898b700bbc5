"""`manage.py fsck [--repair] [--orphans] [--quick] [--json]`: do the files and the rows agree?"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.blobs import StorageUnavailable
from server.submissions import orphans
from server.submissions.fsck import LOSSES, Finding, Fsck, Kind, safely
from server.upkeep import care
from server.upkeep.models import Act

_WORDS = {
    Kind.MISSING: "THIẾU",
    Kind.WRONG: "SAI NỘI DUNG",
    Kind.UNREADABLE: "KHÔNG ĐỌC ĐƯỢC",
    Kind.SIZE: "SAI ĐỘ DÀI",
    Kind.ROW: "DÒNG SAI",
    Kind.ORPHAN: "không dòng nào dùng",
    Kind.STRANGE: "tên lạ",
}
_PLACES = {"default": "kho", "spool": "chỗ chờ", "cache": "bản sao trên đĩa", "": ""}
_UNFINISHED = 2  # exit status


class Command(BaseCommand):
    """Compare object store and rows, and say what is missing, wrong, or nobody's."""

    help = (
        "Đối chiếu kho tệp với cơ sở dữ liệu theo cả hai chiều và đọc lại từng tệp. Kết thúc bằng "
        "0 nếu không mất gì, 1 nếu còn tệp thiếu hoặc sai, 2 nếu kho không trả lời."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how much to look at, and what to do about it."""
        parser.add_argument(
            "--repair",
            action="store_true",
            help="sửa những gì chắc chắn: chép lại từ bản đúng còn ở chỗ khác, làm lại ảnh nhỏ",
        )
        parser.add_argument(
            "--orphans",
            action="store_true",
            help="xóa tệp không dòng nào dùng đã quá một ngày, như việc dọn hằng ngày",
        )
        parser.add_argument(
            "--quick", action="store_true", help="chỉ so tên và độ dài, không đọc nội dung tệp"
        )
        parser.add_argument(
            "--json", action="store_true", help="mỗi điều tìm thấy là một dòng JSON"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at everything, say what is wrong as it is found, and fail when something is lost."""
        fsck = Fsck(reads=not options["quick"], mend=safely if options["repair"] else None)
        counted: Counter[Kind] = Counter()
        mended = removed = 0
        try:
            for finding in fsck.findings():
                self.stdout.write(_as_json(finding) if options["json"] else _line(finding))
                mended += finding.is_mended
                counted[finding.kind] += not finding.is_mended
            if options["orphans"]:
                removed = orphans.collect()
        except StorageUnavailable as error:
            raise CommandError(
                "Kho tệp không trả lời, nên chưa kiểm tra hết. Xem lại kho rồi chạy lại.",
                returncode=_UNFINISHED,
            ) from error
        self.stderr.write(
            f"Đã xem {fsck.files} tệp, {fsck.bytes} byte; sửa {mended}, xóa {removed}."
        )
        lost = sum(counted[kind] for kind in LOSSES)
        if fsck.reads:
            care.record(Act.FILE_CHECK, size=fsck.bytes, is_good=not lost)
        if lost:
            raise CommandError(
                f"Còn {lost} chỗ thiếu hoặc sai. Lấy tệp từ bản sao lưu đặt lại vào kho (tên tệp "
                "là SHA-256 của nội dung), rồi chạy lại."
            )


def _line(finding: Finding) -> str:
    row = f"{finding.model} {finding.pk}".strip()
    parts = [_WORDS[finding.kind], _PLACES[finding.place], finding.name, row]
    return "\t".join([*parts, "đã sửa" if finding.is_mended else ""]).rstrip("\t")


def _as_json(finding: Finding) -> str:
    return json.dumps(asdict(finding))
