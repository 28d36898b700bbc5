"""`create_public_link FORM_ID`: an address that opens one form to whoever has it."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.forms.models import Form
from server.forms.problems import FormUnknown
from server.projects import public_links, qr
from sync import handing_out
from sync.addresses import Addresses

_MOST_DAYS = 3650


class Command(BaseCommand):
    """Make a public link; it can be read now and never again, and taken back at any time."""

    help = "Tạo liên kết công khai cho một biểu (chỉ hiện một lần; thu hồi bằng revoke_app_user)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form, and where devices reach this server."""
        parser.add_argument("form_id")
        parser.add_argument("--project", type=int, default=1)
        handing_out.add_expiry(parser)
        parser.add_argument("--days", type=_days, help="dùng được chừng này ngày, kể cả hôm nay")
        parser.add_argument(
            "--once",
            action="store_true",
            dest="takes_once",
            help="mỗi trình duyệt hoặc điện thoại chỉ gửi được một phiếu",
        )
        handing_out.add_base_url(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and show it."""
        try:
            form = _published(options["project"], options["form_id"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        expires_at = options["expires_at"] or options["days"]
        made = public_links.create(
            form.project, form.form_id, expires_at=expires_at, takes_once=options["takes_once"]
        )
        url = Addresses(options["base_url"].rstrip("/"), made.token, form.project_id).server
        title = form.current_version.title if form.current_version else form.form_id
        code = qr.text(qr.settings_for(url, title, ""))
        self.stdout.write(f"Liên kết công khai {made.app_user.pk}: {form.form_id}")
        self.stdout.write(f"Địa chỉ máy chủ: {url}")
        last_day = handing_out.last_day(made.app_user)
        until = f"Dùng được hết ngày {last_day:%d/%m/%Y}" if last_day else "Không hết hạn"
        self.stdout.write(until)
        self.stdout.write(f"Thu hồi: manage.py revoke_app_user {made.app_user.pk}")
        self.stdout.write(qr.terminal(code))


def _days(text: str) -> dt.datetime:
    """Return the end of the last of so many days, today being the first."""
    try:
        days = int(text)
    except ValueError:
        days = 0
    if not 1 <= days <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r}: số ngày từ 1 đến {_MOST_DAYS}")
    return handing_out.end_of(handing_out.today() + dt.timedelta(days=days - 1))


def _published(project_id: int, form_id: str) -> Form:
    forms = Form.objects.living().select_related("project", "current_version")
    form = forms.filter(project=project_id, form_id=form_id, current_version__isnull=False).first()
    if form is None:
        raise FormUnknown(form_id=form_id, project_id=project_id)
    return form
