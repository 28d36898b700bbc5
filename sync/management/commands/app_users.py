"""`manage.py app_users`: every device, what it may have, and how it fares."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from server.submissions.roster import Device, roster

STATES = {"active": "dùng được", "expired": "hết hạn", "revoked": "thu hồi"}
_HEAD = (
    "số",
    "tên",
    "tổ",
    "tình trạng",
    "biểu",
    "xã",
    "thấy lần cuối",
    "Collect",
    "đã gửi",
    "thiếu",
    "cần bổ sung",
    "gửi lại",
    "bị từ chối",
)


class Command(BaseCommand):
    """List the devices of a project."""

    help = "Liệt kê thiết bị: tình trạng, lần cuối, bản Collect, số phiếu, còn thiếu, bị từ chối."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the project, and who reads it."""
        parser.add_argument("--project", type=int, default=1)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each."""
        devices = roster(options["project"])
        if options["as_json"]:
            self.stdout.write(json.dumps([_facts(each) for each in devices], ensure_ascii=False))
            return
        for row in (_HEAD, *(_row(each) for each in devices)):
            self.stdout.write(" | ".join(row))


def _row(device: Device) -> tuple[str, ...]:
    app_user = device.app_user
    return (
        str(app_user.pk),
        app_user.display_name,
        app_user.team,
        STATES[device.state],
        "tất cả" if app_user.opens_all_forms else ", ".join(app_user.form_ids) or "không",
        str(len(app_user.commune_uids)) if app_user.commune_uids else "tất cả",
        local(app_user.last_seen_at),
        device.collect,
        str(device.sent),
        str(device.missing_files),
        str(app_user.open_tasks),
        str(app_user.resends),
        _refused(device),
    )


def _facts(device: Device) -> dict[str, Any]:
    app_user = device.app_user
    return {
        "id": app_user.pk,
        "name": app_user.display_name,
        "team": app_user.team,
        "username": app_user.username,
        "serial": app_user.serial,
        "state": device.state,
        "expires_at": iso(app_user.expires_at),
        "forms": None if app_user.opens_all_forms else app_user.form_ids,
        "communes": app_user.commune_uids,
        "last_seen_at": iso(app_user.last_seen_at),
        "collect": device.collect,
        "sent": device.sent,
        "last_sent_at": iso(device.last_sent_at),
        "missing_files": device.missing_files,
        "open_tasks": app_user.open_tasks,
        "resends": app_user.resends,
        "refusals": app_user.refusals,
        "last_refused_at": iso(app_user.last_refused_at),
        "last_refusal": app_user.last_refusal,
        "stuck": device.is_stuck,
    }


def _refused(device: Device) -> str:
    """Return how often, and what for while it has not been mended."""
    why = f" ({device.app_user.last_refusal})" if device.is_stuck else ""
    return f"{device.app_user.refusals}{why}"


def iso(moment: dt.datetime | None) -> str | None:
    """Return a moment for programs."""
    return moment.isoformat() if moment else None


def local(moment: dt.datetime | None) -> str:
    """Return a moment for people, where the devices are used."""
    if moment is None:
        return "chưa"
    return f"{moment.astimezone(ZoneInfo(settings.LOCAL_TIME_ZONE)):%d/%m/%Y %H:%M}"
