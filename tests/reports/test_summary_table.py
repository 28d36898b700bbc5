"""The summary as a table for people."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest

from server.communes.models import AdminUnit
from server.forms.findings import Condition
from server.inspections.summary import Summary, published_form, summarise
from server.plans.expected import expected
from server.projects.models import Project
from server.reports import summary_table
from tests import builders
from tests.builders import GOOD
from tests.inspections.test_summary import TODAY


@pytest.fixture
def project(db: None) -> Project:
    return builders.project()


@pytest.fixture
def dong(project: Project) -> AdminUnit:
    builders.form(project)
    builders.commune("05500", "Xã Dân Tiến")
    return builders.commune("05665", "Xã Đồng Hỷ")


def table(project: Project, today: dt.date | None = None) -> Summary:
    plans = expected(project.pk, [2026], TODAY)
    return summarise(
        published_form(project.pk, "kt_thu"),
        year=2026,
        period="h1",
        on_date=TODAY,
        expected=replace(plans, today=today or plans.today),
    )


def cells(project: Project) -> list[list[str]]:
    return list(csv.reader(io.StringIO(summary_table.as_csv(table(project, TODAY)))))


def test_it_has_a_heading_a_line_a_commune_and_the_province(
    project: Project, dong: AdminUnit
) -> None:
    answers = {**GOOD, "h/h_commune": "05665", "a/a1_ev": "none"}
    sent = builders.send(project, builders.instance(answers, photos=["1.jpg"]))
    sent.created_at = dt.datetime(2026, 6, 10, tzinfo=dt.UTC)
    sent.save()

    heading, *communes, province = cells(project)

    assert dict(zip(heading, communes[1], strict=True)) == {
        "STT": "2",
        "Mã": "05665",
        "Xã, phường": "Xã Đồng Hỷ",
        "Kết quả": "Đạt",
        "Ngày kiểm tra": "20/05/2026",
        "Kỳ": "6 tháng đầu năm",
        "A1 (tạm tính – chưa đối chiếu, tham khảo)": "Chưa đủ căn cứ",
        "A3 (tạm tính – chưa đối chiếu)": "Đạt",
        "A5": "Đạt",
        "Tỷ lệ có căn cứ (%)": "67",
        "Tọa độ": "không có tọa độ",
        "Cần xem lại": "thiếu tọa độ; thiếu tệp đính kèm",
        "Số lượt kiểm tra (gồm cả hồ sơ chưa duyệt)": "1",
        "Căn cứ theo điều kiện": "A1: không; A3: có; A5: có",
        "Lượt có tọa độ hợp lệ (%)": "0",
        "Kiến nghị chưa xong": "chưa có danh sách kiến nghị",
        "Kiến nghị quá hạn": "chưa có danh sách kiến nghị",
        "Báo cáo: 6 tháng đầu năm": "muộn",
        "Bao phủ": "đã kiểm tra",
        "Đơn vị cũ đã kiểm tra": "",
        "Bộ tiêu chí": "THU-2026",
    }
    assert communes[0][2:4] == ["Xã Dân Tiến", "Chưa kiểm tra"]
    assert province[2:4] == ["Toàn tỉnh", "đạt: 1; chưa kiểm tra: 1"]
    assert {len(line) for line in (heading, *communes, province)} == {21}


def test_what_nobody_knows_is_a_word_and_never_zero(project: Project, dong: AdminUnit) -> None:
    _, there, *_ = cells(project)

    assert there[12:19] == [
        "0",
        "",
        "chưa kiểm tra",
        "chưa kiểm tra",
        "chưa kiểm tra",
        "quá hạn, chưa có",
        "chưa kiểm tra, chưa có kế hoạch",
    ]


def test_a_schematic_map_says_so_in_every_line_that_used_it(
    project: Project, dong: AdminUnit
) -> None:
    builders.coverage({dong: (105.9, 21.6)}, is_schematic=True)
    answers = {**GOOD, "h/h_commune": "05665", "h/h_gps": "21.65 105.95 0 5"}
    builders.send(project, builders.instance(answers))

    assert "trong xã (theo sơ đồ, không phải ranh giới)" in cells(project)[2]


def test_a_unit_of_before_the_reform_stands_beside_its_successor(
    project: Project, dong: AdminUnit
) -> None:
    old = builders.commune("05400", "Xã Cũ", since=None, until=builders.REFORM)
    builders.became(old, dong)
    answers = {**GOOD, "h/h_date": "2025-06-30", "h/h_commune": "05400"}
    builders.send(project, builders.instance(answers))

    assert cells(project)[2][-2] == "Xã Cũ: Đạt"
    assert cells(project)[-1][-2] == "1 lượt ở đơn vị cũ"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r", "|", "＝", " ="])
def test_no_cell_can_be_run_as_a_formula(project: Project, dong: AdminUnit, start: str) -> None:
    AdminUnit.objects.filter(pk=dong.pk).update(name=f"{start}HYPERLINK(1)")

    names = {line[2] for line in cells(project)}

    assert f"'{start}HYPERLINK(1)" in names


def test_no_heading_can_be_run_as_a_formula(project: Project, dong: AdminUnit) -> None:
    odd = Condition(code="=1+1", label={}, rules=(), calculate="", is_verified=True, is_core=True)

    text = summary_table.as_csv(replace(table(project), conditions=(odd,)))

    assert "'=1+1" in next(csv.reader(io.StringIO(text)))
