"""`manage.py public_links`: every link of a project that opens a form to anybody."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from server.submissions.roster import Device, public_links
from sync.management.commands.app_users import STATES, iso, local

_HEAD = ("số", "biểu", "tình trạng", "hết hạn", "mỗi máy một lần", "thấy lần cuối", "đã nhận")


class Command(BaseCommand):
    """List the public links of a project."""

    help = "Liệt kê liên kết công khai: biểu, tình trạng, hạn dùng, số phiếu đã nhận."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the project, and who reads it."""
        parser.add_argument("--project", type=int, default=1)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each."""
        links = public_links(options["project"])
        if options["as_json"]:
            self.stdout.write(json.dumps([_facts(link) for link in links], ensure_ascii=False))
            return
        for row in (_HEAD, *(_row(link) for link in links)):
            self.stdout.write(" | ".join(row))


def _row(link: Device) -> tuple[str, ...]:
    app_user = link.app_user
    return (
        str(app_user.pk),
        ", ".join(app_user.form_ids),
        STATES[link.state],
        local(app_user.expires_at) if app_user.expires_at else "không",
        "có" if app_user.takes_once else "không",
        local(app_user.last_seen_at),
        str(link.sent),
    )


def _facts(link: Device) -> dict[str, Any]:
    app_user = link.app_user
    return {
        "id": app_user.pk,
        "form_id": ", ".join(app_user.form_ids),
        "state": link.state,
        "once": app_user.takes_once,
        "created_at": iso(app_user.created_at),
        "expires_at": iso(app_user.expires_at),
        "revoked_at": iso(app_user.revoked_at),
        "last_seen_at": iso(app_user.last_seen_at),
        "received": link.sent,
    }
