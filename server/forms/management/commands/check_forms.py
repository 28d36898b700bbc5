"""`check_forms [FOLDER]`: compile every workbook of a folder and say all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.forms import lint, sandbox, workbook
from server.forms.problems import WorkbookRefused

FORMS = Path(__file__).resolve().parents[4] / "forms"


class Command(BaseCommand):
    """Checks workbooks without a database: findings, indicators, entities, privacy, languages."""

    help = "Kiểm tra các bảng tính: biên dịch được, không hỏi thông tin cá nhân, đủ hai ngôn ngữ."
    requires_system_checks = ()  # neither database nor settings matter here

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", nargs="?", type=Path, default=FORMS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what is wrong, a line each; fail when there is anything."""
        paths = sorted(options["folder"].glob("*/*.xlsx"))
        wrong = 0
        for path in paths:
            for said in _wrong(path):
                wrong += 1
                self.stdout.write(f"{path.name}: {said}")
        if wrong:
            raise CommandError(f"{wrong} lỗi trong {len(paths)} biểu. Sửa từng ô rồi chạy lại.")
        self.stdout.write(f"{len(paths)} biểu đều tốt.")


def _wrong(path: Path) -> Iterator[str]:
    data = path.read_bytes()
    try:
        compiled = sandbox.compile_apart(data)
    except WorkbookRefused as refused:
        yield from (f"{c.place}: {c.sentence()}" for c in refused.complaints)
        return
    except Problem as problem:
        yield problem.sentence()
        return
    for complaint in (*compiled.lint, *lint.check_languages(workbook.read(data))):
        yield f"{complaint.place}: {complaint.sentence()}"
