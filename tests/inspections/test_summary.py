"""One row per commune."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.communes import seed, vietnamese
from server.communes.models import AdminUnit
from server.forms.models import FormVersion
from server.inspections import flag_review
from server.inspections.commune_rows import NOT_INSPECTED, CommuneRow
from server.inspections.flag_review import Justification
from server.inspections.summary import (
    FormUnknown,
    PeriodUnknown,
    Summary,
    published_form,
    summarise,
)
from server.projects.models import Project, Role
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.builders import GOOD

TODAY = dt.date(2026, 6, 12)
DONG_HY = "05692"
PHAN_DINH_PHUNG = "05443"


def told(project: Project, number: int, **answers: str) -> Submission:
    """Send an inspection; answers by the names of FORM's questions, a commune by its code."""
    given = {**GOOD, **{_PATHS[name]: answer for name, answer in answers.items()}}
    return builders.send(project, builders.instance(given, instance_id=f"uuid:{number}"))


_PATHS: Mapping[str, str] = {
    "date": "h/h_date",
    "year": "h/h_year",
    "period": "h/h_period",
    "commune": "h/h_commune",
    "child": "a/a5_child",
    "leaders": "a/a3_key_f",
    "plan_evidence": "a/a1_ev",
    "gps": "h/h_gps",
}


def summary(
    project: Project, *, year: int = 2026, period: str | None = None, on_date: dt.date = TODAY
) -> Summary:
    form = published_form(project.pk, "kt_thu")
    return summarise(form, year=year, period=period, on_date=on_date)


def row(table: Summary, code: str) -> CommuneRow:
    return next(row for row in table.rows if row.code == code)


@pytest.fixture
def province(form: FormVersion) -> None:
    """The real units, before and after the reform."""
    seed.load_units()


def test_every_commune_of_today_has_a_row_inspected_or_not(
    project: Project, province: None
) -> None:
    table = summary(project)

    assert len(table.rows) == table.totals.communes == 92
    assert {row.status for row in table.rows} == {NOT_INSPECTED}
    assert all(row.latest is None and row.inspections == 0 for row in table.rows)


def test_rows_stand_in_vietnamese_alphabetical_order(project: Project, province: None) -> None:
    names = [row.name for row in summary(project).rows]

    assert names == sorted(names, key=vietnamese.sort_key)
    bare = [name.removeprefix("Xã ").removeprefix("Phường ") for name in names]
    assert bare[0] == "An Khánh"
    d, dd = ([i for i, name in enumerate(bare) if name[0] == letter] for letter in "DĐ")
    assert max(d) + 1 == min(dd)  # Đ comes right after D, not after Y
    assert bare[max(dd) + 1][0] == "G"


def test_a_row_shows_the_latest_visit(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY, date="2026-05-20", child="0")
    told(project, 2, commune=DONG_HY, date="2026-04-01", child="1")

    shown = row(summary(project), DONG_HY)

    assert (shown.status, shown.inspections) == ("dat", 2)
    assert shown.latest is not None
    assert (shown.latest.instance_id, shown.latest.visit_date) == ("uuid:1", dt.date(2026, 5, 20))
    assert shown.conditions == {"A1": "dat", "A3": "dat", "A5": "dat"}
    assert shown.latest.evidence_share == 1.0
    assert (shown.latest.gps_status, shown.latest.flags) == ("missing", ("gps_missing",))


def test_of_two_visits_on_one_day_the_one_received_last_is_shown(
    project: Project, province: None
) -> None:
    told(project, 1, commune=DONG_HY, child="0")
    told(project, 2, commune=DONG_HY, child="1")

    assert row(summary(project), DONG_HY).status == "khong_dat"


def test_a_visit_without_a_date_never_hides_one_with(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY)
    told(project, 2, commune=DONG_HY, date="", child="1")

    assert row(summary(project), DONG_HY).status == "dat"


def test_a_visit_of_the_future_hides_no_other_before_somebody_justified_it(
    project: Project, province: None
) -> None:
    told(project, 1, commune=DONG_HY, child="1")
    future = told(project, 2, commune=DONG_HY, date="2099-01-01")
    told(project, 3, commune=PHAN_DINH_PHUNG, date="2099-01-01")

    before = summary(project)
    hoa = builders.member(project, "hoa@example.org", Role.SUPERVISOR)
    flag_review.justify(future.pk, "visit_in_future", Justification(hoa, "Đã hỏi lại."))
    after = summary(project)

    shown = row(before, DONG_HY)
    assert (shown.status, shown.inspections) == ("khong_dat", 2)
    alone = row(before, PHAN_DINH_PHUNG)
    assert (alone.status, alone.inspections) == (NOT_INSPECTED, 1)
    assert row(after, DONG_HY).status == "dat"
    assert row(after, PHAN_DINH_PHUNG).status == NOT_INSPECTED


def test_what_is_rejected_or_deleted_does_not_count(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY, date="2026-03-01")
    rejected = told(project, 2, commune=DONG_HY, child="1")
    deleted = told(project, 3, commune=DONG_HY, child="1")
    Submission.objects.filter(pk=rejected.pk).update(review_state=ReviewState.REJECTED)
    Submission.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())

    table = summary(project)

    assert (row(table, DONG_HY).status, row(table, DONG_HY).inspections) == ("dat", 1)
    assert table.totals.inspections == 1


def test_a_period_shows_only_its_own_and_a_year_shows_all(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY, period="h1", date="2026-05-20", child="1")
    told(project, 2, commune=DONG_HY, period="fy", date="2026-11-20", child="0")
    told(project, 3, commune=DONG_HY, period="fy", date="2026-01-05", year="2025", child="0")

    def statuses(period: str | None, year: int = 2026) -> tuple[str, int]:
        shown = row(summary(project, year=year, period=period), DONG_HY)
        return shown.status, shown.inspections

    assert statuses("h1") == ("khong_dat", 1)
    assert statuses("fy") == ("dat", 1)
    assert statuses(None) == ("dat", 2)
    assert statuses("fy", 2025) == ("dat", 1)
    assert statuses("h1", 2025) == (NOT_INSPECTED, 0)


def test_the_province_counts_communes_not_visits(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY)
    told(project, 2, commune=DONG_HY)
    told(project, 3, commune="05443", child="1", plan_evidence="none")
    told(project, 4)

    totals = summary(project).totals

    assert (totals.communes, totals.inspected, totals.inspections) == (92, 2, 4)
    assert (totals.without_unit, totals.of_former_units, totals.with_valid_gps) == (1, 0, 0)
    assert totals.by_status == {
        "dat": 1,
        "khong_dat": 1,
        "chua_du_can_cu": 0,
        "khong_ap_dung": 0,
        NOT_INSPECTED: 90,
    }
    assert totals.by_condition["A1"]["chua_du_can_cu"] == 1
    assert totals.by_condition["A5"] == {**totals.by_status}


def test_a_visit_before_the_reform_stands_beside_what_its_unit_became(
    project: Project, province: None
) -> None:
    before = {"date": "2025-05-20", "year": "2025", "commune": "05443", "child": "1"}
    told(project, 1, **before)  # phường Trưng Vương, which went into Phan Đình Phùng

    table = summary(project, year=2025, period="h1")

    assert len(table.rows) == 92
    successor = row(table, "05443")
    assert (successor.name, successor.status) == ("Phường Phan Đình Phùng", NOT_INSPECTED)
    assert [(old.name, old.status, old.is_certain) for old in successor.former_units] == [
        ("Phường Trưng Vương", "khong_dat", True)
    ]
    assert (table.totals.of_former_units, table.totals.inspected) == (1, 0)


def test_a_unit_that_was_split_stands_beside_each_part_as_uncertain(
    project: Project, province: None
) -> None:
    told(project, 1, date="2025-05-20", year="2025", commune="05461")  # phường Gia Sàng cũ

    table = summary(project, year=2025)

    beside = {row.name: row.former_units for row in table.rows if row.former_units}
    assert set(beside) == {"Phường Phan Đình Phùng", "Phường Gia Sàng"}
    assert not any(units[0].is_certain for units in beside.values())


def test_the_communes_of_another_day_can_be_asked_for(project: Project, province: None) -> None:
    told(project, 1, date="2025-05-20", year="2025", commune="05443")

    table = summary(project, year=2025, on_date=dt.date(2025, 6, 30))

    assert len(table.rows) == 280
    assert row(table, "05443").name == "Phường Trưng Vương"
    assert row(table, "05443").status == "dat"


def test_schematic_polygons_are_named_wherever_they_were_used(
    project: Project, dong: AdminUnit
) -> None:
    builders.coverage({dong: (105.9, 21.6)}, is_schematic=True)
    told(project, 1, commune="05665", gps="21.65 105.95 0 5")

    table = summary(project)

    latest = row(table, "05665").latest
    assert latest is not None
    assert (latest.gps_status, latest.gps_is_schematic) == ("inside", True)
    assert table.sources == ("Hình vuông thử nghiệm",)
    assert table.totals.with_valid_gps == 1


def test_no_figure_of_violence_is_anywhere_in_it(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY, child="7919")

    assert "7919" not in repr(summary(project))


def test_the_price_does_not_grow_with_the_visits(project: Project, province: None) -> None:
    for number in range(12):
        told(project, number, commune=DONG_HY if number % 2 else "05443")

    with CaptureQueriesContext(connection) as asked:
        summary(project)

    assert len(asked) <= 14


def test_a_form_that_was_never_published_has_no_summary(project: Project) -> None:
    with pytest.raises(FormUnknown):
        published_form(project.pk, "kt_khac")


def test_a_period_is_h1_or_fy(project: Project, province: None) -> None:
    with pytest.raises(PeriodUnknown):
        summary(project, period="q1")
