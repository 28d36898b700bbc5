"""`correct_rule FORM CONDITION`: what the law says instead, and a new score for all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.forms.corrections import Correction
from server.forms.models import Form
from server.forms.problems import FormUnknown
from server.inspections import rescoring, sweep
from server.inspections.derive import Outcome
from server.inspections.management.commands.rederive import said
from server.projects.models import User


class Command(BaseCommand):
    """Corrects one condition of a form without a new form, and scores what is stored again."""

    help = "Hiệu chỉnh ngưỡng của một điều kiện và chấm lại các hồ sơ đã có; kết luận cũ được giữ."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form, the condition, what it should be, and why."""
        parser.add_argument("form_id")
        parser.add_argument("condition", help="mã điều kiện, ví dụ A4")
        parser.add_argument(
            "--threshold", help="ngưỡng đúng, như ở trang findings: 90 hoặc 12; h1=6"
        )
        parser.add_argument("--rule", type=int, default=0, help="quy tắc thứ mấy của điều kiện")
        parser.add_argument(
            "--verified", action="store_true", default=None, help="đã đối chiếu văn bản gốc"
        )
        parser.add_argument(
            "--from",
            dest="valid_from",
            type=dt.date.fromisoformat,
            help="văn bản có hiệu lực từ ngày nào (2026-01-01); lần kiểm tra trước đó giữ nguyên",
        )
        parser.add_argument(
            "--to",
            dest="valid_to",
            type=dt.date.fromisoformat,
            help="ngày đầu tiên văn bản hết hiệu lực",
        )
        parser.add_argument("--reason", default="", help="căn cứ: văn bản nào, điều nào (bắt buộc)")
        parser.add_argument(
            "--confirmed", action="store_true", help="đã xem lại: lý do không nêu thông tin cá nhân"
        )
        parser.add_argument("--by", help="email của người hiệu chỉnh")
        parser.add_argument("--project", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Correct, score again, and say how many outcomes changed."""
        try:
            corrected = rescoring.correct(
                _form(options["project"], options["form_id"]),
                Correction(
                    options["condition"],
                    options["threshold"],
                    options["verified"],
                    options["rule"],
                    options["valid_from"],
                    options["valid_to"],
                ),
                reason=options["reason"],
                by=_user(options["by"]),
                is_confirmed=options["confirmed"],
            )
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        numbers = ", ".join(str(made.number) for made in corrected.rule_versions)
        self.stdout.write(f"Quy tắc mới số {numbers}; {corrected.submissions} hồ sơ cần chấm lại.")
        touched = sweep.submissions_to_rederive(options["form_id"], None)
        done = sum(sweep.rederive(touched.exclude(derive_owed_at=None)), Outcome())
        self.stdout.write(said(done))


def _form(project_id: int, form_id: str) -> Form:
    form = Form.objects.living().filter(project=project_id, form_id=form_id).first()
    if form is None:
        raise FormUnknown(form_id=form_id, project_id=project_id)
    return form


def _user(email: str | None) -> User | None:
    if email is None:
        return None
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise CommandError(f"Không có người dùng {email}. Kiểm tra lại email.")
    return user
