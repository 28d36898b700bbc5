"""`export_form FORM_ID FILE`: the workbook of a form, for any ODK server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.forms.publish import exported
from server.projects.models import Project
from server.projects.problems import ProjectUnknown


class Command(BaseCommand):
    """Writes the workbook of the current version with the findings' formulas filled in."""

    help = "Xuất bảng tính của một biểu, công thức đã điền sẵn, dùng được trên mọi máy chủ ODK."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form and where to write."""
        parser.add_argument("form_id")
        parser.add_argument("file", type=Path)
        parser.add_argument("--project", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        try:
            content = _workbook(options["project"], options["form_id"])
        except Problem as problem:
            raise CommandError(problem.sentence()) from problem
        options["file"].write_bytes(content)
        self.stdout.write(f"Đã ghi {options['file']} ({len(content)} byte).")


def _workbook(project_id: int, form_id: str) -> bytes:
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        raise ProjectUnknown(id=project_id)
    return exported(project, form_id)
