"""`workbook`: what a designer does with a workbook, before and after it is published.

Each sub-command reads files, calls one function and prints or writes what it returns. What is wrong
makes the exit status 1. With --json everything is said as one JSON value, for programs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from server.errors import Problem
from server.forms import sandbox
from server.forms.audio import HEAD_BYTES, AudioFile, audio
from server.forms.difference import difference
from server.forms.difference_told import told
from server.forms.paper import paper
from server.forms.problems import Complaint, FileMissing, FileUnwritable, WorkbookRefused
from server.forms.proofreading import Proof, proofread
from server.forms.publish import workbook_of
from server.forms.questionnaire import markdown
from server.forms.translation_problems import TranslationsRefused
from server.forms.translations import sheet_out, taken_in
from server.reports.questionnaire_docx import questionnaire

_NO_DATABASE = "Không nối được cơ sở dữ liệu. Chạy máy chủ (make serve) hoặc dùng tệp .xlsx."


class Command(BaseCommand):
    """Checks, compares, exports and prints workbooks; needs a database only for published ones."""

    help = "Công cụ cho người soạn biểu: kiểm tra, so sánh, xuất, in, dịch, lồng tiếng."
    requires_system_checks = ()  # most of it needs neither database nor settings

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a sub-command and what it works on."""
        parts = parser.add_subparsers(dest="part", required=True, metavar="việc")
        check = parts.add_parser("check", help="tìm mọi lỗi, từng ô một")
        check.add_argument("files", nargs="+", type=Path, metavar="BIỂU.xlsx")
        check.add_argument("--json", action="store_true", help="in kết quả dạng JSON")

        diff = parts.add_parser("diff", help="nói rõ hai bảng tính khác nhau ở đâu")
        diff.add_argument("old", metavar="CŨ", help="tệp .xlsx, hoặc form_id@phiên_bản")
        diff.add_argument("new", metavar="MỚI", help="tệp .xlsx, hoặc form_id@phiên_bản")
        diff.add_argument("--json", action="store_true", help="in kết quả dạng JSON")
        diff.add_argument("--project", type=int, default=1, help="chương trình có biểu đó")

        export = parts.add_parser("export", help="bảng tính đã điền sẵn công thức")
        export.add_argument("file", type=Path, metavar="BIỂU.xlsx")
        export.add_argument("-o", dest="out", type=Path, required=True, metavar="RA.xlsx")

        page = parts.add_parser("questionnaire", help="bảng câu hỏi để in và ghi tay")
        page.add_argument("file", type=Path, metavar="BIỂU.xlsx")
        kinds = page.add_mutually_exclusive_group(required=True)
        kinds.add_argument("--md", action="store_true", help="Markdown, để đọc và so sánh")
        kinds.add_argument("--docx", action="store_true", help="DOCX khổ A4, để in")
        page.add_argument("-o", dest="out", type=Path, metavar="RA", help="bỏ trống: cạnh biểu")

        _add_translations(parts.add_parser("translations", help="bảng dịch: đưa ra, nhận lại"))
        audio_of = parts.add_parser("audio", help="nhãn có tiếng nói: đủ đến đâu, thiếu tệp nào")
        audio_of.add_argument("file", type=Path, metavar="BIỂU.xlsx")
        audio_of.add_argument("--json", action="store_true", help="in kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        try:
            _PARTS[options["part"]](self, options)
        except Problem as problem:
            if options.get("json"):
                self.say_json({"problems": [_problem_said(problem)]})
            raise CommandError(_sentences(problem)) from problem
        except OperationalError as error:
            raise CommandError(_NO_DATABASE) from error

    def say_json(self, value: object) -> None:
        """Print a value as JSON that a person can read too."""
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2))

    def write(self, path: Path, content: bytes) -> None:
        """Write a file and say so."""
        try:
            path.write_bytes(content)
        except OSError as error:
            raise FileUnwritable(path=path, reason=error.strerror) from error
        self.stdout.write(f"Đã ghi {path} ({len(content)} byte).")


def _add_translations(parser: CommandParser) -> None:
    ways = parser.add_subparsers(dest="way", required=True, metavar="chiều")
    out = ways.add_parser("out", help="đưa mọi lời của biểu ra bảng cho người dịch")
    out.add_argument("file", type=Path, metavar="BIỂU.xlsx")
    out.add_argument("--language", action="append", default=[], help="ngôn ngữ mới: Tày (tyz)")
    out.add_argument("-o", dest="out", type=Path, required=True, metavar="BẢNG.xlsx")
    back = ways.add_parser("in", help="nhận lời dịch vào một biểu mới, không đổi gì khác")
    back.add_argument("file", type=Path, metavar="BIỂU.xlsx")
    back.add_argument("sheet", type=Path, metavar="BẢNG.xlsx")
    back.add_argument("-o", dest="out", type=Path, required=True, metavar="MỚI.xlsx")


def _check(command: Command, options: Mapping[str, Any]) -> None:
    proofs = {path: _proof(path) for path in options["files"]}
    wrong = sum(len(proof.complaints) for proof in proofs.values() if isinstance(proof, Proof))
    wrong += sum(isinstance(proof, Problem) for proof in proofs.values())
    if options["json"]:
        command.say_json([_proof_said(path, proof) for path, proof in proofs.items()])
    else:
        for path, proof in proofs.items():
            for line in _proof_lines(proof):
                command.stdout.write(f"{path.name}: {line}")
    if wrong:
        raise CommandError(f"{wrong} lỗi trong {len(proofs)} biểu. Sửa từng ô rồi chạy lại.")


def _diff(command: Command, options: Mapping[str, Any]) -> None:
    old, new = (_named(options[side], options["project"]) for side in ("old", "new"))
    found = difference(old, new)
    if options["json"]:
        command.say_json(asdict(found))
    else:
        command.stdout.write("\n".join(told(found)))


def _export(command: Command, options: Mapping[str, Any]) -> None:
    command.write(options["out"], sandbox.compile_apart(_read(options["file"])).filled)


def _questionnaire(command: Command, options: Mapping[str, Any]) -> None:
    data, suffix = _read(options["file"]), ".docx" if options["docx"] else ".md"
    content = questionnaire(paper(data)) if options["docx"] else markdown(data).encode()
    command.write(options["out"] or options["file"].with_suffix(suffix), content)


def _translations(command: Command, options: Mapping[str, Any]) -> None:
    data = _read(options["file"])
    if options["way"] == "out":
        command.write(options["out"], sheet_out(data, options["language"]))
        return
    taken = taken_in(data, _read(options["sheet"]))
    command.write(options["out"], taken.workbook)
    command.stdout.write(f"{taken.written} lời dịch mới hoặc thay đổi.")
    for key in taken.changed:
        command.stdout.write(f"bản gốc đã đổi, chưa nhận: {key}")
    for key in taken.left_over:
        command.stdout.write(f"không còn trong biểu: {key}")
    for language, keys in taken.missing.items():
        command.stdout.write(f"{language}: còn thiếu {len(keys)} lời dịch")
        command.stdout.write("".join(f"  {key}\n" for key in keys), ending="")


def _audio(command: Command, options: Mapping[str, Any]) -> None:
    found = audio(_read(options["file"]), _media(options["file"].parent / "media"))
    if options["json"]:
        command.say_json(
            {
                "languages": [{**asdict(c), "percent": c.percent} for c in found.languages],
                "problems": [_problem_said(complaint) for complaint in found.complaints],
                "unused": found.unused,
            }
        )
    else:
        for one in found.languages:
            counted = f"{one.playable}/{one.texts} nhãn nghe được, {one.named} nhãn có tên tệp"
            command.stdout.write(f"{one.language}: {one.percent} % ({counted})")
        for complaint in found.complaints:
            command.stdout.write(f"{complaint.place}: {complaint.sentence()}")
        for name in found.unused:
            command.stdout.write(f"không nhãn nào dùng: {name}")
    if found.complaints:
        raise CommandError(f"{len(found.complaints)} lỗi âm thanh. Sửa từng ô rồi chạy lại.")


_PARTS: Mapping[str, Callable[[Command, Mapping[str, Any]], None]] = {
    "check": _check,
    "diff": _diff,
    "export": _export,
    "questionnaire": _questionnaire,
    "translations": _translations,
    "audio": _audio,
}


# What is read and said ---------------------------------------------------------------------------


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileMissing(path=path, reason=error.strerror) from error


def _media(folder: Path) -> dict[str, AudioFile]:
    """Return what is looked at of each file of a folder, by name; nothing without the folder."""
    found: dict[str, AudioFile] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.is_file():
            with path.open("rb") as file:
                found[path.name] = AudioFile(path.stat().st_size, file.read(HEAD_BYTES))
    return found


def _named(name: str, project_id: int) -> bytes:
    """Return a workbook by its file, or a published one by `form_id@version`."""
    form_id, at, version = name.rpartition("@")
    if at and not Path(name).exists():
        return workbook_of(project_id, form_id, version)
    return _read(Path(name))


def _proof(path: Path) -> Proof | Problem:
    """Return what is wrong with one of several files, so that the others are read too."""
    try:
        return proofread(_read(path))
    except Problem as problem:
        return problem


def _proof_lines(proof: Proof | Problem) -> list[str]:
    if isinstance(proof, Problem):
        return [proof.sentence()]
    lines = [f"{complaint.place}: {complaint.sentence()}" for complaint in proof.complaints]
    lines += [f"cảnh báo: {warning}" for warning in proof.warnings]
    if proof.is_good:
        counted = f"{len(proof.conditions)} điều kiện, {len(proof.indicators)} chỉ tiêu"
        lines.append(f"tốt ({proof.form_id}, phiên bản {proof.version}: {counted})")
    return lines


def _proof_said(path: Path, proof: Proof | Problem) -> dict[str, object]:
    if isinstance(proof, Problem):
        return {"file": path.name, "good": False, "problems": [_problem_said(proof)]}
    return {
        "file": path.name,
        "good": proof.is_good,
        "form_id": proof.form_id,
        "version": proof.version,
        "title": proof.title,
        "conditions": proof.conditions,
        "indicators": proof.indicators,
        "problems": [_problem_said(complaint) for complaint in proof.complaints],
        "warnings": proof.warnings,
    }


def _problem_said(problem: Problem) -> dict[str, object]:
    said = {"code": problem.code, "vi": problem.sentence(), "en": problem.sentence("en")}
    if not isinstance(problem, Complaint):
        return {**said}
    return {**said, **{key: problem.details[key] for key in ("sheet", "row", "column", "header")}}


def _sentences(problem: Problem) -> str:
    """Return a problem, and each complaint in it on a line of its own."""
    if not isinstance(problem, WorkbookRefused | TranslationsRefused):
        return problem.sentence()
    lines = (f"  {complaint.place}: {complaint.sentence()}" for complaint in problem.complaints)
    return "\n".join([problem.sentence(), *lines])
