"""`manage.py locate FILE.csv`: the commune of every point in a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from server.communes import locate
from server.communes.locate_table import locate_table
from server.errors import Problem


class Command(BaseCommand):
    """Write the rows of a CSV file again, with the commune each point lies in."""

    help = "Định vị từng dòng của bảng CSV (cột lon, lat; có thể có accuracy, date) vào xã."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the table, where to write, and the day of rows that have none."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--out", type=Path, help="tệp kết quả; bỏ trống thì in ra màn hình")
        parser.add_argument(
            "--date", type=dt.date.fromisoformat, help="ngày của dòng không có date (YYYY-MM-DD)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Locate, then say on stderr how many rows have which status."""
        path, out = options["file"], options["out"]
        on_date = options["date"] or timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
        try:
            with path.open(encoding="utf-8", newline="") as source:
                counted = self._located(source, out, on_date)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except Problem as problem:
            raise CommandError(f"{problem.sentence()} [{problem.code}]") from problem
        told = ", ".join(f"{status} {count}" for status, count in sorted(counted.items()))
        self.stderr.write(f"Đã định vị: {told or '0'}")

    def _located(self, source: TextIO, out: Path | None, on_date: dt.date) -> Mapping[str, int]:
        """Locate into a file, which appears only when it is whole, or onto the screen."""
        coverages = locate.current()
        if out is None:
            self.stdout.ending = ""  # rows bring their own
            return locate_table(source, self.stdout, coverages, on_date=on_date)
        partial = out.with_name(f"{out.name}.partial")
        try:
            with partial.open("w", encoding="utf-8", newline="") as sink:
                counted = locate_table(source, sink, coverages, on_date=on_date)
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)
        return counted
