"""Tổng hợp: how many communes meet what, who may open what is behind it, and what leaves."""

from __future__ import annotations

import csv
import gzip
import html
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.projects.models import AuditEntry, Project, Role, User
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import World, sent
from tests.inspections.test_figures import project, told

__all__ = ["project"]


@pytest.fixture
def approved(world: World) -> World:
    """The world with everything approved."""
    Submission.objects.update(review_state=ReviewState.APPROVED)
    return world


def page(world: World, user: User, path: str = "tong-hop") -> str:
    return text(reader(user).get(f"/du-an/{world.project.pk}/{path}"))


def test_it_counts_communes_by_result_and_condition(approved: World) -> None:
    shown = page(approved, approved.people[Role.VIEWER])

    assert "2/2 xã, phường đã kiểm tra" in shown
    bars = re.findall(r'class="bar-label">.*?(?:<strong>(\w+)</strong>|Kết quả)', shown)
    assert bars[:3] == ["", "A1", "A3"]
    assert shown.count('aria-label="Không đạt"') == 1  # A3 of Phan Đình Phùng


def test_behind_a_number_are_the_records_of_those_who_may_open_them(approved: World) -> None:
    manager = page(approved, approved.people[Role.MANAGER])
    scoped = page(approved, approved.scoped)

    assert "finding=A3:khong_dat" in manager
    assert f"commune={approved.phan_dinh_phung.uid}" in manager
    assert f"commune={approved.dong_hy.uid}" in scoped
    assert f"commune={approved.phan_dinh_phung.uid}" not in scoped
    assert "/ho-so" not in page(approved, approved.people[Role.VIEWER])


def test_the_link_behind_a_number_finds_as_many_records(approved: World) -> None:
    shown = page(approved, approved.people[Role.MANAGER])
    (link,) = re.findall(r'href="([^"]+finding=A3:khong_dat[^"]*)"', shown)

    listed = text(reader(approved.people[Role.MANAGER]).get(link.replace("&amp;", "&")))
    assert "1–1 trong 1 hồ sơ" in listed


def test_nonsense_is_said_and_left_out(approved: World) -> None:
    shown = page(approved, approved.people[Role.VIEWER], "tong-hop?group=mau&year=x&on=hom-qua")

    assert shown.count("nên đã bỏ qua bộ lọc này") == 3
    grouped = page(approved, approved.people[Role.VIEWER], "tong-hop?group=zone")
    assert "Chưa có nguồn số liệu" in grouped


@pytest.mark.parametrize(
    ("asked", "status"), [("form=khong_co", 404), ("year=hai", 422), ("group=mau", 422), ("", 200)]
)
def test_a_file_of_another_filter_than_was_asked_for_is_not_given(
    approved: World, asked: str, status: int
) -> None:
    client = reader(approved.people[Role.VIEWER])

    for kind in ("csv", "xlsx"):
        answer = client.get(f"/du-an/{approved.project.pk}/tong-hop.{kind}?{asked}")
        assert answer.status_code == status


def test_communes_are_counted_in_groups(approved: World) -> None:
    shown = page(approved, approved.people[Role.VIEWER], "tong-hop?group=type")

    assert '<th scope="row">Phường</th><td class="num">1</td>' in shown


def test_the_workbook_is_downloaded(approved: World) -> None:
    answer = reader(approved.scoped).get(f"/du-an/{approved.project.pk}/tong-hop.xlsx")

    assert 'attachment; filename="kt_thu-' in answer["Content-Disposition"]
    assert answer.getvalue().startswith(b"PK")


def test_a_form_without_indicators_lets_another_be_chosen(approved: World) -> None:
    assert "không có chỉ số nào" in page(approved, approved.people[Role.VIEWER], "tong-hop/chi-so")


FIGURES = "form=kt_thu&year=2026&period=h1&on=2026-06-12"


@pytest.mark.parametrize("path", ["tong-hop/chi-so?", "tong-hop/chi-so.csv?"])
def test_a_small_sensitive_count_is_a_mark_for_who_does_not_answer_for_it(
    project: Project, static_files: None, path: str
) -> None:
    told(project, "1", a3_key_f=1, a3_key=4, a5_child=2)
    viewer = builders.member(project, "xem@example.org", Role.VIEWER)

    shown = text(reader(viewer).get(f"/du-an/{project.pk}/{path}{FIGURES}"))
    assert "<5" in html.unescape(shown)
    assert not AuditEntry.objects.filter(action="indicators.read").exists()


@pytest.mark.parametrize("path", ["tong-hop/chi-so?", "ban-do?layer=indicator:cases&"])
def test_who_answers_for_all_sees_each_count_and_that_is_logged(
    project: Project, static_files: None, path: str
) -> None:
    told(project, "1", a5_child=2)
    manager = builders.member(project, "ql@example.org", Role.MANAGER)

    shown = text(reader(manager).get(f"/du-an/{project.pk}/{path}{FIGURES}"))
    assert "<5" not in html.unescape(shown)
    assert AuditEntry.objects.get(action="indicators.read").actor_id == manager.pk


def test_the_map_hides_what_the_table_hides(project: Project, static_files: None) -> None:
    told(project, "1", a5_child=2)
    viewer = builders.member(project, "xem@example.org", Role.VIEWER)

    query = f"layer=indicator:cases&{FIGURES}"
    shown = html.unescape(text(reader(viewer).get(f"/du-an/{project.pk}/ban-do?{query}")))
    assert "Số nhỏ, không công bố" in shown
    assert "<5" in shown


def test_the_csv_holds_the_rows_of_the_page(approved: World) -> None:
    address = f"/du-an/{approved.project.pk}/tong-hop.csv"
    rows = list(csv.reader(io.StringIO(text(reader(approved.scoped).get(address)))))

    assert [row[2] for row in rows[1:3]] == ["Xã Đồng Hỷ", "Phường Phan Đình Phùng"]


@pytest.mark.parametrize("path", ["tong-hop", "tong-hop/chi-so", "tong-hop.csv", "tong-hop.pdf"])
def test_those_of_others_are_not_there(approved: World, path: str) -> None:
    client = reader(approved.people[Role.MANAGER])

    assert client.get(f"/du-an/{approved.foreign.pk}/{path}").status_code == 404


def test_more_inspections_cost_no_more_queries(approved: World) -> None:
    client, address = (
        reader(approved.people[Role.MANAGER]),
        f"/du-an/{approved.project.pk}/tong-hop",
    )
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(3):
        sent(approved.project, f"uuid:more-{number}", approved.dong_hy)
    Submission.objects.update(review_state=ReviewState.APPROVED)
    with CaptureQueriesContext(connection) as many:
        answer = client.get(address)

    assert len(many) == len(few)
    assert len(gzip.compress(answer.content)) < 150_000
