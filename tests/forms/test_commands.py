"""`publish_forms` and `export_form`, as a person at a terminal sees them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from server.forms import sandbox, validate
from server.forms.compile import compile_workbook
from server.forms.models import Form, FormState, FormVersion
from server.projects.models import Project
from tests.forms.tables import SURVEY, SURVEY_HEADER, form, version, with_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(sandbox, "compile_apart", compile_workbook)
    monkeypatch.setattr(validate, "is_available", lambda: False)
    return Project.objects.create(name="Chương trình")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of forms, as forms/ is."""
    write(tmp_path, "thu", form())
    return tmp_path


def write(folder: Path, name: str, workbook: bytes) -> Path:
    home = folder / name
    home.mkdir()
    (home / f"{name}.xlsx").write_bytes(workbook)
    return home


def run(folder: Path, project: Project) -> str:
    out = io.StringIO()
    call_command("publish_forms", str(folder), project=project.pk, stdout=out)
    return out.getvalue()


def test_every_form_of_a_folder_is_published_in_one_line(folder: Path, project: Project) -> None:
    write(folder, "khac", form(settings=version("1", "Biểu khác", "khac")))
    (folder / "README.md").write_text("không phải biểu")

    said = run(folder, project)

    assert said.splitlines() == [
        "khac  1  Biểu khác  đã phát hành",
        f"  cảnh báo: {validate.SKIPPED}",
        "thu  2026112501  Thử  đã phát hành",
        f"  cảnh báo: {validate.SKIPPED}",
    ]


def test_a_second_run_changes_nothing_and_says_so(folder: Path, project: Project) -> None:
    run(folder, project)

    assert run(folder, project) == "thu  2026112501  Thử  không đổi\n"
    assert FormVersion.objects.count() == 1


def test_one_form_of_a_folder_can_be_published_alone(folder: Path, project: Project) -> None:
    write(folder, "khac", form(settings=version("1", "Biểu khác", "khac")))
    out = io.StringIO()

    call_command("publish_forms", str(folder), project=project.pk, form=["khac"], stdout=out)

    assert list(FormVersion.objects.values_list("form__form_id", flat=True)) == ["khac"]


def test_a_form_can_be_closed_and_opened_again(folder: Path, project: Project) -> None:
    run(folder, project)
    out = io.StringIO()

    for state in ("closing", "closed", "open"):
        call_command("form_state", "thu", state, project=project.pk, stdout=out)

    assert [line.split(" (")[0] for line in out.getvalue().splitlines()] == [
        "thu: closing",
        "thu: closed",
        "thu: open",
    ]
    assert Form.objects.get().state == FormState.OPEN


def test_the_state_of_a_form_that_is_not_there_cannot_be_set(project: Project) -> None:
    with pytest.raises(CommandError, match="khong_co"):
        call_command("form_state", "khong_co", "closed", project=project.pk)


def test_an_old_workbook_is_told_what_phones_use_by_now(folder: Path, project: Project) -> None:
    run(folder, project)
    old = (folder / "thu" / "thu.xlsx").read_bytes()
    (folder / "thu" / "thu.xlsx").write_bytes(form(settings=version("2026112502")))
    run(folder, project)
    (folder / "thu" / "thu.xlsx").write_bytes(old)

    said = run(folder, project)

    assert said.splitlines() == [
        "thu  2026112501  Thử  không đổi",
        "  điện thoại đang dùng phiên bản 2026112502",
    ]


def test_files_that_are_missing_or_unused_are_named(folder: Path, project: Project) -> None:
    header = (*SURVEY_HEADER, "image::Tiếng Việt (vi)")
    survey = (header, *SURVEY[1:], ("note", "x", "X", *[None] * 4, "hinh.png"))
    media = write(folder, "co_hinh", form(survey, settings=version("1", "Có hình", "co_hinh")))
    (media / "media").mkdir()
    (media / "media" / "thua.png").write_bytes(b"PNG")

    said = run(folder, project)

    assert said.splitlines()[2:4] == [
        "  thiếu tệp hinh.png: đặt vào thư mục media/",
        "  media/thua.png: biểu không dùng tệp này",
    ]


def test_a_bad_workbook_is_told_cell_by_cell_and_does_not_hold_up_the_others(
    folder: Path, project: Project
) -> None:
    bad = form(
        with_rows(SURVEY, ("text", "x", "X", None, None, "kín")), settings=version("", "", "hong")
    )
    write(folder, "hong", bad)
    out = io.StringIO()

    with pytest.raises(CommandError, match="hong"):
        call_command("publish_forms", str(folder), project=project.pk, stdout=out)

    said = out.getvalue().splitlines()
    assert said[0] == "hong: Biểu chưa phát hành được: 2 lỗi. Sửa từng ô theo bảng lỗi rồi nộp lại."
    assert said[1].startswith("  settings!A2  form_title   Ô «form_title» đang trống.")
    assert said[2].startswith("  survey!F12   sensitivity  Ô «sensitivity» ghi «kín»")
    assert said[3] == "thu  2026112501  Thử  đã phát hành"


def test_a_folder_without_forms_is_an_error(tmp_path: Path, project: Project) -> None:
    with pytest.raises(CommandError):
        run(tmp_path, project)


def test_a_project_that_is_not_there_is_an_error(folder: Path) -> None:
    with pytest.raises(CommandError):
        call_command("publish_forms", str(folder), project=999_999)


def test_a_form_is_exported_with_its_formulas(folder: Path, project: Project) -> None:
    run(folder, project)
    target = folder / "ra.xlsx"

    call_command("export_form", "thu", str(target), project=project.pk, stdout=io.StringIO())

    workbook = (folder / "thu" / "thu.xlsx").read_bytes()
    assert target.read_bytes() == compile_workbook(workbook).filled


def test_exporting_what_is_not_there_is_an_error(folder: Path, project: Project) -> None:
    with pytest.raises(CommandError, match="khong_co"):
        call_command("export_form", "khong_co", str(folder / "x.xlsx"), project=project.pk)


def test_check_forms_says_all_that_is_wrong_and_publishes_nothing(folder: Path) -> None:
    asks = with_rows(SURVEY, ("text", "ho_ten", "Họ và tên"))
    write(folder, "hoi", form(asks, settings=version("1", "Hỏi", "hoi")))
    write(folder, "hong", form(with_rows(SURVEY, ("txt", "x", "X"))))
    out = io.StringIO()

    with pytest.raises(CommandError, match="trong 3 biểu"):
        call_command("check_forms", folder, stdout=out)

    said = out.getvalue().splitlines()
    assert any(line.startswith("hoi.xlsx: survey!C12: Câu hỏi «ho_ten»") for line in said)
    assert any(line.startswith("hong.xlsx: survey!12: ") for line in said)
    assert any("không có cột nhãn tiếng English" in line for line in said)
    assert not Form.objects.exists()
