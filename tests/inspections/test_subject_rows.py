"""What a row of the summary says of the workplaces of its commune."""

from __future__ import annotations

import datetime as dt

from server.api.overview_shapes import OverviewRowShape
from server.api.shapes import CommuneShape, TotalsShape
from server.forms import criteria_sets
from server.inspections.overview import Asked, Overview, overview, published_forms
from server.inspections.subjects import Subjects
from server.inspections.summary import Summary, published_form, summarise
from server.plans import snapshot
from server.plans.models import Period
from server.projects.models import Project
from server.reports import overview_table
from server.reports.summary_table import lines
from tests import builders
from tests.inspections.test_subjects import SURVEY, approve, told

# The result does not depend on a count of cases.
PUBLIC_RESULT = SURVEY.replace("| a5_ev    |         | yes  |", "| a5_ev    |         | no   |")


def summary(project: Project) -> Summary:
    form = published_form(project.pk, "kt_thu")
    return summarise(form, year=2026, period="h1", on_date=dt.date(2026, 6, 12))


def test_a_row_shows_the_worst_of_its_workplaces_and_counts_them(
    project: Project,
) -> None:
    builders.form(project, PUBLIC_RESULT)
    for code in "12":
        builders.commune(code, f"Xã {code}", since=None)
    told(project, "1", "May A", day="2026-03-01", a3_key_f="1")
    told(project, "1", "May A", day="2026-04-01", a3_key_f="0")
    told(project, "1", "Giày B", day="2026-05-01", a3_key_f="1")
    told(project, "1", "May C", day="2026-04-20", a3_key_f="1")

    found = summary(project)

    one, two = found.rows
    statuses = {"dat": 2, "khong_dat": 1, "chua_du_can_cu": 0, "khong_ap_dung": 0}
    assert (one.status, one.conditions["A3"], one.inspections) == ("khong_dat", "khong_dat", 4)
    assert one.latest is not None
    assert (one.latest.status, one.latest.visit_date) == ("dat", dt.date(2026, 5, 1))
    assert found.totals.by_status["khong_dat"] == 1
    assert matrix(project).rows[0].cells[0].status == one.status
    assert one.subjects == found.totals.subjects == Subjects(3, statuses)
    assert two.subjects == Subjects(0, dict.fromkeys(statuses, 0))
    assert CommuneShape(one).data["subjects"] == {"inspected": 3, "by_status": statuses}
    table = list(lines(found))
    assert [line[-1] for line in table] == [
        "Cơ quan, doanh nghiệp đã kiểm tra",
        "3 (đạt: 2; không đạt: 1)",
        "0",
        "3 (đạt: 2; không đạt: 1)",
    ]


def test_results_that_would_count_cases_are_not_counted(project: Project) -> None:
    builders.form(project, SURVEY)
    builders.commune("1", "Xã 1", since=None)
    told(project, "1", "May A", a5_child="1")
    told(project, "1", "Giày B", a5_child="2")

    assert summary(project).rows[0].subjects == Subjects(2, None)


def test_results_that_counted_cases_under_a_former_set_are_not_counted(project: Project) -> None:
    sets = """code,series,title,legal_basis,valid_from,valid_to,is_verified
THU-2026,thu,Bộ đầu,,2024-01-01,2026-01-01,no
THU-2031,thu,Bộ sau,,2026-01-01,,no
"""
    criteria_sets.load(criteria_sets.read(sets))
    builders.form(project, SURVEY)
    following = PUBLIC_RESULT.replace("THU-2026", "THU-2031")
    builders.form(project, following.replace("| 1       | Tiếng", "| 2       | Tiếng"))
    builders.commune("1", "Xã 1", since=None)
    told(project, "1", "May A", day="2025-12-01", h_year="2026", a5_child="1")

    one = Subjects(1, None)
    assert summary(project).rows[0].subjects == matrix(project).rows[0].cells[0].subjects == one


def test_a_form_about_communes_says_nothing_of_subjects(project: Project) -> None:
    builders.form(project)
    builders.commune("1", "Xã 1", since=None)
    told(project, "1", "")

    found = summary(project)

    assert found.rows[0].subjects is None
    assert "subjects" not in {**CommuneShape(found.rows[0]).data, **TotalsShape(found.totals).data}
    assert next(lines(found))[-1] == "Bộ tiêu chí"
    approve()
    period = Period(project=project, year=2026, code="h1")
    assert b"subjects" not in snapshot.figures(period, dt.date(2026, 6, 10))


def matrix(project: Project) -> Overview:
    forms = published_forms(project.pk)
    return overview(Asked(project.pk, forms, [2026], dt.date(2026, 6, 12), only_approved=False))


def test_a_cell_shows_the_worst_of_its_workplaces_and_how_many_there_are(project: Project) -> None:
    builders.form(project, PUBLIC_RESULT)
    for code in "123":
        builders.commune(code, f"Xã {code}", since=None)
    told(project, "1", "May A", day="2026-03-01", a3_key_f="1")
    told(project, "1", "May A", day="2026-04-01", a3_key_f="0")
    told(project, "1", "Giày B", day="2026-05-01", a3_key_f="1")
    told(project, "2", "May C", day="2026-04-20", a3_key_f="0")
    told(project, "2", "May C", day="2026-04-21", a3_key_f="1")

    found = matrix(project)

    one, two, three = (row.cells[0] for row in found.rows)
    assert (one.status, one.visit_date, one.inspections) == ("khong_dat", dt.date(2026, 5, 1), 3)
    assert (two.status, two.inspections) == ("dat", 2)
    assert (three.status, three.subjects) == ("chua_kiem_tra", None)
    statuses = {"dat": 1, "khong_dat": 1, "chua_du_can_cu": 0, "khong_ap_dung": 0}
    assert one.subjects == Subjects(2, statuses)
    assert found.province.counts[0].subjects == Subjects(3, statuses | {"dat": 2})
    shown = OverviewRowShape(found.rows[0]).data["cells"]
    assert [cell["subjects"]["inspected"] for cell in shown[:1]] == [2]
    _, line, *_, province = overview_table.lines(found)
    words = "cơ quan, doanh nghiệp đã kiểm tra:"
    assert line[5] == f"Không đạt; {words} 2 (đạt: 1; không đạt: 1)"
    assert province[5].endswith(f"{words} 3 (đạt: 2; không đạt: 1)")


def test_a_cell_whose_results_would_count_cases_tells_only_how_many(project: Project) -> None:
    builders.form(project, SURVEY)
    builders.commune("1", "Xã 1", since=None)
    told(project, "1", "May A", a5_child="1")
    told(project, "1", "Giày B", a5_child="0")

    cell = matrix(project).rows[0].cells[0]

    assert (cell.status, cell.subjects) == ("khong_dat", Subjects(2, None))
