"""`manage.py add_member EMAIL`: a person at a desk, what they may do, and for which communes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.communes.scope import known_communes
from server.errors import Problem
from server.projects import accounts, invitations
from server.projects.models import Project, Role, User


class Command(BaseCommand):
    """Give somebody a role in a project; make the account if there is none, with a password."""

    help = "Giao vai trò trong chương trình cho một người; tạo tài khoản nếu chưa có."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who, what and where."""
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="họ tên; cần khi tài khoản chưa có")
        parser.add_argument("--project", type=int, default=1, help="số chương trình (mặc định 1)")
        parser.add_argument(
            "--role",
            choices=[str(role) for role in Role],
            default=str(Role.SUPERVISOR),
            help="manager: quản lý; supervisor: duyệt hồ sơ; viewer: chỉ xem số tổng hợp",
        )
        parser.add_argument(
            "--commune",
            action="append",
            default=[],
            metavar="UID",
            help="xã mà người này duyệt, ví dụ 05443@2025-07-01; nhắc lại được; bỏ trống: mọi xã",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do so, and print the new password, once."""
        project = Project.objects.filter(pk=options["project"]).first()
        if project is None:
            raise CommandError(f"Không có chương trình số {options['project']}.")
        try:  # before an account is made
            communes = known_communes(options["commune"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        person = User.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            person = self._made(options["email"], options["name"])
        accounts.join(person, project, Role(options["role"]), commune_uids=communes)
        if not invitations.is_trusted(person, project):
            self.stderr.write(invitations.KNOWN_TO_OTHERS.format(email=person.email))
        where = ", ".join(communes) or "mọi xã"
        self.stdout.write(f"{person.email}: {options['role']}, {where}.")

    def _made(self, email: str, name: str) -> User:
        if not name:
            raise CommandError("Tài khoản chưa có: thêm --name 'Họ và tên' để tạo.")
        password = accounts.new_password()
        try:
            person = accounts.create_user(email, name, password)
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write(f"Mật khẩu (chỉ hiện một lần): {password}")
        return person
