"""`GET /v1/projects/{id}/overview`: several forms and periods, for programs and spreadsheets."""

from __future__ import annotations

import csv
import io

import pytest

from server.projects import accounts
from server.projects.models import Project
from server.submissions.models import ReviewState
from tests import builders
from tests.api.conftest import Program
from tests.builders import FORM, GOOD


@pytest.fixture
def inspected(project: Project) -> None:
    builders.form(project)
    builders.form(project, FORM.replace("kt_thu", "kt_hai"))
    builders.commune("05500", "Xã Dân Tiến")
    builders.commune("05665", "Xã Đồng Hỷ")
    sent = builders.send(
        project,
        builders.instance({**GOOD, "h/h_commune": "05665", "a/a5_child": "7919"}),
    )
    sent.review_state = ReviewState.APPROVED
    sent.save()


def path(project: Project, query: str, suffix: str = "") -> str:
    return f"/v1/projects/{project.pk}/overview{suffix}?{query}&on_date=2026-06-12"


def test_a_program_gets_a_cell_for_each_commune_form_and_period(
    program: Program, project: Project, inspected: None
) -> None:
    answer = program.get(path(project, "years=2025-2026&forms=kt_thu,kt_hai&period=h1"))

    assert answer.status == 200
    assert [(c["form"], c["year"]) for c in answer.json["columns"]] == [
        ("kt_hai", 2025),
        ("kt_hai", 2026),
        ("kt_thu", 2025),
        ("kt_thu", 2026),
    ]
    there, dong = answer.json["communes"]
    assert [cell["status"] for cell in dong["cells"]] == ["chua_kiem_tra"] * 3 + ["khong_dat"]
    assert there["recommendations"] is None
    assert there["recommendations_note"] == "chưa kiểm tra"
    assert answer.json["data"]["note"] == "chỉ hồ sơ đã duyệt"
    assert answer.json["words"]["status"]["khong_dat"] == "Không đạt"
    assert "7919" not in answer.text


def test_the_same_is_a_table_for_spreadsheets(
    program: Program, project: Project, inspected: None
) -> None:
    query = "year=2026&forms=kt_thu&period=h1&group=type"
    answer = program.get(path(project, query, ".csv"))

    assert answer.text == program.get(path(project, f"{query}&format=csv")).text
    heading, there, dong, group, province = csv.reader(io.StringIO(answer.text[1:]))
    assert heading[5:] == [
        "kt_thu 2026, 6 tháng đầu năm (chỉ hồ sơ đã duyệt)",
        "Báo cáo: kt_thu 2026, 6 tháng đầu năm",
    ]
    assert there[2:6] == ["Xã Dân Tiến", "chưa kiểm tra", "chưa kiểm tra", "Chưa kiểm tra"]
    assert dong[3:6] == ["chưa có danh sách kiến nghị"] * 2 + ["Không đạt"]
    assert (group[2], province[2]) == ("Xã", "Toàn tỉnh")
    assert province[3:6] == ["chưa có số liệu"] * 2 + ["không đạt: 1; chưa kiểm tra: 1"]
    assert "7919" not in answer.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "year"),
        ("year=2026&years=2025-2026", "year"),
        ("years=2026-2025", "years"),
        ("years=2001-2026", "years"),
        ("years=hai", "years"),
        ("year=2026&forms=,", "forms"),
        ("year=2026&forms=" + ",".join(map(str, range(21))), "forms"),
        ("year=2026&period=q1", "period"),
        ("year=2026&group=dan_toc", "group"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(
    program: Program, project: Project, query: str, field: str
) -> None:
    answer = program.get(path(project, query))

    assert (answer.status, answer.nature) == (400, "parameter.invalid")
    assert answer.json["details"]["field"] == field


def test_a_form_that_is_not_there_is_told(
    program: Program, project: Project, inspected: None
) -> None:
    answer = program.get(path(project, "year=2026&forms=kt_thu,kt_khac"))

    assert (answer.status, answer.nature) == (404, "summary.form_unknown")


def test_only_members_of_the_project_get_it(
    program: Program, stranger: Program, project: Project, inspected: None
) -> None:
    other = accounts.create_project("Cao Bằng")

    assert program.get(path(other, "year=2026")).nature == "not_found"
    assert stranger.get(path(project, "year=2026")).status == 401
