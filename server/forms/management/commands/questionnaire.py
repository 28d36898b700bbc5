"""`questionnaire`: write every workbook of forms/ down as a page that people read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.forms.questionnaire import markdown

ROOT = Path(__file__).resolve().parents[4]


class Command(BaseCommand):
    """Writes docs/forms/<form_id>.md for each forms/<form_id>/<form_id>.xlsx."""

    help = "Viết bảng câu hỏi (docs/forms/*.md) từ các biểu trong forms/."
    requires_system_checks = ()  # neither database nor settings matter here

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check, for pre-commit and CI."""
        parser.add_argument(
            "--check", action="store_true", help="chỉ báo trang nào đã cũ, không ghi gì"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the pages that changed; with --check fail when there is one."""
        stale = [page for page in pages() if not is_current(*page)]
        names = ", ".join(str(target.relative_to(ROOT)) for _, target in stale)
        if options["check"]:
            if stale:
                raise CommandError(f"Trang đã cũ: {names}. Chạy: manage.py questionnaire")
            return
        for source, target in stale:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(markdown(source.read_bytes()), encoding="utf-8")
        self.stdout.write(f"Đã viết {names}." if stale else "Không trang nào thay đổi.")


def pages() -> list[tuple[Path, Path]]:
    """Return (workbook, page) of every form, by name."""
    folders = sorted(path for path in (ROOT / "forms").iterdir() if path.is_dir())
    return [
        (source, ROOT / "docs" / "forms" / f"{folder.name}.md")
        for folder in folders
        if (source := folder / f"{folder.name}.xlsx").is_file()
    ]


def is_current(source: Path, target: Path) -> bool:
    """Tell whether a page says what its workbook says."""
    wanted = markdown(source.read_bytes())
    return target.is_file() and target.read_text(encoding="utf-8") == wanted
