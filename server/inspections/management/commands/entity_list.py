"""`entity_list NAME`: say who approves new entities of a list, and who gets which rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.entities.lists import set_up, settings_of
from server.entities.models import EntityList
from server.errors import Problem
from server.inspections.lists import check_list
from server.projects.audit import SERVER

_YES_OR_NO = {"yes": True, "no": False}


class Command(BaseCommand):
    """Sets up an entity list, or tells how it is."""

    help = "Đặt cách dùng một danh sách thực thể: có phải duyệt không, và dòng nào thuộc về ai."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the list and what to set."""
        parser.add_argument("name", help="tên danh sách, ví dụ kien_nghi")
        parser.add_argument("--project", type=int, default=1)
        parser.add_argument(
            "--approval", choices=_YES_OR_NO, help="bản ghi mới chỉ có sau khi duyệt phiếu"
        )
        parser.add_argument(
            "--owner",
            metavar="PROPERTY",
            help="thuộc tính ghi tên máy (username) được nhận dòng đó; để trống (--owner '') là bỏ",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Set it, and say how it is now."""
        name, owner, approval = options["name"], options["owner"], options["approval"]
        project_id = options["project"]
        try:
            check_list(project_id, name, owner or "")
            if owner is not None or approval is not None:
                is_required = None if approval is None else _YES_OR_NO[approval]
                set_up(
                    project_id,
                    name,
                    approval_required=is_required,
                    owner_property=owner,
                    by=SERVER,
                )
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        self.stdout.write(_told(settings_of(project_id, name)))


def _told(entity_list: EntityList) -> str:
    must = "phải duyệt phiếu rồi mới có" if entity_list.approval_required else "có ngay"
    owner = entity_list.owner_property
    whose = f"mỗi máy chỉ nhận dòng của mình ({owner})" if owner else "máy nhận dòng theo xã"
    return f"{entity_list.name}: bản ghi mới {must}; {whose}."
