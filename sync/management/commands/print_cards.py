"""`manage.py print_cards --out cards.pdf`: cards of A4 to cut, one for each inspector."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from server.errors import Problem
from server.projects import accounts
from server.projects.accounts import NewAppUser
from server.projects.cards import Card, pdf
from server.projects.device_setup import setup
from server.projects.models import AppUser, Project
from sync import handing_out
from sync.problems import CardListInvalid


class Command(BaseCommand):
    """Hand out keys on paper: to new inspectors of a list, or new ones to those there are."""

    help = "In thẻ QR ra PDF khổ A4, mỗi người một thẻ. Cấp lại thì mã cũ hết hiệu lực ngay."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take for whom, and where to."""
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--project", type=int, default=1)
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--new", type=Path, help="CSV: name, team, expires (2027-12-31)")
        whom.add_argument("--reissue", type=int, nargs="+", metavar="ID", help="các thiết bị này")
        whom.add_argument("--reissue-all", action="store_true", help="mọi thiết bị còn dùng được")
        handing_out.add_base_url(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand out and write; when the file cannot be written, no old key has died."""
        try:
            # The file is written inside the transaction: new keys count once they are on paper.
            with transaction.atomic(durable=True):
                made = list(self._made(options))
                content = pdf([_card(each, options["base_url"]) for each in made])
                handing_out.write_secret(options["out"], content)
        except (Problem, OSError) as error:
            words = error.sentence() if isinstance(error, Problem) else str(error)
            raise CommandError(words) from error
        self.stdout.write(f"Đã in {len(made)} thẻ vào {options['out']}. In xong hãy xóa tệp này.")

    def _made(self, options: dict[str, Any]) -> Iterator[NewAppUser]:
        project = handing_out.project(options["project"])
        if options["new"] is not None:
            yield from _listed(project, options["new"])
            return
        ids = options["reissue"] or list(
            AppUser.objects.inspectors()
            .alive(timezone.now())
            .filter(project=project)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        # All of them before the first entry of the audit log, which others wait for while they hold
        # a device: locks are taken in one order, or two would wait for each other.
        list(AppUser.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        for app_user_id in ids:
            yield accounts.reissue_app_user(app_user_id)


def _listed(project: Project, path: Path) -> Iterator[NewAppUser]:
    """Make a device for each row. Raises CardListInvalid."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # Excel begins its files with a BOM
    except UnicodeDecodeError as error:
        raise CardListInvalid(row=1, reason="UTF-8") from error
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        name = (row.get("name") or "").strip()
        if not name:
            raise CardListInvalid(row=number, reason="name")
        expires = (row.get("expires") or "").strip()
        yield accounts.create_app_user(
            project,
            name,
            team=(row.get("team") or "").strip(),
            expires_at=_day(expires, number) if expires else None,
        )


def _day(expires: str, number: int) -> dt.datetime:
    try:
        return handing_out.end_of(dt.date.fromisoformat(expires))
    except ValueError as error:
        raise CardListInvalid(row=number, reason=f"expires {expires!r}") from error


def _card(made: NewAppUser, base_url: str) -> Card:
    app_user = made.app_user
    return Card(
        name=app_user.display_name,
        team=app_user.team,
        project_name=app_user.project.name,
        serial=app_user.serial,
        username=app_user.username,
        expires_on=handing_out.last_day(app_user),
        code=setup(made, base_url).code,
    )
