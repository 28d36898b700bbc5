"""What a row says besides its status: documents, coordinates, recommendations, plans, groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import uuid4

import pytest
from django.utils import timezone

from server.communes import seed
from server.communes.models import AdminUnit
from server.entities.models import Entity, EntityList
from server.forms.models import FormVersion
from server.inspections.expected import Expected, local_day
from server.inspections.groups import GroupUnknown, GroupWithoutSource
from server.inspections.outstanding import Outstanding
from server.inspections.summary import Summary, published_form, summarise
from server.inspections.tallies import Share
from server.plans.expected import expected
from server.plans.models import Agency, Period, Plan, PlanItem, PlanState
from server.projects.models import Project, User
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.inspections.test_summary import DONG_HY, TODAY, row, told

PHAN_DINH_PHUNG = "05443"
HERE = f"{DONG_HY}@2025-07-01"
NOON = dt.datetime(2026, 6, 9, 5, tzinfo=dt.UTC)  # 12:00 where the inspections are made


@pytest.fixture
def province(form: FormVersion) -> None:
    seed.load_units()


def summary(
    project: Project,
    *,
    year: int = 2026,
    period: str | None = "h1",
    only_approved: bool = False,
    plans: Expected | None = None,
    group: str | None = None,
) -> Summary:
    return summarise(
        published_form(project.pk, "kt_thu"),
        year=year,
        period=period,
        on_date=TODAY,
        only_approved=only_approved,
        expected=plans,
        group=group,
    )


def change(submission: Submission, **columns: object) -> None:
    Submission.objects.filter(pk=submission.pk).update(**columns)


# Documents and coordinates -----------------------------------------------------------------------


def test_a_condition_says_whether_a_document_was_seen_and_the_province_counts_communes(
    project: Project, province: None
) -> None:
    told(project, 1, commune=DONG_HY, plan_evidence="verbal")
    told(project, 2, commune=PHAN_DINH_PHUNG, plan_evidence="copied")

    table = summary(project)

    assert row(table, DONG_HY).documented == {"A1": False, "A3": True, "A5": True}
    assert row(table, PHAN_DINH_PHUNG).documented["A1"] is True
    assert table.totals.documented["A1"] == Share(1, 2)
    assert table.totals.documented["A5"].share == 1.0


def test_where_nobody_was_there_is_no_share_rather_than_zero(
    project: Project, province: None
) -> None:
    table = summary(project)

    empty = row(table, DONG_HY)
    assert (empty.documented, empty.gps.share, empty.latest) == ({}, None, None)
    assert table.totals.documented["A1"].share is None
    assert table.totals.gps.share is None


def test_the_share_of_valid_points_is_of_inspections_not_of_the_latest_only(
    project: Project, squares: None, dong: AdminUnit
) -> None:
    told(project, 1, commune="05665", gps="21.65 105.95 0 5")
    told(project, 2, commune="05665", gps="21.65 105.95 0 5")
    told(project, 3, commune="05665", date="2026-06-01")
    told(project, 4)

    table = summary(project)

    assert row(table, "05665").gps == Share(2, 3)
    assert table.totals.gps == Share(2, 4)
    assert table.totals.with_valid_gps == 0


# Recommendations ---------------------------------------------------------------------------------


def recommend(project: Project, **data: str) -> Entity:
    made, _ = EntityList.objects.get_or_create(project=project, name="kien_nghi")
    now = timezone.now()
    given = {"xa": HERE, "bieu": "kt_thu", "trang_thai": "moi", "han": "2099-01-01", **data}
    return Entity.objects.create(
        entity_list=made, uuid=uuid4(), label="x", data=given, created_at=now, updated_at=now
    )


def test_a_row_counts_the_recommendations_of_its_commune_and_form(
    project: Project, province: None
) -> None:
    recommend(project)
    recommend(project, han="2026-01-01")  # past, though no clock has marked it
    recommend(project, trang_thai="qua_han", han="")
    recommend(project, trang_thai="hoan_thanh", han="2026-01-01")
    recommend(project, bieu="kt_khac")
    recommend(project, xa="05443@2025-07-01")
    deleted = recommend(project)
    Entity.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())

    table = summary(project)

    assert row(table, DONG_HY).recommendations == Outstanding(open=3, overdue=2)
    assert table.totals.recommendations == Outstanding(open=4, overdue=2)


def test_one_that_never_said_a_state_is_open(project: Project, province: None) -> None:
    unsaid = recommend(project)
    Entity.objects.filter(pk=unsaid.pk).update(data={"xa": HERE, "bieu": "kt_thu"})

    assert row(summary(project), DONG_HY).recommendations == Outstanding(open=1, overdue=0)


def test_a_deadline_is_past_on_the_day_after(project: Project, province: None) -> None:
    recommend(project, han="2026-06-11")
    recommend(project, han="2026-06-12")

    table = summary(project, plans=Expected(dt.date(2026, 6, 12)))

    assert row(table, DONG_HY).recommendations == Outstanding(open=2, overdue=1)


def test_no_recommendation_is_zero_only_where_somebody_was(
    project: Project, province: None
) -> None:
    told(project, 1, commune=DONG_HY)
    without_list = row(summary(project), DONG_HY).recommendations
    EntityList.objects.create(project=project, name="kien_nghi")

    table = summary(project)

    assert without_list is None
    assert row(table, DONG_HY).recommendations == Outstanding(0, 0)
    assert row(table, PHAN_DINH_PHUNG).recommendations is None


def test_recommendations_follow_a_merger_and_stay_apart_after_a_split(
    project: Project, province: None
) -> None:
    recommend(project, xa="05443@start")  # Trưng Vương, wholly in Phan Đình Phùng now
    recommend(project, xa="05461@start")  # Gia Sàng, split

    table = summary(project)

    assert row(table, PHAN_DINH_PHUNG).recommendations == Outstanding(1, 0)
    assert table.totals.recommendations == Outstanding(1, 0)
    assert table.totals.recommendations_elsewhere == Outstanding(1, 0)


# Plans and due dates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "state"),
    [
        (dt.datetime(2026, 6, 9, 16, 59, tzinfo=dt.UTC), "dung_han"),  # 9 June, 23:59 local
        (dt.datetime(2026, 6, 9, 17, 0, tzinfo=dt.UTC), "muon"),  # 10 June, 00:00
    ],
)
def test_a_report_is_in_time_before_the_day_where_the_inspections_are_made(
    project: Project, province: None, received: dt.datetime, state: str
) -> None:
    change(told(project, 1, commune=DONG_HY), created_at=received)

    table = summary(project, plans=expected(project.pk, [2026], TODAY))

    assert row(table, DONG_HY).reports == {"h1": state}
    assert table.totals.by_report["h1"][state] == 1


def test_the_first_that_counts_decides_reviewed_or_not(project: Project, province: None) -> None:
    change(told(project, 1, commune=DONG_HY), created_at=NOON, review_state=ReviewState.REJECTED)
    change(told(project, 2, commune=PHAN_DINH_PHUNG), created_at=NOON)
    late = NOON + dt.timedelta(days=9)
    change(told(project, 3, commune=DONG_HY), created_at=late)
    change(told(project, 4, commune=PHAN_DINH_PHUNG), created_at=late)

    plans = expected(project.pk, [2026], TODAY)
    table = summary(project, plans=plans, only_approved=True)

    assert row(table, DONG_HY).reports == {"h1": "muon"}
    assert row(table, PHAN_DINH_PHUNG).reports == {"h1": "dung_han"}
    assert row(table, PHAN_DINH_PHUNG).coverage == "da_kiem_tra"
    assert row(table, PHAN_DINH_PHUNG).status == "chua_kiem_tra"


@pytest.mark.parametrize(
    ("today", "state"),
    [(dt.date(2026, 6, 9), "chua_den_han"), (dt.date(2026, 6, 10), "khong_co")],
)
def test_what_has_not_come_is_not_due_until_the_day(
    project: Project, province: None, today: dt.date, state: str
) -> None:
    due = expected(project.pk, [2026], TODAY).due

    table = summary(project, plans=Expected(today, due))

    assert row(table, DONG_HY).reports == {"h1": state}


def test_a_commune_made_after_the_day_owes_no_report(project: Project, province: None) -> None:
    plans = expected(project.pk, [2025], TODAY)

    table = summary(project, year=2025, period=None, plans=plans)

    assert row(table, DONG_HY).reports == {"h1": "chua_thanh_lap", "fy": "khong_co"}


def test_a_period_may_have_a_due_date_of_its_own_and_without_one_nothing_is_told(
    project: Project, province: None
) -> None:
    change(told(project, 1, commune=DONG_HY), created_at=NOON)
    Period.objects.create(project=project, year=2026, code="h1", due_on=dt.date(2026, 6, 9))

    ours = summary(project, plans=expected(project.pk, [2026], TODAY))

    assert row(ours, DONG_HY).reports == {"h1": "muon"}
    assert row(summary(project), DONG_HY).reports == {"h1": None}
    assert summary(project).totals.by_report == {}


def test_a_row_says_planned_until_it_was_visited(project: Project, province: None) -> None:
    agency = Agency.objects.create(code="x", name_vi="x", name_en="x")
    plan = Plan.objects.create(
        project=project,
        number="59/KH-UBND",
        title="x",
        signed_on=TODAY,
        year=2026,
        lead_agency=agency,
        state=PlanState.ACTIVE,
        created_by=User.objects.create(email="l@example.org", display_name="Lan"),
    )
    for uid in (HERE, "05443@2025-07-01"):
        PlanItem.objects.create(
            plan=plan, unit_id=uid, form_ids=["kt_thu"], team="1", starts_on=TODAY, ends_on=TODAY
        )
    told(project, 1, commune=DONG_HY)

    table = summary(project, plans=expected(project.pk, [2026], TODAY))

    assert row(table, DONG_HY).coverage == "da_kiem_tra"
    assert row(table, PHAN_DINH_PHUNG).coverage == "co_ke_hoach"
    assert table.totals.by_coverage == {"da_kiem_tra": 1, "co_ke_hoach": 1, "chua_kiem_tra": 90}


def test_a_visit_before_a_merger_is_a_visit_of_what_it_became(
    project: Project, province: None
) -> None:
    told(project, 1, date="2025-05-20", year="2025", commune="05443")

    table = summary(project, year=2025)

    assert row(table, PHAN_DINH_PHUNG).coverage == "da_kiem_tra"


# Groups ------------------------------------------------------------------------------------------


def counted(table: Summary) -> Mapping[str, tuple[int, int]]:
    """Return {label: (communes, of those met)}."""
    assert table.groups is not None
    return {g.label: (g.counts.communes, g.counts.by_status["dat"]) for g in table.groups.groups}


def test_former_provinces_are_those_that_all_of_a_commune_came_from(
    project: Project, province: None
) -> None:
    told(project, 1, commune=DONG_HY)
    told(project, 2, commune="02155")  # Na Rì

    table = summary(project, group="former_province")

    assert counted(table) == {  # domain.md §4.1: 55 and 37
        "Tỉnh Bắc Kạn (trước 01/07/2025)": (37, 1),
        "Tỉnh Thái Nguyên (trước 01/07/2025)": (55, 1),
    }
    assert table.totals.by_status["dat"] == 2


def test_communes_are_counted_by_kind(project: Project, province: None) -> None:
    told(project, 1, commune=DONG_HY)

    assert counted(summary(project, group="type")) == {"Xã": (77, 1), "Phường": (15, 0)}


ZONED = """
| survey   | type            | name    | label::Tiếng Việt (vi) |
|          | date            | h_date  | Ngày kiểm tra          |
|          | integer         | h_year  | Năm số liệu            |
|          | text            | h_commune | Xã                   |
|          | begin_group     | b       | Khu vực                |
|          | select_one zone | b_zone  | Khu vực                |
|          | end_group       |         |                        |
| choices  | list_name | name  | label::Tiếng Việt (vi) |
|          | zone      | kv1   | Khu vực I              |
|          | zone      | kv3   | Khu vực III            |
| settings | form_id | form_title | version | default_language |
|          | kt_vung | Vùng       | 1       | Tiếng Việt (vi)  |
"""


def zoned(
    project: Project, number: int, commune: str, zone: str, day: str = "2026-05-20", year: str = ""
) -> None:
    answers = {"h_date": day, "h_year": year or day[:4], "h_commune": commune, "b/b_zone": zone}
    xml = builders.instance(answers, form_id="kt_vung", instance_id=f"uuid:z{number}")
    builders.send(project, xml)


def test_zones_are_what_the_latest_inspection_that_asked_was_told(
    project: Project, province: None
) -> None:
    builders.form(project, ZONED)
    told(project, 1, commune=DONG_HY)
    zoned(project, 1, DONG_HY, "kv3")
    zoned(project, 2, DONG_HY, "kv1", "2025-11-20")
    zoned(project, 3, DONG_HY, "", "2026-05-21")
    zoned(project, 4, PHAN_DINH_PHUNG, "kv1")
    zoned(project, 5, "02155", "kv1", "2027-01-20")  # of a later year
    zoned(project, 6, DONG_HY, "kv1", "2099-01-01", year="2026")  # not believed

    table = summary(project, group="zone")

    assert counted(table) == {
        "Khu vực I": (1, 0),
        "Khu vực III": (1, 1),
        "Chưa có số liệu": (90, 0),
    }
    assert table.groups is not None
    assert table.groups.source == "câu b_zone của biểu kt_vung, hồ sơ mới nhất"


def test_a_group_that_nothing_tells_is_refused(project: Project, province: None) -> None:
    with pytest.raises(GroupWithoutSource, match="khu vực"):
        summary(project, group="zone")
    with pytest.raises(GroupUnknown):
        summary(project, group="dan_toc")


def test_the_day_is_that_of_the_province() -> None:
    assert local_day(dt.datetime(2026, 6, 9, 17, 0, tzinfo=dt.UTC)) == dt.date(2026, 6, 10)
