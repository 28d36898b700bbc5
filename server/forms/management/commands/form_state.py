"""`form_state FORM_ID STATE`: say what devices may do with a form."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.forms.models import FormState
from server.forms.publish import set_state
from server.projects.audit import SERVER

_MEANS = {
    FormState.OPEN: "điện thoại thấy, tải được và gửi được",
    FormState.CLOSING: "không còn trong danh sách; máy đang có vẫn tải được và gửi được",
    FormState.CLOSED: "không tải được, không gửi được phiếu mới",
}


class Command(BaseCommand):
    """Opens or closes a form."""

    help = "Đổi trạng thái một biểu: open (mở), closing (sắp đóng) hoặc closed (đóng)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form and its state."""
        parser.add_argument("form_id")
        parser.add_argument("state", choices=FormState.values)
        parser.add_argument("--project", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Set it, and say what it means."""
        state = FormState(options["state"])
        try:
            set_state(options["project"], options["form_id"], state, SERVER)
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write(f"{options['form_id']}: {state} ({_MEANS[state]}).")
