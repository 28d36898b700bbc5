"""What the commands that hand out keys have in common: what they take, and how they show it."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandParser, OutputWrapper
from django.utils import timezone

from server.communes.models import AdminUnit
from server.projects import qr
from server.projects.accounts import NewAppUser
from server.projects.device_setup import setup
from server.projects.models import AppUser, Project
from server.projects.problems import ProjectUnknown
from sync import home
from sync.problems import CommuneUnknown


class Granted(TypedDict):
    """What a new device is and may have, as accounts.create_app_user takes it."""

    team: str
    expires_at: dt.datetime | None
    form_ids: list[str] | None
    commune_uids: list[str]


def add_granting(parser: CommandParser) -> None:
    """Take what a device may have."""
    parser.add_argument("--project", type=int, default=1)
    parser.add_argument("--team", default="", help="tổ, đoàn kiểm tra")
    add_expiry(parser)
    parser.add_argument(
        "--form", action="append", dest="form_ids", help="chỉ biểu này; lặp lại được"
    )
    parser.add_argument(
        "--commune",
        action="append",
        default=[],
        dest="communes",
        help="chỉ xã này (mã xã hiện hành, hoặc mã@ngày hiệu lực); lặp lại được",
    )


def add_expiry(parser: CommandParser) -> None:
    """Take the last day."""
    parser.add_argument(
        "--expires", type=_day, dest="expires_at", help="dùng được hết ngày này: 2027-12-31"
    )


def add_showing(parser: CommandParser) -> None:
    """Take where devices reach this server, and how to show the code."""
    add_base_url(parser)
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument("--png", type=Path, help="ghi mã QR ra tệp ảnh PNG")
    parser.add_argument("--svg", type=Path, help="ghi mã QR ra tệp ảnh SVG")


def add_base_url(parser: CommandParser) -> None:
    """Take where devices reach this server."""
    parser.add_argument("--base-url", default=home.base_url())


def project(project_id: int) -> Project:
    """Return a project. Raises ProjectUnknown."""
    found = Project.objects.filter(pk=project_id).first()
    if found is None:
        raise ProjectUnknown(id=project_id)
    return found


def granted(options: Mapping[str, Any]) -> Granted:
    """Return what the options grant. Raises CommuneUnknown."""
    return {
        "team": options["team"],
        "expires_at": options["expires_at"],
        "form_ids": options["form_ids"],
        "commune_uids": [_commune(code) for code in options["communes"]],
    }


def show(out: OutputWrapper, made: NewAppUser, options: Mapping[str, Any]) -> None:
    """Show what to set the phone up with, as a person or a program reads it."""
    given = setup(made, options["base_url"])
    for path, picture in ((options["png"], qr.png), (options["svg"], qr.svg)):
        if path is not None:
            drawn = picture(given.code)
            write_secret(path, drawn if isinstance(drawn, bytes) else drawn.encode())
    if options["as_json"]:
        facts = {
            "id": made.app_user.pk,
            "name": made.app_user.display_name,
            "username": given.username,
            "url": given.url,
            "qr": given.code,
        }
        secret = {"password": given.password} if given.password else {}
        out.write(json.dumps({**facts, **secret}, ensure_ascii=False))
        return
    out.write(f"Thiết bị {made.app_user.pk}: {made.app_user.display_name}")
    out.write(f"Địa chỉ máy chủ: {given.url}")
    if given.password:
        out.write(f"Tên người dùng: {given.username}")
        out.write(f"Mật khẩu: {given.password}")
    out.write(qr.terminal(given.code))


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that nobody else on this machine may read, in place of any other."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(content)
    draft.replace(path)


def last_day(app_user: AppUser) -> dt.date | None:
    """Return the last day on which a device may be used, where it is used."""
    if app_user.expires_at is None:
        return None
    last = app_user.expires_at - dt.timedelta(microseconds=1)
    return last.astimezone(_here()).date()


def end_of(day: dt.date) -> dt.datetime:
    """Return the first moment after a day, where the devices are used."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=_here())


def today() -> dt.date:
    """Return the day that it is where the devices are used."""
    return timezone.localdate(timezone=_here())


def _day(text: str) -> dt.datetime:
    try:
        return end_of(dt.date.fromisoformat(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: ngày viết như 2027-12-31") from error


def _here() -> ZoneInfo:
    return ZoneInfo(settings.LOCAL_TIME_ZONE)


def _commune(code: str) -> str:
    """Return the uid of a commune as of today, or the one that was given."""
    units = AdminUnit.objects.communes()
    found = units.filter(uid=code) if "@" in code else units.in_force(today()).filter(code=code)
    uid = found.values_list("uid", flat=True).first()
    if uid is None:
        raise CommuneUnknown(code=code)
    return uid
