"""`publish_forms`: publish every workbook of a folder, or make each a draft to try on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from server.errors import Problem
from server.forms import drafts
from server.forms.models import AttachmentSource, Draft, FormVersion
from server.forms.problems import WorkbookRefused
from server.forms.publish import publish
from server.projects import qr
from server.projects.models import Project
from server.projects.problems import ProjectUnknown
from sync import home
from sync.addresses import DraftAddresses

FORMS = Path(__file__).resolve().parents[3] / "forms"


class Command(BaseCommand):
    """Publishes `<id>/<id>.xlsx` with `<id>/media/*`; what is published already stays as it is."""

    help = "Phát hành mọi biểu trong thư mục forms/ (mỗi biểu một thư mục con)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a project and a folder."""
        parser.add_argument("folder", nargs="?", type=Path, default=FORMS)
        parser.add_argument("--project", type=int, default=1)
        parser.add_argument("--form", action="append", help="chỉ biểu này; lặp lại được")
        parser.add_argument(
            "--draft", action="store_true", help="Chưa phát hành: tạo bản thử, in địa chỉ và mã QR."
        )
        parser.add_argument("--base-url", default=home.base_url())

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish each form by itself: a bad workbook does not hold up the others."""
        project = _project(options["project"])
        workbooks = sorted(options["folder"].glob("*/*.xlsx"))
        wanted = options["form"] or [path.stem for path in workbooks]
        workbooks = [p for p in workbooks if p.stem == p.parent.name and p.stem in wanted]
        if not workbooks:
            raise CommandError(f"Không có biểu nào trong {options['folder']} (cần <mã>/<mã>.xlsx).")
        refused = [path.stem for path in workbooks if not self._take(project, path, options)]
        if refused:
            raise CommandError(f"Chưa phát hành: {', '.join(refused)}.")

    def _take(self, project: Project, path: Path, options: dict[str, Any]) -> bool:
        media = {file.name: file.read_bytes() for file in _files(path.parent / "media")}
        try:
            if options["draft"]:
                self._draft(project, path, media, options["base_url"].rstrip("/"))
            else:
                self._publish(project, path, media)
        except Problem as problem:
            self.stdout.write(f"{path.stem}: {problem.sentence()}")
            self._complain(problem)
            return False
        return True

    def _draft(self, project: Project, path: Path, media: dict[str, bytes], base: str) -> None:
        made = drafts.create(project, path.read_bytes(), media=media, form_id=path.stem)
        draft = made.draft
        url = DraftAddresses(base, made.token, project.pk, path.stem).server
        code = qr.text(qr.settings_for_draft(url, draft.title))
        self.stdout.write(f"{path.stem}  {draft.version}  {draft.title}  bản thử")
        self.stdout.write(f"  địa chỉ: {url}")
        self.stdout.write(f"  nội dung mã QR: {code}")
        self.stdout.write(qr.terminal(code))
        self._warn(draft, media, is_new=True)

    def _publish(self, project: Project, path: Path, media: dict[str, bytes]) -> None:
        known = set(FormVersion.objects.filter(form__project=project).values_list("pk", flat=True))
        version = publish(project, path.read_bytes(), media=media, form_id=path.stem)
        is_new = version.pk not in known
        done = "đã phát hành" if is_new else "không đổi"
        self.stdout.write(f"{path.stem}  {version.version}  {version.title}  {done}")
        current = version.form.current_version
        if current is not None and current != version:
            self.stdout.write(f"  điện thoại đang dùng phiên bản {current.version}")
        self._warn(version, media, is_new=is_new)

    def _complain(self, problem: Problem) -> None:
        if not isinstance(problem, WorkbookRefused):
            return
        lines = [(c.place, str(c.details["header"]), c.sentence()) for c in problem.complaints]
        place, header = (max(len(line[column]) for line in lines) for column in (0, 1))
        for line in lines:
            self.stdout.write(f"  {line[0]:<{place}}  {line[1]:<{header}}  {line[2]}")

    def _warn(self, form: FormVersion | Draft, media: dict[str, bytes], *, is_new: bool) -> None:
        for warning in form.warnings if is_new else ():
            self.stdout.write(f"  cảnh báo: {' '.join(warning.split())}")
        attachments = form.attachments.all()
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
