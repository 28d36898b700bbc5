"""A form's records as a workbook and as CSV, for people."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from lxml import etree
from openpyxl import load_workbook

from server.projects.models import AuditEntry, Project, Role
from server.reports import archive, people_csv, sheets
from server.reports.sheet_rows import Styles, row
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.api.test_exports import Desk, program_of
from tests.builders import send

FORM = """
| survey   | type                    | name      | label::Tiếng Việt (vi) | sensitivity |
|          | date                    | h_date    | Ngày kiểm tra          | public      |
|          | text                    | h_commune | Xã                     | public      |
|          | integer                 | women     | Số nữ                  | public      |
|          | decimal                 | share     | Tỷ lệ                  | public      |
|          | text                    | note      | Nhận xét               | restricted  |
|          | select_multiple colours | colour    | Màu                    | public      |
|          | dateTime                | at        | Lúc                    | public      |
|          | geopoint                | place     | Tọa độ                 | internal    |
|          | begin_repeat            | person    | Người: phỏng vấn       |             |
|          | integer                 | age       | Tuổi                   | internal    |
|          | end_repeat              |           |                        |             |
| choices  | list_name | name  | label::Tiếng Việt (vi) |
|          | colours   | do    | Đỏ                     |
|          | colours   | xanh  | Xanh                   |
| settings | form_id | form_title | version | default_language |
|          | nguoi   | Người      | 1       | Tiếng Việt (vi)  |
"""
FILLED = """<data id='nguoi' version='1'><h_date>2026-05-20</h_date><h_commune>05665</h_commune>
<women>-12</women><share>62.5</share><note>=1+1 &amp; Đồng ý</note><colour>do xanh</colour>
<at>2026-05-20T23:30:00.000Z</at><place>21.5 105.8 0 4.5</place>
<person><age>34</age></person><person><age>56</age></person>
<meta><instanceID>uuid:1</instanceID></meta></data>"""
NIGHT = dt.datetime(2026, 5, 21, 6, 30)  # noqa: DTZ001 - as a clock in Việt Nam shows it


@pytest.fixture
def desk(project: Project) -> Desk:
    builders.form(project, FORM)
    builders.commune("05665", "Xã Đồng Hỷ")
    send(project, FILLED.encode())
    Submission.objects.update(review_state=ReviewState.APPROVED)
    return Desk(project, program_of(project, "hoa@example.org", Role.MANAGER))


def path(desk: Desk, suffix: str) -> str:
    return f"/v1/projects/{desk.project.pk}/forms/nguoi/export.{suffix}"


def opened(desk: Desk, query: str = "") -> Any:
    return load_workbook(io.BytesIO(desk.fetch(path(desk, f"xlsx{query}")).content))


def told(sheet: Any, row: int = 2) -> dict[str, Any]:
    headings = [cell.value for cell in sheet[1]]
    return dict(zip(headings, [cell.value for cell in sheet[row]], strict=True))


def test_a_workbook_has_dates_numbers_and_labels(desk: Desk) -> None:
    book = opened(desk)

    assert book.sheetnames == ["Hồ sơ", "Người phỏng vấn", "Từ điển"]
    sheet = book["Hồ sơ"]
    row = told(sheet)
    assert (row["Xã, phường"], row["Trạng thái duyệt"]) == ("Xã Đồng Hỷ", "đã duyệt")
    assert (row["Số nữ"], row["Tỷ lệ"], row["Màu"]) == (-12, 62.5, "Đỏ; Xanh")
    assert (row["Lúc"], row["Mã hồ sơ"]) == (NIGHT, "uuid:1")
    assert (row["Tọa độ – vĩ độ"], row["Tọa độ – độ chính xác (m)"]) == (21.5, 4.5)
    days = [cell for cell in sheet[2] if cell.value == dt.datetime(2026, 5, 20)]  # noqa: DTZ001
    assert {cell.number_format for cell in days} == {"dd/mm/yyyy"}
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:T2")


def test_a_text_stays_one_whatever_it_begins_with(desk: Desk) -> None:
    sheet = opened(desk)["Hồ sơ"]

    (cell,) = [cell for cell in sheet[2] if cell.value == "=1+1 & Đồng ý"]
    assert cell.data_type == "s"


def test_no_text_spoils_the_workbook() -> None:
    texts = [" <r><t>đậm</t></r>", "<r>&</r>", "a\nb ", "bó\u00a0&amp; <"]
    escaped = ["_x000D_", "\x01", "\ufffe", "dài" * 11_000]

    found = etree.fromstring(row(1, [*texts, *escaped], "ABCDEFGH", Styles()))

    cut = ("dài" * 11_000)[: 32_767 - 24] + "… [cắt bớt, xem tệp CSV]"
    as_they_read = ["_x005F_x000D_", "_x0001_", "_xFFFE_", cut]
    assert [cell.findtext("is/t") for cell in found] == [*texts, *as_they_read]


def test_the_rows_of_a_repeat_say_of_which_commune_and_day_they_are(desk: Desk) -> None:
    sheet = opened(desk)["Người phỏng vấn"]

    assert [told(sheet, row)["Tuổi"] for row in (2, 3)] == [34, 56]
    row = told(sheet, 3)
    assert row["Xã, phường"] == "Xã Đồng Hỷ"
    assert row["Ngày kiểm tra"] == dt.datetime(2026, 5, 20)  # noqa: DTZ001
    assert (row["Mã hồ sơ"], row["Mã dòng"]) == ("uuid:1", "uuid:1/person[2]")


def test_the_dictionary_explains_each_column(desk: Desk) -> None:
    lines = list(opened(desk)["Từ điển"].values)

    assert lines[0] == ("Bảng", "Cột", "Tên câu hỏi", "Kiểu", "Các lựa chọn", "Mức nhạy cảm")
    assert ("Hồ sơ", "Màu", "colour", "chữ", "do: Đỏ; xanh: Xanh", "public") in lines
    assert ("Người: phỏng vấn", "Tuổi", "person/age", "số nguyên", "", "internal") in lines


def test_columns_of_the_same_words_are_told_apart(desk: Desk) -> None:
    headings = [cell.value for cell in opened(desk)["Hồ sơ"][1]]

    assert len(set(headings)) == len(headings)


def test_only_what_was_approved_is_in_it_unless_more_is_asked_for(desk: Desk) -> None:
    send(desk.project, FILLED.replace("uuid:1", "uuid:2").encode())

    keys = [row[-1] for row in list(opened(desk)["Hồ sơ"].values)[1:]]
    every = [row[-1] for row in list(opened(desk, "?state=all")["Hồ sơ"].values)[1:]]

    assert (keys, every) == (["uuid:1"], ["uuid:2", "uuid:1"])


def test_repeats_whose_names_no_system_tells_apart_have_a_table_each(desk: Desk) -> None:
    again = """
|          | begin_repeat            | other     | Người? phỏng vấn       |             |
|          | integer                 | years     | Tuổi                   | internal    |
|          | end_repeat              |           |                        |             |
|          | begin_repeat            | third     | Những ai ở thôn được gọi là 'B' mới | |
|          | integer                 | many      | Số                     | internal    |
|          | end_repeat              |           |                        |             |
| choices """
    form = FORM.replace("\n| choices ", again, 1).replace("| 1       |", "| 2       |")
    builders.form(desk.project, form)

    assert list(tables(desk)) == [
        "Hồ sơ.csv",
        "Người_ phỏng vấn.csv",
        "Người_ phỏng vấn 2.csv",
        "Những ai ở thôn được gọi là 'B' mới.csv",
        "Từ điển.csv",
    ]
    assert opened(desk).sheetnames[3] == "Những ai ở thôn được gọi là 'B"


def test_a_form_without_data_is_headings(desk: Desk) -> None:
    book = opened(desk, "?state=rejected")

    assert [len(list(sheet.values)) for sheet in book.worksheets[:2]] == [1, 1]


def tables(desk: Desk, query: str = "") -> dict[str, str]:
    content = desk.fetch(path(desk, f"csv.zip{query}")).content
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_a_workbook_that_no_computer_opens_is_refused_before_it_is_made(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = opened(desk).worksheets
    monkeypatch.setattr(sheets, "_FEW", 0)
    monkeypatch.setattr(sheets, "_LOOKED_AT", 1)
    # One row of each sheet; the repeat has two.
    monkeypatch.setattr(sheets, "_MOST_CELLS", shown[0].max_column + shown[1].max_column)
    monkeypatch.setattr(sheets, "_CELLS_OF_A_PART", 1)
    headers = {"Authorization": f"Bearer {desk.program.token}"}

    refused = Client().get(path(desk, "xlsx"), headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (422, 422)
    assert "20 triệu ô" in refused.json()["message"]
    assert AuditEntry.objects.filter(action="form.submission.export").count() == 1  # the first


def test_a_table_of_more_than_two_gigabytes_can_be_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, note = "<person><age>34</age></person>" * 90, "dài " * 900
    filled = FILLED.replace("Đồng ý", note).replace("uuid:1", "uuid:2")
    send(desk.project, filled.replace("<person>", f"{people}<person>", 1).encode())
    most = 3_000  # bytes of a file, instead of two gigabytes
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", most)
    monkeypatch.setattr(archive, "HUGE", most)
    monkeypatch.setattr(people_csv, "MANY", 0)

    found = tables(desk, "?state=all")

    assert min(len(found[name]) for name in ("Hồ sơ.csv", "Người_ phỏng vấn.csv")) > most


def test_csv_is_as_a_vietnamese_excel_opens_it(desk: Desk) -> None:
    found = tables(desk)

    assert list(found) == ["Hồ sơ.csv", "Người_ phỏng vấn.csv", "Từ điển.csv"]
    heading, row = found["Hồ sơ.csv"].splitlines()
    assert heading.startswith("\ufeffXã, phường;Ngày kiểm tra;Đoàn;")
    assert ';-12;62,5;\'=1+1 & Đồng ý;"Đỏ; Xanh";21/05/2026 06:30;21,5;105,8;4,5;uuid:1' in row
    assert ";20/05/2026;;34;uuid:1;" in found["Người_ phỏng vấn.csv"]


def test_csv_with_commas_has_decimal_points_and_days_that_nobody_misreads(desk: Desk) -> None:
    found = tables(desk, "?separator=%2C")

    heading, row = found["Hồ sơ.csv"].splitlines()
    assert heading.startswith('\ufeff"Xã, phường",Ngày kiểm tra,')
    assert ",-12,62.5,'=1+1 & Đồng ý,Đỏ; Xanh,2026-05-21 06:30,21.5,105.8,4.5,uuid:1" in row


def test_another_separator_is_refused(desk: Desk) -> None:
    answer = desk.program.get(path(desk, "csv.zip?separator=x"))

    assert (answer.status, answer.json["details"]["field"]) == (400, "separator")
