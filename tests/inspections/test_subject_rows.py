"""What a row of the summary says of the workplaces of its commune."""

from __future__ import annotations

import datetime as dt

from server.api.shapes import CommuneShape, TotalsShape
from server.inspections.subjects import Subjects
from server.inspections.summary import Summary, published_form, summarise
from server.plans import snapshot
from server.plans.models import Period
from server.projects.models import Project
from server.reports.summary_table import lines
from tests import builders
from tests.inspections.test_subjects import SURVEY, approve, told

# The result does not depend on a count of cases.
PUBLIC_RESULT = SURVEY.replace("| a5_ev    |         | yes  |", "| a5_ev    |         | no   |")


def summary(project: Project) -> Summary:
    form = published_form(project.pk, "kt_thu")
    return summarise(form, year=2026, period="h1", on_date=dt.date(2026, 6, 12))


def test_a_row_shows_the_latest_visit_and_counts_workplaces_by_result(project: Project) -> None:
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
    assert (one.status, one.inspections) == ("dat", 4)
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


def test_a_form_about_communes_says_nothing_of_subjects(project: Project) -> None:
    builders.form(project)
    builders.commune("1", "Xã 1", since=None)
    told(project, "1", "")

    found = summary(project)

    assert found.rows[0].subjects is None
    assert "subjects" not in {**CommuneShape(found.rows[0]).data, **TotalsShape(found.totals).data}
    assert next(lines(found))[-1] == "Đơn vị cũ đã kiểm tra"
    approve()
    period = Period(project=project, year=2026, code="h1")
    assert b"subjects" not in snapshot.figures(period, dt.date(2026, 6, 10))
