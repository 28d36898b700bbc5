"""`manage.py create_app_user NAME`: a key for one device, and the code that its phone scans."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.projects import accounts
from sync import handing_out


class Command(BaseCommand):
    """Make a device's key; it can be read now and never again."""

    help = "Tạo mã cho một thiết bị và in địa chỉ máy chủ cùng mã QR (chỉ hiện một lần)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the inspector's name, what the device may have, and how to show it."""
        parser.add_argument("name")
        handing_out.add_granting(parser)
        parser.add_argument(
            "--password",
            action="store_true",
            dest="has_password",
            help="tên người dùng và mật khẩu (Digest, Basic) thay cho mã trong địa chỉ",
        )
        handing_out.add_showing(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and show it."""
        try:
            made = accounts.create_app_user(
                handing_out.project(options["project"]),
                options["name"],
                has_password=options["has_password"],
                **handing_out.granted(options),
            )
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        handing_out.show(self.stdout, made, options)
