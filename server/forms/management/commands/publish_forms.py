"""`publish_forms`: publish every workbook of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.forms.models import AttachmentSource, FormVersion
from server.forms.problems import WorkbookRefused
from server.forms.publish import publish
from server.projects.models import Project
from server.projects.problems import ProjectUnknown

FORMS = Path(__file__).resolve().parents[4] / "forms"


class Command(BaseCommand):
    """Publishes `<id>/<id>.xlsx` with `<id>/media/*`; what is published already stays as it is."""

    help = "Phát hành mọi biểu trong thư mục forms/ (mỗi biểu một thư mục con)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a project and a folder."""
        parser.add_argument("folder", nargs="?", type=Path, default=FORMS)
        parser.add_argument("--project", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish each form by itself: a bad workbook does not hold up the others."""
        project = _project(options["project"])
        workbooks = sorted(options["folder"].glob("*/*.xlsx"))
        workbooks = [path for path in workbooks if path.stem == path.parent.name]
        if not workbooks:
            raise CommandError(f"Không có biểu nào trong {options['folder']} (cần <mã>/<mã>.xlsx).")
        refused = [path.stem for path in workbooks if not self._publish(project, path)]
        if refused:
            raise CommandError(f"Chưa phát hành: {', '.join(refused)}.")

    def _publish(self, project: Project, path: Path) -> bool:
        known = set(FormVersion.objects.filter(form__project=project).values_list("pk", flat=True))
        media = {file.name: file.read_bytes() for file in _files(path.parent / "media")}
        try:
            version = publish(project, path.read_bytes(), media=media, form_id=path.stem)
        except Problem as problem:
            self.stdout.write(f"{path.stem}: {problem.sentence()}")
            self._complain(problem)
            return False
        is_new = version.pk not in known
        done = "đã phát hành" if is_new else "không đổi"
        self.stdout.write(f"{path.stem}  {version.version}  {version.title}  {done}")
        self._warn(version, media, is_new=is_new)
        return True

    def _complain(self, problem: Problem) -> None:
        if not isinstance(problem, WorkbookRefused):
            return
        lines = [(c.place, str(c.details["header"]), c.sentence()) for c in problem.complaints]
        place, header = (max(len(line[column]) for line in lines) for column in (0, 1))
        for line in lines:
            self.stdout.write(f"  {line[0]:<{place}}  {line[1]:<{header}}  {line[2]}")

    def _warn(self, version: FormVersion, media: dict[str, bytes], *, is_new: bool) -> None:
        current = version.form.current_version
        if current is not None and current != version:
            self.stdout.write(f"  điện thoại đang dùng phiên bản {current.version}")
        for warning in version.warnings if is_new else ():
            self.stdout.write(f"  cảnh báo: {' '.join(warning.split())}")
        attachments = version.attachments.all()
        for row in attachments.filter(source=AttachmentSource.FILE, sha256=""):
            self.stdout.write(f"  thiếu tệp {row.name}: đặt vào thư mục media/")
        for name in sorted(media.keys() - {row.name for row in attachments}):
            self.stdout.write(f"  media/{name}: biểu không dùng tệp này")


def _project(pk: int) -> Project:
    project = Project.objects.filter(pk=pk).first()
    if project is None:
        raise CommandError(ProjectUnknown(id=pk).sentence())
    return project


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
