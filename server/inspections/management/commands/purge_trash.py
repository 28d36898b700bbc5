"""`purge_trash`: remove for good what was taken away long ago, or say what would go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from server.inspections.purge import Plan, due, purge
from server.projects.audit import SERVER


class Command(BaseCommand):
    """May be run at any time; the worker does the same once a day."""

    help = "Xóa hẳn biểu, hồ sơ và bản ghi đã xóa quá TRASH_KEPT_DAYS ngày; không khôi phục được."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--dry-run` and `--kept-days`."""
        parser.add_argument("--dry-run", action="store_true", help="chỉ nói những gì sẽ bị xóa")
        parser.add_argument("--kept-days", type=int, help="thay cho TRASH_KEPT_DAYS lần này")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what goes, and remove it unless asked not to."""
        days = options["kept_days"]
        plan = due(kept_days=None if days is None else max(0, days))
        for line in _lines(plan):
            self.stdout.write(line)
        if options["dry_run"]:
            self.stdout.write("Chưa xóa gì (--dry-run).")
            return
        gone = purge(plan, SERVER)
        self.stdout.write(f"Đã xóa hẳn {gone.records} hồ sơ và {gone.files} tệp.")


def _lines(plan: Plan) -> Iterator[str]:
    yield f"Những gì đã xóa trước {plan.before:%Y-%m-%d %H:%M} UTC:"
    for one in plan.forms:
        what = "cả biểu và" if one.is_whole else "trong biểu:"
        form = one.form
        yield f"  chương trình {form.project_id}, {form.form_id}: {what} {one.records} hồ sơ"
    for wanted in plan.lists:
        of = wanted.entity_list
        yield f"  chương trình {of.project_id}, danh sách {of.name}: {wanted.entities} bản ghi"
