"""`manage.py import_instances DIR|ZIP --app-user ID`: forms that came on a cable or a card.

The same door as over the network: what is here already is recognised, and what cannot be taken is
kept in quarantine. It can be stopped and begun again at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from server import blobs
from server.errors import Problem, Unavailable
from server.inspections import derive
from server.projects.models import AppUser
from server.projects.problems import AppUserUnknown
from server.submissions import bundle
from server.submissions.intake import Receipt, Sender, receive

_OUTCOMES = {"new": "mới", "known": "đã có", "refused": "không nhận"}


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one folder."""

    folder: str
    outcome: str  # new, known, refused
    instance_id: str  # "" when refused
    missing: tuple[str, ...]  # files that the form names and that were not in the folder
    code: str  # of a refusal
    message: str


class Command(BaseCommand):
    """Take in a copied `instances` folder."""

    help = "Nhập thư mục instances chép từ điện thoại (hoặc tệp .zip của nó). Chạy lại không thêm."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to import, and whose phone it came from."""
        parser.add_argument("source", type=Path, help="thư mục instances, hoặc tệp .zip")
        parser.add_argument("--app-user", type=int, required=True, help="số của thiết bị đã điền")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and write a receipt for each form; ends with an error when any was refused."""
        receipts = []
        try:
            for imported in _imported(options["source"], _sender(options["app_user"])):
                receipts.append(imported)
                if not options["as_json"]:
                    self.stdout.write(_line(imported))
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        except (OperationalError, InterfaceError) as error:
            raise CommandError(Unavailable().sentence()) from error
        finally:
            if options["as_json"]:
                rows = [asdict(receipt) for receipt in receipts]
                self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        counts = {key: sum(r.outcome == key for r in receipts) for key in _OUTCOMES}
        if not options["as_json"]:
            words = ", ".join(f"{_OUTCOMES[key]} {count}" for key, count in counts.items())
            self.stdout.write(f"{len(receipts)} phiếu: {words}.")
        if counts["refused"]:
            raise CommandError(f"{counts['refused']} phiếu không nhận được; xem lý do ở trên.")


def _sender(app_user_id: int) -> Sender:
    # One whose key was taken back too: what it filled in before is no less true.
    app_user = AppUser.objects.filter(pk=app_user_id).first()
    if app_user is None:
        raise AppUserUnknown(id=app_user_id)
    return Sender(app_user.project_id, app_user, "", "import_instances")


def _imported(source: Path, sender: Sender) -> Iterator[Imported]:
    with bundle.opened(source) as folders:
        for folder, entries in folders.items():
            # Full or away is no fault of this form, and the next would fare no better.
            blobs.check_room()
            try:
                with bundle.form(folder, entries) as found:
                    receipt = receive(found.xml, found.files, sender)
            except (blobs.StorageFull, blobs.StorageUnavailable):
                raise
            except Problem as problem:
                yield _refused(folder, problem)
                continue
            derive.arrived(receipt)
            yield _taken(folder, receipt)


def _taken(folder: str, receipt: Receipt) -> Imported:
    outcome = "new" if receipt.is_new else "known"
    return Imported(_shown(folder), outcome, receipt.instance_id, receipt.missing, "", "")


def _refused(folder: str, problem: Problem) -> Imported:
    return Imported(_shown(folder), "refused", "", (), problem.code, problem.sentence())


def _line(imported: Imported) -> str:
    missing = f"còn thiếu {len(imported.missing)} tệp" if imported.missing else ""
    notes = filter(None, (imported.instance_id, missing, imported.message, imported.code))
    return f"{_OUTCOMES[imported.outcome]:<10}  {imported.folder}  {_shown(' · '.join(notes))}"


def _shown(text: str) -> str:
    """Return a stranger's words without what would command a terminal or break the encoding."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
