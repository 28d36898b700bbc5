"""`manage.py workbook`, as a designer at a terminal sees it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from server.forms import sandbox, validate
from server.forms.compile import compile_workbook
from server.forms.publish import publish
from server.projects.models import Project
from tests import builders
from tests.builders import FORM
from tests.forms import tables


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "compile_apart", compile_workbook)
    monkeypatch.setattr(validate, "is_available", lambda: False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "thu.xlsx"
    path.write_bytes(builders.workbook(FORM))
    return path


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("workbook", *(str(argument) for argument in arguments), stdout=out)
    return out.getvalue()


def test_check_says_each_problem_with_its_cell_and_fails(file: Path) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError, match="lỗi trong 1 biểu"):
        call_command("workbook", "check", str(file), stdout=out)

    assert "thu.xlsx: survey!C7: " not in out.getvalue()
    assert "thu.xlsx: survey!1: " in out.getvalue()  # English is missing


def test_check_reads_the_other_files_when_one_cannot_be_read(file: Path, tmp_path: Path) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("workbook", "check", "--json", str(tmp_path / "x"), str(file), stdout=out)

    missing, read = json.loads(out.getvalue())
    assert missing["problems"][0]["code"] == "workbook.file_missing"
    assert read["form_id"] == "kt_thu"
    assert {problem["code"] for problem in read["problems"]} >= {"lint.language_missing"}
    assert read["problems"][0].keys() == {"code", "vi", "en", "sheet", "row", "column", "header"}


def test_export_writes_what_another_server_needs_and_checks_as_before(file: Path) -> None:
    out = file.parent / "ra.xlsx"

    run("export", file, "-o", out)

    assert compile_workbook(out.read_bytes()).xform == compile_workbook(file.read_bytes()).xform
    assert "f_a1: công thức (trống) → «if(" in run("diff", file, out)


def test_the_questionnaire_is_written_beside_the_workbook_or_where_one_says(file: Path) -> None:
    run("questionnaire", file, "--docx")
    run("questionnaire", file, "--md", "-o", file.parent / "in.md")

    assert file.with_suffix(".docx").read_bytes().startswith(b"PK")
    assert (file.parent / "in.md").read_text().startswith("# Kiểm tra thử")
    with pytest.raises(CommandError, match="--md"):
        run("questionnaire", file)


def test_a_place_that_cannot_be_written_is_said_so(file: Path) -> None:
    with pytest.raises(CommandError, match="Không ghi được tệp"):
        run("export", file, "-o", file.parent / "khong_co" / "ra.xlsx")


def test_what_went_wrong_is_json_too_when_json_was_asked_for(file: Path) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("workbook", "diff", str(file), "khong_co.xlsx", "--json", stdout=out)

    assert json.loads(out.getvalue())["problems"][0]["code"] == "workbook.file_missing"


def test_translations_go_out_and_come_back_in(file: Path) -> None:
    sheet, back = file.parent / "dich.xlsx", file.parent / "moi.xlsx"

    run("translations", "out", file, "--language", "English (en)", "-o", sheet)
    said = run("translations", "in", file, sheet, "-o", back)

    assert back.read_bytes() == file.read_bytes()
    assert "0 lời dịch mới" in said
    assert "English (en): còn thiếu" in said
    with pytest.raises(CommandError, match="không phải bảng dịch"):
        run("translations", "in", file, file, "-o", back)


def test_audio_says_how_far_each_language_has_come(file: Path) -> None:
    (file.parent / "media").mkdir()
    (file.parent / "media" / "thua.ogg").write_bytes(b"OggS")

    said = run("audio", file).splitlines()

    assert said[0].startswith("Tày (tyz): 0 % (0/")
    assert said[-1] == "không nhãn nào dùng: thua.ogg"
    assert json.loads(run("audio", "--json", file))["unused"] == ["thua.ogg"]


@pytest.mark.django_db
def test_diff_takes_what_was_published(tmp_path: Path) -> None:
    project = Project.objects.create(name="Chương trình")
    publish(project, tables.form())
    newer = tmp_path / "moi.xlsx"
    newer.write_bytes(tables.form(settings=tables.version("2026112502")))

    found = json.loads(run("diff", "thu@2026112501", newer, "--json", f"--project={project.pk}"))

    assert [(c["column"], c["old"], c["new"]) for c in found["changes"]] == [
        ("version", "2026112501", "2026112502")
    ]
    with pytest.raises(CommandError, match="không có phiên bản «1»"):
        run("diff", "thu@1", newer, f"--project={project.pk}")
    with pytest.raises(CommandError, match="không có biểu khac"):
        run("diff", "khac@1", newer, f"--project={project.pk}")
