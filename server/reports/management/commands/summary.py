"""`summary`: print one row per commune."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from server.errors import Problem
from server.forms.eras import UNVERIFIED_NOTE
from server.inspections import summary
from server.inspections.commune_rows import LABELS
from server.inspections.groups import COMMUNE_GROUPS
from server.inspections.summary import Summary
from server.plans.expected import expected
from server.reports import summary_table


class Command(BaseCommand):
    """Prints what `GET /v1/projects/{id}/summary` answers, for a terminal or as CSV."""

    help = "In bảng tổng hợp: mỗi xã một dòng."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the same parameters as the API."""
        parser.add_argument("--project", type=int, default=1)
        parser.add_argument("--form", default="kt_18_5")
        parser.add_argument("--year", type=int, help="năm số liệu; bỏ trống: năm nay")
        parser.add_argument("--period", choices=summary.PERIODS)
        parser.add_argument(
            "--data",
            choices=("approved", "all"),
            default="all",
            help="approved: chỉ hồ sơ đã duyệt; all: mọi hồ sơ không bị từ chối",
        )
        parser.add_argument("--group", choices=COMMUNE_GROUPS, help="đếm xã theo nhóm")
        parser.add_argument("--csv", action="store_true", help="in CSV đầy đủ các cột")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the table."""
        today = timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
        year = options["year"] or today.year
        try:
            table = summary.summarise(
                summary.published_form(options["project"], options["form"]),
                year=year,
                period=options["period"],
                on_date=today,
                only_approved=options["data"] == "approved",
                expected=expected(options["project"], [year], today),
                group=options["group"],
            )
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        if options["csv"]:
            self.stdout.write(summary_table.as_csv(table), ending="")
            return
        self._print(table)

    def _print(self, table: Summary) -> None:
        period = summary_table.PERIOD.get(table.period or "", "mọi kỳ")
        self.stdout.write(f"{table.title} – năm {table.year}, {period}")
        self.stdout.write(
            f"{table.data.note.capitalize()}: {table.data.approved} đã duyệt, "
            f"{table.data.not_reviewed} chưa duyệt; không tính {table.data.left_out}."
        )
        for source in table.sources:
            self.stdout.write(source)
        if any(not condition.is_verified for condition in table.conditions):
            self.stdout.write(f"Điều kiện có dấu *: {UNVERIFIED_NOTE}.")
        for note in summary_table.standing_notes(table.rows):
            self.stdout.write(f"{note}.")
        width = max((len(row.name) for row in table.rows), default=0)
        self.stdout.write("")
        for row in table.rows:
            outcomes = " ".join(
                f"{c.code}{'' if c.is_verified else '*'}:{_SHORT.get(row.conditions[c.code], '?')}"
                for c in table.conditions
                if c.code in row.conditions
            )
            date = summary_table.day(row.latest.visit_date) if row.latest else ""
            label = LABELS.get(row.status, row.status)
            self.stdout.write(
                f"{row.code}  {row.name:<{width}}  {label:<15} {date:<10}  {outcomes}"
            )
        self._print_totals(table)

    def _print_totals(self, table: Summary) -> None:
        totals = table.totals
        self.stdout.write("")
        for group in table.groups.groups if table.groups else ():
            in_group = "; ".join(f"{LABELS[s]}: {n}" for s, n in group.counts.by_status.items())
            self.stdout.write(f"{group.label}: {group.counts.communes} xã, phường – {in_group}")
        counted = "; ".join(f"{LABELS[s]}: {n}" for s, n in totals.by_status.items())
        self.stdout.write(f"Toàn tỉnh: {totals.communes} xã, phường – {counted}")
        self.stdout.write(
            f"{totals.inspections} lượt kiểm tra; {totals.of_former_units} ở đơn vị cũ; "
            f"{totals.without_unit} chưa rõ xã; {totals.with_valid_gps} xã có tọa độ hợp lệ"
        )


_SHORT = {"dat": "Đ", "khong_dat": "K", "chua_du_can_cu": "?", "khong_ap_dung": "–"}
