"""Danh sách hồ sơ: filters that are the address."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.http import QueryDict
from django.test import Client

from server.console import filters
from server.inspections import list_page
from server.inspections.models import Inspection
from server.projects.models import Membership, Role, User
from server.reports import listing
from server.reports.selection import Selection
from tests.console.conftest import reader, text
from tests.console.world import World, sent


def found(world: World, asked: str, user: User | None = None) -> set[str]:
    """Return which records an address shows."""
    membership = Membership.objects.get(
        project=world.project, user=user or world.people[Role.MANAGER]
    )
    page = listing.page(membership, filters.read(QueryDict(asked)).selection)
    return {row.instance_id.removeprefix("uuid:") for row in page.rows}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", {"waiting", "failing", "unplaced"}),
        ("q=dong+hy", {"waiting"}),
        ("q=Đồng Hỷ", {"waiting"}),
        ("q=PHAN DINH", {"failing"}),
        ("q=uuid:unp", {"unplaced"}),
        ("q=không có xã này", set()),
        ("result=khong_dat", {"failing"}),
        ("finding=A3:khong_dat", {"failing"}),
        ("flag=photo_missing", {"failing"}),
        ("severe=open", set()),
        ("state=approved,rejected", set()),
        ("state=received&state=edited", {"waiting", "failing", "unplaced"}),
        ("form=kt_thu&period=h1", {"waiting", "failing", "unplaced"}),
        ("form=khac", set()),
        ("visited_from=1/1/20", {"waiting", "failing", "unplaced"}),
        ("visited_to=2020-01-01", set()),
    ],
)
def test_the_address_says_which_records(world: World, asked: str, expected: set[str]) -> None:
    assert found(world, asked) == expected


def test_a_commune_is_asked_by_its_uid(world: World) -> None:
    assert found(world, f"commune={world.phan_dinh_phung.uid}") == {"failing"}


def test_a_supervisor_of_a_commune_finds_no_others(world: World) -> None:
    assert found(world, "", world.scoped) == {"waiting"}
    assert found(world, "q=phan dinh", world.scoped) == set()


def test_the_list_is_not_there_for_whoever_sees_totals_only(world: World) -> None:
    client = reader(world.people[Role.VIEWER])

    assert client.get(f"/du-an/{world.project.pk}/ho-so").status_code == 404


NONSENSE = (
    "year=hai&period=q3&state=x&result=1&finding=%00&flag=%3Cscript%3E&severe=1"
    "&visited_from=30/02/2026&received_to=mai&q=%00&sort=%27&columns=%3Cb%3E&page=-1"
)


def test_what_means_nothing_is_said_and_left_out(world: World) -> None:
    answer = reader(world.people[Role.MANAGER]).get(f"/du-an/{world.project.pk}/ho-so?{NONSENSE}")
    page = text(answer)
    sentences = re.findall(r"<li>(Không hiểu giá trị [^<]*)</li>", page)

    assert answer.status_code == 200
    assert len(sentences) == 10
    assert "<script>" not in page
    assert "Phường Phan Đình Phùng" in page


@pytest.mark.parametrize("number", ["2", "3", "99999999"])
def test_a_page_beyond_the_end_is_the_last_one(
    world: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_page, "PAGE", 2)
    client = reader(world.people[Role.MANAGER])
    page = text(client.get(f"/du-an/{world.project.pk}/ho-so?sort=received&page={number}"))

    expected = 1 if len(number) > 6 else 2
    assert f"Trang {expected}/2" in page


def test_turning_pages_shows_every_record_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_page, "PAGE", 1)
    membership = Membership.objects.get(project=world.project, user=world.people[Role.MANAGER])
    for order in listing.ORDERS:
        pages = [
            listing.page(membership, Selection(), order=order, number=n).rows for n in (1, 2, 3)
        ]
        assert len({row.instance_id for rows in pages for row in rows}) == 3


def test_a_row_opens_within_the_filter_and_whatever_its_id_holds(world: World) -> None:
    sent(world.project, "uuid:a/b?c#d", world.dong_hy)
    client = reader(world.people[Role.MANAGER])
    page = text(client.get(f"/du-an/{world.project.pk}/ho-so?q=dong+hy&columns=files"))

    here = f"/du-an/{world.project.pk}/ho-so"
    assert f'href="{here}/kt_thu/uuid:waiting?q=dong%20hy"' in page
    there = f"{here}/kt_thu/uuid:a%2Fb%3Fc%23d"
    assert f'href="{there}?q=dong%20hy"' in page
    # As waitress hands it on; what is asked there leads back there.
    asked = text(client.get(f"{there}/nhan-xet", REQUEST_URI=f"{there}/nhan-xet"))
    assert f'action="{there}/nhan-xet"' in asked
    posted = client.post(
        f"{there}/nhan-xet", {"cau": "", "reason": "Xem lại."}, REQUEST_URI=f"{there}/nhan-xet"
    )
    assert posted.headers["Location"].startswith(there)
    out = Client().get(there, REQUEST_URI=there).headers["Location"]
    assert unquote(out) == f"/dang-nhap?next={there}"


def test_columns_are_chosen_by_the_address(world: World) -> None:
    client = reader(world.people[Role.MANAGER])
    page = text(client.get(f"/du-an/{world.project.pk}/ho-so?columns=files,sender"))
    heads = re.findall(r'<th scope="col">([^<]*)</th>', page)

    assert heads == ["Xã, phường", "Máy gửi", "Tệp"]
    assert "thiếu 1/1" in page


def test_a_filter_that_nothing_goes_by_is_said_above_the_empty_list(world: World) -> None:
    client = reader(world.people[Role.MANAGER])
    page = text(client.get(f"/du-an/{world.project.pk}/ho-so?finding=a3:dat&team=Sai"))

    assert "Bộ lọc «Điều kiện»: chương trình không có «a3». Có: A1, A3, A5." in page
    assert "Bộ lọc «Đoàn»: chương trình không có «Sai»" in page


def test_why_results_are_provisional_is_said_once_below_the_list(world: World) -> None:
    Inspection.objects.update(is_provisional=True, criteria_set="NTM-1", awaited_set="NTM-2")
    client = reader(world.people[Role.MANAGER])
    page = text(client.get(f"/du-an/{world.project.pk}/ho-so"))
    without = text(client.get(f"/du-an/{world.project.pk}/ho-so?columns=files"))

    assert page.count("tạm dùng bộ tiêu chí NTM-1, chưa có bộ NTM-2") == 1
    assert page.count("(1)</small>") == Inspection.objects.count()
    assert "NTM-1" not in without
