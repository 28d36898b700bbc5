"""The summary as a workbook ready to send."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from server.projects.models import Project, Role
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.api.test_exports import Desk, program_of
from tests.builders import GOOD, send

SUM_OF_VISITS = '=IF(COUNT(M6:M7)=0,"chưa có số liệu",SUM(M6:M7))'


@pytest.fixture
def desk(project: Project) -> Desk:
    builders.form(project)
    builders.commune("05500", "Xã Dân Tiến")
    builders.commune("05665", "Xã Đồng Hỷ")
    send(project, builders.instance({**GOOD, "h/h_commune": "05665"}, instance_id="uuid:1"))
    send(project, builders.instance(GOOD, instance_id="uuid:2"))  # of no commune
    Submission.objects.update(review_state=ReviewState.APPROVED)
    return Desk(project, program_of(project, "hoa@example.org", Role.MANAGER))


def sheet(desk: Desk, query: str = "", *, is_calculated: bool = False) -> Any:
    path = f"/v1/projects/{desk.project.pk}/summary.xlsx?form=kt_thu&year=2026&on_date=2026-06-12"
    content = desk.fetch(path + query).content
    return load_workbook(io.BytesIO(content), data_only=is_calculated)["Tổng hợp"]


def named(found: Any, name: str) -> list[Any]:
    return next([cell.value for cell in row] for row in found.rows if row[2].value == name)


def width(found: Any, column: int) -> float:
    """Return that of a column, in characters; openpyxl tells columns of one width together."""
    told = found.column_dimensions.values()
    return float(next(some.width for some in told if some.min <= column <= some.max))


def test_a_commune_is_a_row_with_its_day_and_counts(desk: Desk) -> None:
    row = named(sheet(desk), "Xã Đồng Hỷ")

    assert row[:5] == [2, "05665", "Xã Đồng Hỷ", "Đạt", dt.datetime(2026, 5, 20)]  # noqa: DTZ001


def test_totals_are_formulas_that_say_what_was_counted(desk: Desk) -> None:
    formulas, values = sheet(desk), sheet(desk, is_calculated=True)

    assert named(formulas, "Số xã: đạt")[3] == '=COUNTIF(D6:D7,"Đạt")'
    assert named(values, "Số xã: đạt")[3] == named(values, "Số xã: chưa kiểm tra")[3] == 1
    column = [cell.value or "" for cell in formulas[5]].index(
        "Số lượt kiểm tra (chỉ hồ sơ đã duyệt)"
    )
    assert named(formulas, "Cộng các xã trên")[column] == SUM_OF_VISITS
    assert named(values, "Lượt chưa rõ xã")[column] == 1
    assert named(values, "Toàn tỉnh, số lượt kiểm tra")[column] == 2


def test_only_approved_records_count_unless_all_are_asked_for(desk: Desk) -> None:
    Submission.objects.update(review_state=ReviewState.RECEIVED)

    approved = sheet(desk, is_calculated=True)
    every = sheet(desk, "&data=all", is_calculated=True)

    assert named(approved, "Số xã: đạt")[3] == 0
    assert named(every, "Số xã: đạt")[3] == 1


def test_where_nobody_was_nothing_is_counted_as_zero(desk: Desk) -> None:
    Submission.objects.update(review_state=ReviewState.RECEIVED)

    found = sheet(desk, is_calculated=True)

    headings = [cell.value for cell in found[5]]
    open_ = headings.index("Kiến nghị chưa xong")
    assert named(found, "Cộng các xã trên")[open_] == "chưa có số liệu"
    assert named(found, "Số xã: chưa kiểm tra")[3:9] == [2, None, None, None, None, None]


def test_each_printed_page_has_the_names_of_the_communes_and_rows_as_high_as_their_words(
    desk: Desk,
) -> None:
    found = sheet(desk)

    assert (found.print_title_cols, found.print_title_rows) == ("$A:$C", "$5:$5")
    assert (found.page_setup.fitToWidth, found.page_setup.fitToHeight) == (4, 0)
    (row,) = (row for row in found.rows if row[2].value == "Xã Đồng Hỷ")
    for cell in (cell for cell in row if isinstance(cell.value, str)):
        lines = -(-len(cell.value) // width(found, cell.column))
        assert found.row_dimensions[cell.row].height >= 15 * lines
        assert cell.alignment.wrap_text
