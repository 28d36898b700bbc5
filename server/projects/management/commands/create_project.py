"""`manage.py create_project NAME --manager EMAIL`: another survey programme."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from server.projects import accounts, invitations
from server.projects.models import Role, User


class Command(BaseCommand):
    """Make a project, with somebody who has an account as its manager."""

    help = "Tạo một chương trình mới, giao cho một người đã có tài khoản quản lý."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what it is called, and who manages it."""
        parser.add_argument("name")
        parser.add_argument("--manager", required=True, metavar="EMAIL", help="người quản lý")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and print its number."""
        name = " ".join(options["name"].split())
        person = User.objects.filter(email=options["manager"].strip().lower()).first()
        if not name:
            raise CommandError("Tên chương trình không được để trống.")
        if person is None:
            raise CommandError(
                f"Chưa có tài khoản {options['manager']}. Tạo bằng add_member rồi chạy lại."
            )
        with transaction.atomic():
            project = accounts.create_project(name)
            accounts.join(person, project, Role.MANAGER)
        self.stdout.write(f"Chương trình số {project.pk}: {name}. Quản lý: {person.email}.")
        if not invitations.is_trusted(person, project):
            self.stderr.write(invitations.KNOWN_TO_OTHERS.format(email=person.email))
