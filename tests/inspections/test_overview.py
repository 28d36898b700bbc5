"""Several forms and periods at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.communes import seed
from server.forms.models import FormVersion
from server.inspections.outstanding import Outstanding
from server.inspections.overview import (
    Asked,
    Cell,
    FormJudgesNothing,
    Overview,
    overview,
    published_forms,
)
from server.inspections.summary import FormUnknown, PeriodUnknown
from server.plans.expected import expected
from server.projects.models import Project
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.builders import FORM, GOOD
from tests.inspections.test_summary import _PATHS, DONG_HY, TODAY
from tests.inspections.test_summary_rows import change, recommend

PHAN_DINH_PHUNG = "05443"
FOLLOW_UP = """
| survey   | type    | name       | label::Tiếng Việt (vi) |
|          | date    | h_date     | Ngày                   |
| settings | form_id  | form_title | version | default_language |
|          | theo_doi | Theo dõi   | 1       | Tiếng Việt (vi)  |
"""
OTHER_FORM = FORM.replace("kt_thu", "kt_hai")


def told(
    project: Project, number: int, *, form: str = "kt_thu", state: str = "approved", **said: str
) -> Submission:
    answers = {**GOOD, **{_PATHS[name]: answer for name, answer in said.items()}}
    xml = builders.instance(answers, form_id=form, instance_id=f"uuid:{number}")
    sent = builders.send(project, xml)
    change(sent, review_state=state)
    return sent


@pytest.fixture
def province(form: FormVersion, project: Project) -> None:
    seed.load_units()
    builders.form(project, OTHER_FORM)


def matrix(
    project: Project,
    *,
    years: Sequence[int] = (2026,),
    periods: Sequence[str] = ("h1", "fy"),
    only_approved: bool = True,
    group: str | None = None,
    forms: Sequence[str] = (),
) -> Overview:
    asked = Asked(
        project.pk,
        published_forms(project.pk, forms),
        years,
        TODAY,
        periods=periods,
        only_approved=only_approved,
        group=group,
    )
    return overview(asked, expected(project.pk, years, TODAY))


def cells(table: Overview, code: str) -> dict[str, Cell]:
    """Return a commune's, by what is written over them: kt_thu 2026-h1."""
    row = next(row for row in table.rows if row.code == code)
    names = [f"{column.form_id} {column.year}-{column.period}" for column in table.columns]
    return dict(zip(names, row.cells, strict=True))


def statuses(table: Overview, code: str) -> dict[str, str]:
    return {name: cell.status for name, cell in cells(table, code).items()}


def test_each_form_and_period_has_a_column_and_each_commune_a_row(
    project: Project, province: None
) -> None:
    told(project, 1, commune=DONG_HY)
    told(project, 2, commune=DONG_HY, period="fy", child="1")
    told(project, 3, commune=DONG_HY, form="kt_hai", year="2025", child="1")

    table = matrix(project, years=(2025, 2026))

    assert len(table.rows) == 92
    assert statuses(table, DONG_HY) == {
        "kt_hai 2025-h1": "khong_dat",
        "kt_hai 2025-fy": "chua_kiem_tra",
        "kt_hai 2026-h1": "chua_kiem_tra",
        "kt_hai 2026-fy": "chua_kiem_tra",
        "kt_thu 2025-h1": "chua_kiem_tra",
        "kt_thu 2025-fy": "chua_kiem_tra",
        "kt_thu 2026-h1": "dat",
        "kt_thu 2026-fy": "khong_dat",
    }
    assert table.province.counts[0].by_status["khong_dat"] == 1
    assert table.province.counts[0].by_status["chua_kiem_tra"] == 91


def test_a_form_that_judges_nothing_has_no_column(project: Project, province: None) -> None:
    builders.form(project, FOLLOW_UP)

    assert {column.form_id for column in matrix(project).columns} == {"kt_thu", "kt_hai"}
    with pytest.raises(FormJudgesNothing):
        matrix(project, forms=["kt_thu", "theo_doi"])


def test_a_visit_of_the_future_hides_no_other(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY, child="1")
    told(project, 2, commune=DONG_HY, date="2099-01-01")
    told(project, 3, commune=PHAN_DINH_PHUNG, date="2099-01-01")

    table = matrix(project)

    seen, alone = (cells(table, c)["kt_thu 2026-h1"] for c in (DONG_HY, PHAN_DINH_PHUNG))
    assert (seen.status, seen.visit_date, seen.inspections) == (
        "khong_dat",
        dt.date(2026, 5, 20),
        2,
    )
    assert (alone.status, alone.inspections) == ("chua_kiem_tra", 1)


def test_only_what_was_approved_counts_unless_all_is_asked_for(
    project: Project, province: None
) -> None:
    told(project, 1, commune=DONG_HY, state="received")
    told(project, 2, commune=PHAN_DINH_PHUNG, state="rejected")

    approved, every = matrix(project), matrix(project, only_approved=False)

    assert cells(approved, DONG_HY)["kt_thu 2026-h1"].status == "chua_kiem_tra"
    assert cells(approved, DONG_HY)["kt_thu 2026-h1"].coverage == "da_kiem_tra"
    assert (approved.data.note, approved.data.left_out) == ("chỉ hồ sơ đã duyệt", 2)
    assert cells(every, DONG_HY)["kt_thu 2026-h1"].status == "dat"
    assert (every.data.not_reviewed, every.data.left_out) == (1, 1)
    assert cells(every, PHAN_DINH_PHUNG)["kt_thu 2026-h1"].coverage == "chua_kiem_tra"


def test_a_cell_shows_the_latest_visit_and_of_one_day_the_one_received_last(
    project: Project, province: None
) -> None:
    told(project, 1, commune=DONG_HY, date="2026-05-20", child="1")
    told(project, 2, commune=DONG_HY, date="2026-05-20")
    told(project, 3, commune=DONG_HY, date="2026-04-01", child="1")
    told(project, 4, commune=DONG_HY, date="", child="1")
    told(project, 5, commune=DONG_HY, date="2026-05-21", child="1", state="received")

    cell = cells(matrix(project), DONG_HY)["kt_thu 2026-h1"]

    assert (cell.status, cell.visit_date, cell.inspections) == ("dat", dt.date(2026, 5, 20), 4)


def test_it_says_what_the_summary_of_one_form_and_period_says(
    project: Project, province: None
) -> None:
    first = told(project, 1, commune=DONG_HY)
    change(first, created_at=dt.datetime(2026, 6, 9, tzinfo=dt.UTC))
    recommend(project, han="2026-01-01")

    table = matrix(project)

    row = next(row for row in table.rows if row.code == DONG_HY)
    assert cells(table, DONG_HY)["kt_thu 2026-h1"].report == "dung_han"
    assert row.recommendations == Outstanding(1, 1)
    assert table.columns[0].due_on == dt.date(2026, 6, 10)
    assert table.province.recommendations == Outstanding(1, 1)


def test_a_unit_that_a_reform_ended_stands_in_the_cells_of_its_successors(
    project: Project, province: None
) -> None:
    told(project, 1, date="2025-05-20", year="2025", commune="05443", child="1")
    told(project, 2, date="2025-05-20", year="2025", commune="05461")

    table = matrix(project, years=(2025,))

    cell = cells(table, PHAN_DINH_PHUNG)["kt_thu 2025-h1"]
    assert [(u.name, u.status, u.is_certain) for u in cell.former_units] == [
        ("Phường Gia Sàng", "dat", False),
        ("Phường Trưng Vương", "khong_dat", True),
    ]
    assert (cell.status, cell.coverage, cell.report) == (
        "chua_kiem_tra",
        "da_kiem_tra",
        "chua_thanh_lap",
    )
    assert (table.of_former_units, table.without_unit) == (2, 0)


def test_what_is_in_no_column_or_of_no_commune_is_told(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY, period="", date="")
    told(project, 2)

    table = matrix(project)

    assert (table.other_periods, table.without_unit, table.data.approved) == (1, 1, 1)


def test_groups_are_counted_in_each_column(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY)

    table = matrix(project, periods=("h1",), forms=["kt_thu"], group="former_province")

    assert [(g.communes, g.counts[0].by_status["dat"]) for g in table.groups] == [(37, 0), (55, 1)]


def test_the_number_of_queries_is_the_same_for_any_number_of_forms_periods_and_visits(
    project: Project, province: None
) -> None:
    matrix(project)  # what the forms are about is kept in memory
    with CaptureQueriesContext(connection) as of_one:
        matrix(project, forms=["kt_thu"], periods=("h1",))
    for number in range(6):
        told(project, number, commune=DONG_HY, year=str(2021 + number))
    told(project, 7, date="2025-05-20", year="2025", commune="05443", state=ReviewState.EDITED)

    with CaptureQueriesContext(connection) as of_many:
        matrix(project, years=range(2021, 2027))

    assert len(of_many) <= len(of_one) + 1  # what names the former units
    assert len(of_many) <= 15


def test_a_form_or_period_that_is_none_is_told(project: Project, province: None) -> None:
    with pytest.raises(FormUnknown):
        published_forms(project.pk, ["kt_khac"])
    with pytest.raises(PeriodUnknown):
        matrix(project, periods=("q1",))
