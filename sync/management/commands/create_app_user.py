"""`manage.py create_app_user NAME`: a key for one device, and the code that its phone scans."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.projects import accounts
from server.projects.models import Project
from server.projects.problems import ProjectUnknown
from sync import qr
from sync.addresses import Addresses


class Command(BaseCommand):
    """Make a device's key; it can be read now and never again."""

    help = "Tạo mã cho một thiết bị và in địa chỉ máy chủ cùng mã QR (chỉ hiện một lần)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the inspector's name, and where devices reach this server."""
        parser.add_argument("name")
        parser.add_argument("--project", type=int, default=1)
        parser.add_argument("--base-url", default=settings.PUBLIC_URL or "http://127.0.0.1:8000")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and show it."""
        try:
            project = _project(options["project"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        made = accounts.create_app_user(project, options["name"])
        url = Addresses(options["base_url"].rstrip("/"), made.token, project.pk).server
        code = qr.text(qr.settings_for(url, project.name, made.app_user.username))
        if options["as_json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "id": made.app_user.pk,
                        "name": made.app_user.display_name,
                        "username": made.app_user.username,
                        "url": url,
                        "qr": code,
                    },
                    ensure_ascii=False,
                )
            )
            return
        self.stdout.write(f"Thiết bị {made.app_user.pk}: {made.app_user.display_name}")
        self.stdout.write(f"Địa chỉ máy chủ: {url}")
        self.stdout.write(qr.terminal(code))


def _project(project_id: int) -> Project:
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        raise ProjectUnknown(id=project_id)
    return project
