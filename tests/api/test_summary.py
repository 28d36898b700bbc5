"""`GET /v1/projects/{id}/summary`: one row per commune, for programs."""

from __future__ import annotations

import csv
import io

import pytest

from server.communes.models import AdminUnit
from server.projects import accounts
from server.projects.models import Project
from tests import builders
from tests.api.conftest import Program
from tests.builders import GOOD
from tests.reports.test_summary_command import run


@pytest.fixture
def dong(project: Project) -> AdminUnit:
    builders.form(project)
    builders.commune("05500", "Xã Dân Tiến")
    dong = builders.commune("05665", "Xã Đồng Hỷ")
    answers = {**GOOD, "h/h_commune": "05665", "a/a5_child": "7919"}
    builders.send(project, builders.instance(answers, photos=["nguyen thi a.jpg"]))
    return dong


def path(project: Project, *, suffix: str = "", query: str = "form=kt_thu&year=2026") -> str:
    return f"/v1/projects/{project.pk}/summary{suffix}?{query}&on_date=2026-06-12"


def test_a_program_gets_a_row_per_commune_and_the_province(
    program: Program, project: Project, dong: AdminUnit
) -> None:
    answer = program.get(path(project, query="form=kt_thu&year=2026&period=h1"))

    assert answer.status == 200
    assert [row["code"] for row in answer.json["communes"]] == ["05500", "05665"]
    inspected = answer.json["communes"][1]
    assert (inspected["status"], inspected["label"]) == ("khong_dat", "Không đạt")
    assert inspected["conditions"] == {"A1": "dat", "A3": "dat", "A5": "khong_dat"}
    assert inspected["latest"]["visit_date"] == "2026-05-20"
    assert inspected["latest"]["flags"] == ["gps_missing", "photo_missing"]
    assert answer.json["communes"][0]["label"] == "Chưa kiểm tra"
    assert answer.json["totals"]["by_status"]["khong_dat"] == 1
    assert (answer.json["form"], answer.json["period"]) == ("kt_thu", "h1")
    assert answer.json["boundary_note"] == "theo địa giới từ 01/7/2025"


def test_the_table_says_what_nobody_has_reviewed_and_can_leave_it_out(
    program: Program, project: Project, dong: AdminUnit
) -> None:
    every = program.get(path(project)).json
    approved = program.get(path(project) + "&data=approved").json

    assert every["data"]["note"] == "gồm cả hồ sơ chưa duyệt"
    assert every["data"]["not_reviewed"] == every["totals"]["inspections"] > 0
    assert approved["data"] == {
        "included": ["approved"],
        "approved": 0,
        "not_reviewed": 0,
        "left_out": every["totals"]["inspections"],
        "note": "chỉ hồ sơ đã duyệt",
    }
    assert approved["totals"]["inspected"] == 0


def test_a_program_gets_words_where_nothing_is_known(
    program: Program, project: Project, dong: AdminUnit
) -> None:
    there, inspected = program.get(path(project, query="form=kt_thu&year=2026&period=h1")).json[
        "communes"
    ]

    assert there["gps"] == {"count": 0, "of": 0, "share": None}
    assert (there["recommendations"], there["recommendations_note"]) == (None, "chưa kiểm tra")
    assert there["coverage_label"] == "chưa kiểm tra, chưa có kế hoạch"
    assert inspected["gps"]["share"] == 0.0
    assert inspected["recommendations_note"] == "chưa có danh sách kiến nghị"
    assert inspected["documented"] == {"A1": True, "A3": True, "A5": True}
    assert inspected["reports"]["h1"]["state"] in ("dung_han", "muon")


def test_a_program_gets_the_communes_in_groups(
    program: Program, project: Project, dong: AdminUnit
) -> None:
    groups = program.get(path(project) + "&group=type").json["groups"]
    table = program.get(path(project, suffix=".csv") + "&group=type").text.splitlines()
    refused = program.get(path(project) + "&group=level")

    assert [(g["label"], g["counts"]["communes"]) for g in groups["groups"]] == [("Xã", 2)]
    assert table[-2].startswith(",,Xã,không đạt: 1; chưa kiểm tra: 1")
    assert (refused.status, refused.nature) == (400, "summary.group_without_source")


def test_rules_that_nobody_checked_against_the_law_are_marked(
    program: Program, project: Project, dong: AdminUnit
) -> None:
    conditions = program.get(path(project)).json["conditions"]

    assert {c["code"]: c["note"] for c in conditions} == {
        "A1": "tạm tính – chưa đối chiếu",
        "A3": "tạm tính – chưa đối chiếu",
        "A5": "",
    }


def test_neither_figures_of_violence_nor_names_of_files_leave(
    program: Program, project: Project, dong: AdminUnit
) -> None:
    texts = [program.get(path(project, suffix=suffix)).text for suffix in ("", ".csv")]

    assert "7919" not in "".join(texts)
    assert "nguyen" not in "".join(texts)


def test_the_table_for_spreadsheets_is_what_the_command_prints(
    program: Program, project: Project, dong: AdminUnit
) -> None:
    answer = program.get(f"/v1/projects/{project.pk}/summary.csv?form=kt_thu&year=2026")

    printed = run("--project", str(project.pk), "--form", "kt_thu", "--year", "2026", "--csv")
    assert answer.text == "\ufeff" + printed
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="kt_thu-2026-ca_nam.csv"'
    )
    assert len(list(csv.reader(io.StringIO(answer.text)))) == 1 + 2 + 1


@pytest.mark.parametrize("accept", ["text/csv", "*/*", "application/json", "text/html"])
def test_the_address_of_the_table_says_its_format(
    program: Program, project: Project, dong: AdminUnit, accept: str
) -> None:
    answer = program.get(path(project, suffix=".csv"), headers={"Accept": accept})

    assert (answer.status, answer.text[0]) == (200, "\ufeff")


def test_the_table_can_be_asked_for_by_format_or_accept_and_json_is_the_default(
    program: Program, project: Project, dong: AdminUnit
) -> None:
    by_query = program.get(path(project) + "&format=csv")
    by_header = program.get(path(project), headers={"Accept": "text/csv"})
    plain = program.get(path(project), headers={"Accept": "text/html, */*;q=0.1"})

    assert by_query.text == by_header.text
    assert by_query.text.startswith("\ufeffSTT,")
    assert plain.json["form"] == "kt_thu"


def test_a_failure_of_the_table_is_told_in_json(program: Program, project: Project) -> None:
    answer = program.get(path(project, suffix=".csv", query="form=kt_thu"))

    assert (answer.status, answer.nature) == (400, "parameter.invalid")
    assert answer.json["details"]["field"] == "year"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "form"),
        ("form=kt_thu", "year"),
        ("form=kt_thu&year=hai", "year"),
        ("form=kt_thu&year=99999999999999999999", "year"),
        ("form=kt_thu&year=2026&period=q1", "period"),
        ("form=%00&year=2026", "form"),
        ("form=kt_thu&year=2026&on_date=30/02/2026&", "on_date"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(
    program: Program, project: Project, query: str, field: str
) -> None:
    answer = program.get(f"/v1/projects/{project.pk}/summary?{query}")

    assert (answer.status, answer.nature) == (400, "parameter.invalid")
    assert answer.json["details"]["field"] == field


def test_a_form_that_is_not_there_is_told(program: Program, project: Project) -> None:
    answer = program.get(path(project, query="form=kt_khac&year=2026"))

    assert (answer.status, answer.nature) == (404, "summary.form_unknown")


def test_who_belongs_to_another_project_finds_nothing(program: Program, dong: AdminUnit) -> None:
    other = accounts.create_project("Cao Bằng")
    builders.form(other)

    foreign = program.get(path(other))
    unknown = program.get("/v1/projects/999999/summary?form=kt_thu&year=2026")
    too_large = program.get(f"/v1/projects/{10**30}/summary?form=kt_thu&year=2026")

    assert (foreign.status, foreign.nature) == (404, "not_found")
    assert (unknown.json, too_large.json) == (foreign.json, foreign.json)


def test_who_is_not_logged_in_is_told_so_first(
    stranger: Program, project: Project, dong: AdminUnit
) -> None:
    answer = stranger.get(path(project))

    assert (answer.status, answer.nature) == (401, "auth.failed")
