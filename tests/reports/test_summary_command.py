"""`manage.py summary`: the same rows, in a terminal."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from server.projects.models import Project
from server.reports import summary_table
from tests import builders
from tests.builders import GOOD
from tests.reports.test_summary_table import table


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("summary", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def project(db: None) -> Project:
    project = builders.project()
    builders.form(project)
    dong = builders.commune("05665", "Xã Đồng Hỷ")
    builders.commune("05500", "Xã Dân Tiến")
    builders.coverage({dong: (105.9, 21.6)}, is_schematic=True)
    answers = {**GOOD, "h/h_commune": "05665", "a/a5_child": "7919", "a/a3_ev": "none"}
    builders.send(project, builders.instance(answers))
    return project


def asked(project: Project) -> tuple[str, ...]:
    return ("--project", str(project.pk), "--form", "kt_thu", "--year", "2026", "--period", "h1")


def test_it_prints_a_line_a_commune_and_the_province(project: Project) -> None:
    said = run(*asked(project)).splitlines()

    assert said[0] == "Kiểm tra thử – năm 2026, 6 tháng đầu năm"
    assert "Hình vuông thử nghiệm" in said
    assert "Điều kiện có dấu *: tạm tính – chưa đối chiếu." in said
    assert [" ".join(line.split()) for line in said if line.startswith("05")] == [
        "05500 Xã Dân Tiến Chưa kiểm tra",
        "05665 Xã Đồng Hỷ Không đạt 20/05/2026 A1*:Đ A3*:? A5:K",
    ]
    assert said[-2].startswith("Toàn tỉnh: 2 xã, phường – Đạt: 0; Không đạt: 1;")


def test_as_csv_it_prints_what_the_api_answers(project: Project) -> None:
    assert run(*asked(project), "--csv") == summary_table.as_csv(table(project))


def test_it_prints_no_figure_of_violence(project: Project) -> None:
    assert "7919" not in run(*asked(project)) + run(*asked(project), "--csv")


def test_a_form_that_is_not_there_is_told_in_a_sentence(project: Project) -> None:
    with pytest.raises(CommandError, match="không có biểu «kt_khac» đã phát hành"):
        run("--project", str(project.pk), "--form", "kt_khac")
