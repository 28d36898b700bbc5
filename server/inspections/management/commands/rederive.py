"""`rederive`: compute again what submissions mean."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.forms.models import Form
from server.inspections import sweep
from server.inspections.derive import Outcome


class Command(BaseCommand):
    """Computes answers, communes, findings and flags again from the bytes received."""

    help = "Tính lại ý nghĩa của các hồ sơ (xã, kết quả từng điều kiện, cờ) từ dữ liệu gốc."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of --all, --form, --since (the last two may go together)."""
        parser.add_argument("--all", action="store_true", help="mọi hồ sơ")
        parser.add_argument("--form", help="mã biểu, ví dụ kt_18_5")
        parser.add_argument("--since", help="nhận từ ngày (YYYY-MM-DD)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, with a progress bar on a terminal."""
        if not (options["all"] or options["form"] or options["since"]):
            raise CommandError("Chọn --all, --form MÃ hoặc --since NGÀY.")
        form = options["form"]
        if form and not Form.objects.filter(form_id=form).exists():
            raise CommandError(f"Không có biểu {form}. Kiểm tra lại mã biểu.")
        submissions = sweep.submissions_to_rederive(form, _day(options["since"]))
        total, done = submissions.count(), Outcome()
        for outcome in sweep.rederive(submissions):
            done += outcome
            self._progress(done.derived + done.failed, total)
        self.stdout.write(said(done))
        if done.failed:
            raise CommandError("Có hồ sơ không tính được; xem nhật ký của máy chủ.")

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            width = 40 * done // max(total, 1)
            self.stderr.write(f"\r[{'#' * width:<40}] {done}/{total}", ending="")
            if done >= total:
                self.stderr.write("")


def said(done: Outcome) -> str:
    """Return what computing again came to, in a sentence."""
    counts = f"Đã tính lại {done.derived} hồ sơ, {done.changed} thay đổi, {done.failed} lỗi."
    if done.rescored:
        counts += f" {done.rescored} kết luận đổi theo quy tắc mới; kết luận cũ vẫn được giữ."
    return counts


def _day(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--since {text}: cần ngày dạng YYYY-MM-DD.") from error
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(settings.LOCAL_TIME_ZONE))
