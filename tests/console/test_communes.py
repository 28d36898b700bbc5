"""Xã, phường: the list, and one commune on one A4."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.inspections.expected import local_day
from server.inspections.models import Inspection
from server.projects.models import Membership, Role, User
from server.reports.commune_sheet import sheet
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.builders import REFORM
from tests.console.conftest import Desks, reader, text
from tests.console.world import World, sent


@pytest.fixture
def approved(world: World) -> World:
    """The world with everything approved."""
    Submission.objects.update(review_state=ReviewState.APPROVED)
    return world


def page(world: World, user: User, uid: str) -> str:
    return text(reader(user).get(f"/du-an/{world.project.pk}/xa/{uid}"))


def test_the_list_is_searched_without_diacritics(approved: World) -> None:
    client = reader(approved.people[Role.VIEWER])
    found = text(client.get(f"/du-an/{approved.project.pk}/xa?q=dong+hy"))
    none = text(client.get(f"/du-an/{approved.project.pk}/xa?q=khong+co"))

    assert "Xã Đồng Hỷ" in found
    assert "Phường Phan Đình Phùng" not in found
    assert "Không có xã, phường nào có tên như vậy" in none


def test_results_stand_by_period_each_from_the_latest_inspection(approved: World) -> None:
    last = local_day().year - 1
    sent(
        approved.project,
        "uuid:before",
        approved.dong_hy,
        **{"h/h_year": str(last), "h/h_period": "fy", "a/a3_key_f": "0"},
    )
    Submission.objects.update(review_state=ReviewState.APPROVED)
    shown = page(approved, approved.people[Role.VIEWER], approved.dong_hy.uid)

    (row,) = re.findall(r"<strong>A3</strong>.*?</tr>", shown, re.DOTALL)
    assert re.findall(r'aria-label="([^"]+)"', row) == ["Không đạt", "Đạt"]
    assert shown.index(f"<br>{last}") < shown.index(f"<br>{last + 1}")
    assert "Ngưỡng tạm tính – chưa đối chiếu." in shown


def test_of_several_workplaces_the_worst_result_stands_as_in_the_list(approved: World) -> None:
    sent(approved.project, "uuid:poor", approved.dong_hy, **{"a/a3_key_f": "0"})
    Submission.objects.update(review_state=ReviewState.APPROVED)
    for one in Inspection.objects.filter(unit=approved.dong_hy):
        Inspection.objects.filter(pk=one.pk).update(subject=f"{one.submission_id}")
    Inspection.objects.filter(submission__instance_id="uuid:poor").update(visit_date=REFORM)

    shown = sheet(
        Membership.objects.get(user=approved.scoped), approved.dong_hy.uid, local_day()
    ).forms[0]
    assert shown.latest is not None
    assert (shown.latest.status, shown.latest.conditions["A3"]) == ("khong_dat", "khong_dat")
    assert shown.latest.visit_date == local_day()


def test_records_are_there_for_who_answers_for_the_commune_alone(approved: World) -> None:
    own = page(approved, approved.scoped, approved.dong_hy.uid)
    other = page(approved, approved.scoped, approved.phan_dinh_phung.uid)
    viewer = page(approved, approved.people[Role.VIEWER], approved.dong_hy.uid)

    assert "/ho-so/kt_thu/uuid:waiting" in own
    assert "Kiến nghị mở" in own
    assert "uuid:failing" not in other
    assert "Kiến nghị mở" not in other
    assert "/ho-so" not in viewer
    assert 'aria-label="Đạt"' in viewer


def test_what_nobody_approved_is_a_visit_and_no_result(world: World) -> None:
    shown = page(world, world.people[Role.MANAGER], world.dong_hy.uid)

    assert "Chưa có hồ sơ nào đã duyệt" in shown
    assert "uuid:waiting" in shown


def test_it_says_what_it_was_and_what_a_former_one_became(approved: World) -> None:
    old = builders.commune("05662", "Thị trấn Chùa Hang", since=None, until=REFORM)
    builders.became(old, approved.dong_hy)
    manager = approved.people[Role.MANAGER]

    assert "Thị trấn Chùa Hang" in page(approved, manager, approved.dong_hy.uid)
    former = page(approved, manager, old.uid)
    assert "Đơn vị này không còn; nay là" in former
    assert "Không đổi so với trước." not in former


@pytest.mark.parametrize("uid", ["99999@2025-07-01", "%3Cscript%3E", "x" * 300])
def test_a_commune_that_is_none_is_not_there(world: World, uid: str) -> None:
    client = reader(world.people[Role.MANAGER])

    assert client.get(f"/du-an/{world.project.pk}/xa/{uid}").status_code == 404
    foreign = f"/du-an/{world.foreign.pk}/xa/{world.dong_hy.uid}"
    assert client.get(foreign).status_code == 404


@pytest.mark.parametrize("path", ["xa", "xa/05665@2025-07-01"])
def test_more_inspections_cost_no_more_queries(approved: World, path: str) -> None:
    client, address = reader(approved.people[Role.MANAGER]), f"/du-an/{approved.project.pk}/{path}"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(3):
        sent(approved.project, f"uuid:more-{number}", approved.dong_hy)
    Submission.objects.update(review_state=ReviewState.APPROVED)
    with CaptureQueriesContext(connection) as many:
        answer = client.get(address)

    assert answer.status_code == 200
    assert len(many) == len(few)


def test_it_prints_on_one_page(desks: Desks) -> None:
    Submission.objects.update(review_state=ReviewState.APPROVED)
    project, uid = desks.world.project.pk, desks.world.dong_hy.uid
    opened = desks.of(Role.MANAGER).page(f"/du-an/{project}/xa/{uid}")
    printed = opened.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
