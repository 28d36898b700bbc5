"""`indicators`: print the indicator table of a form."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from server.errors import Problem
from server.inspections import summary
from server.inspections.figures import PERIODS, Asked, IndicatorTable, figures
from server.inspections.groups import GROUPS
from server.inspections.readers import OPERATOR, PUBLIC
from server.reports import indicator_table, summary_table
from server.reports.indicator_table import heading, words


class Command(BaseCommand):
    """Prints what `GET /v1/projects/{id}/indicators` answers, for a terminal or as CSV."""

    help = "In bảng chỉ số: mỗi xã một dòng; số nhạy cảm nhỏ được che."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the same parameters as the API."""
        parser.add_argument("--project", type=int, default=1)
        parser.add_argument("--form", default="kt_18_5")
        parser.add_argument("--year", type=int, help="năm số liệu; bỏ trống: năm nay")
        parser.add_argument("--period", choices=PERIODS, default="fy")
        parser.add_argument(
            "--units-on",
            type=dt.date.fromisoformat,
            help="các xã của ngày này (2024-12-31) là các dòng; bỏ trống: hôm nay",
        )
        parser.add_argument("--group", choices=GROUPS, help="thêm dòng cộng theo nhóm xã")
        parser.add_argument(
            "--data",
            choices=("approved", "all"),
            default="approved",
            help="approved: chỉ hồ sơ đã duyệt; all: mọi hồ sơ không bị từ chối",
        )
        parser.add_argument("--csv", action="store_true", help="in CSV đầy đủ các cột")
        parser.add_argument(
            "--exact",
            action="store_true",
            help="in cả số nhạy cảm nhỏ; chỉ dùng trong đơn vị quản lý, không gửi ra ngoài",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the table."""
        today = timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
        asked = Asked(
            year=options["year"] or today.year,
            period=options["period"],
            units_on=options["units_on"] or today,
            group=options["group"],
            only_approved=options["data"] == "approved",
        )
        try:
            table = figures(
                summary.published_form(options["project"], options["form"]),
                asked,
                OPERATOR if options["exact"] else PUBLIC,
                k=settings.SMALL_CELL_K,
            )
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        if options["csv"]:
            self.stdout.write(indicator_table.as_csv(table), ending="")
            return
        self._print(table)

    def _print(self, table: IndicatorTable) -> None:
        period = summary_table.PERIOD[table.period]
        self.stdout.write(f"{table.title} – năm {table.year}, {period} ({table.data_note})")
        self.stdout.write(f"Toàn tỉnh: {table.inspections} lượt kiểm tra")
        for each in table.indicators:
            printed = table.province[each.code]
            value, top, whole = (
                words(part, table.k)
                for part in (printed.value, printed.numerator, printed.denominator)
            )
            made_of = f" = {top or '–'} / {whole or '–'}" if each.aggregate != "sum" else ""
            self.stdout.write(
                f"  {each.code:<20} {value or '–':>10}{made_of}  {heading(each)}"
                f" [{printed.known} lượt]"
            )
        if table.province_note:
            self.stdout.write(table.province_note)
        for group in table.groups:
            cells = ", ".join(
                f"{each.code} {words(group.figures[each.code].value, table.k) or '–'}"
                for each in table.indicators
            )
            self.stdout.write(f"{group.group.label}: {cells}")
        for code, why in sorted(table.withheld.items()):
            self.stdout.write(f"Không công bố {code}: {why}.")
