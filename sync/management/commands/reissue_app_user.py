"""`manage.py reissue_app_user ID`: a new key for a device; the old code is void at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.projects import accounts
from sync import handing_out


class Command(BaseCommand):
    """Give a device a new key or password."""

    help = "Cấp lại mã cho một thiết bị: mã QR cũ hết hiệu lực ngay (mã mới chỉ hiện một lần)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the device's number, and a new last day."""
        parser.add_argument("id", type=int)
        handing_out.add_expiry(parser)
        handing_out.add_showing(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Re-issue and show it."""
        try:
            made = accounts.reissue_app_user(options["id"], expires_at=options["expires_at"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        handing_out.show(self.stdout, made, options)
