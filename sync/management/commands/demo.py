"""`make demo`: a pretend Collect sends some years of inspections through the real path.

Then two made-up supervisors review them, and a plan and a locked period stand beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from server.errors import Problem
from server.inspections.commune_rows import LABELS
from server.inspections.summary import published_form, summarise
from server.submissions.models import ReviewState, SubmissionVersion
from sync import home
from sync.collect import ServerRefused
from sync.demo import backdating, host, supervision
from sync.demo import crew as crews
from sync.demo.rounds import MAIN_FORM, Unit, Visit, every_visit
from sync.demo.sending import Sent, send

BAR = 40  # characters


class Command(BaseCommand):
    """Fill the tables with inspections that never took place."""

    help = (
        "Gửi hơn 400 phiếu kiểm tra giả của bốn biểu, có ảnh, và các lần theo dõi kiến nghị, qua "
        "HTTP như điện thoại thật; rồi duyệt, lập kế hoạch, khóa một kỳ. Chạy lại không thêm gì."
    )
    requires_system_checks: list[str] = []  # the database may not be running yet

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the server is, and which project to fill."""
        parser.add_argument("--base-url", default="", help="mặc định: máy chủ của thư mục này")
        parser.add_argument("--project", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Send, and say what was done."""
        try:
            with self._server(options["base_url"].rstrip("/")) as base:
                self._play(base, options["project"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        except ServerRefused as refusal:
            raise CommandError(
                f"Máy chủ không nhận điện thoại của phần trình diễn: {refusal}"
            ) from refusal

    @contextmanager
    def _server(self, asked: str) -> Iterator[str]:
        base = asked or home.base_url()
        if host.is_serving(base):
            yield base
        elif asked or settings.PUBLIC_URL:
            raise CommandError(f"Không có máy chủ nào trả lời ở {base}. Chạy: make serve")
        else:
            self.stdout.write("Chưa có máy chủ đang chạy; khởi động tạm một máy chủ…")
            with host.started() as own:
                yield own.base
                connection.close()  # before the server stops, and its database with it
            self.stdout.write("Đã dừng máy chủ tạm. Xem kết quả: make serve")

    def _play(self, base: str, project_id: int) -> None:
        kept = settings.VAR / "secrets" / "demo"
        crew = crews.crew(project_id, kept)
        phones = crew.phones(base)
        desks, units = crews.desks(crew, phones[0])
        versions = {form_id: desk.form.version for form_id, desk in desks.items()}
        crews.keep(replace(crew, versions=versions), kept)
        planned = every_visit(units, inspectors=len(phones))
        before = _count(project_id)
        total = Sent()
        for number, sent in enumerate(send(planned, desks, phones), 1):
            total += sent
            self._show(number, len(planned), "lượt kiểm tra")
        self._report(total, _count(project_id) - before)
        backdating.date_back(total.days)
        supervision.settle()
        self._supervise(project_id, planned, units, frozenset(total.days))
        self._show_summary(project_id, max(visit.year for visit in planned))

    def _supervise(
        self, project_id: int, planned: list[Visit], units: list[Unit], sent: frozenset[str]
    ) -> None:
        both = supervision.supervisors(project_id, units)
        waiting = sum(one.waiting().filter(instance_id__in=sent).count() for one in both)
        decided: Counter[str] = Counter()
        for number, state in enumerate(chain(*(supervision.decide(s, sent) for s in both)), 1):
            decided[state or ""] += 1
            self._show(number, waiting, "phiếu chờ duyệt")
        supervision.settle()
        manager = supervision.manager(project_id) or both[0].user
        supervision.make_plan(project_id, planned, units, manager)
        supervision.lock_a_period(project_id, manager)
        self.stdout.write(
            f"Hai giám sát viên duyệt {decided[ReviewState.APPROVED]} phiếu, trả lại "
            f"{decided[ReviewState.HAS_ISSUES]}, từ chối {decided[ReviewState.REJECTED]}; "
            f"còn chờ {decided['']}. Kế hoạch {supervision.PLAN_NUMBER}; kỳ "
            f"{supervision.LOCKED} đã khóa số liệu."
        )

    def _show(self, number: int, of: int, what: str) -> None:
        full = BAR * number // of
        bar = "█" * full + "░" * (BAR - full)
        if self.stdout.isatty():
            self.stdout.write(f"\r{bar} {number}/{of} {what}", ending="")
            if number == of:
                self.stdout.write("")
            self.stdout.flush()
        elif number % 100 == 0 or number == of:
            self.stdout.write(f"{number}/{of} {what}")

    def _report(self, total: Sent, added: int) -> None:
        self.stdout.write(
            f"Đã gửi {total.inspections} phiếu, {total.corrections} bản sửa, "
            f"{total.follow_ups} lần theo dõi kiến nghị, {total.photos} ảnh "
            f"({total.bytes / 1e6:.1f} MB); {total.repeats} lần gửi lại vì mất trả lời."
        )
        for code, count in sorted(total.refused.items()):
            self.stdout.write(f"Máy chủ từ chối {count}: {code}")
        self.stdout.write(
            f"Máy chủ ghi thêm {added} bản." if added else "Tất cả đã có từ trước, không thêm gì."
        )

    def _show_summary(self, project_id: int, year: int) -> None:
        form = published_form(project_id, MAIN_FORM)
        today = timezone.localdate(timezone=ZoneInfo(settings.LOCAL_TIME_ZONE))
        table = summarise(form, year=year, period=None, on_date=today)
        counts = (f"{LABELS[s].lower()} {n}" for s, n in table.totals.by_status.items() if n)
        self.stdout.write(
            f"Năm {year}, {table.totals.communes} xã, phường: {', '.join(counts)}.\n"
            f"Từng xã: manage.py summary --form {MAIN_FORM} --year {year}"
        )


def _count(project_id: int) -> int:
    return SubmissionVersion.objects.filter(form__project=project_id).count()
