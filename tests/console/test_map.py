"""Bản đồ: the communes by what was found in them."""

from __future__ import annotations

import gzip
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import expect

from server.projects.models import Role, User
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.console.conftest import Desks, reader, text
from tests.console.world import World, sent


@pytest.fixture
def drawn(world: World) -> World:
    """The world on a map, what was sent from it approved."""
    prepare(world)
    return world


def prepare(world: World) -> None:
    builders.coverage({world.dong_hy: (105.7, 21.6), world.phan_dinh_phung: (105.9, 21.6)})
    Submission.objects.update(review_state=ReviewState.APPROVED)


def page(world: World, user: User, query: str = "") -> str:
    return text(reader(user).get(f"/du-an/{world.project.pk}/ban-do?{query}"))


def table(html: str) -> dict[str, str]:
    """Return what the table says, by commune."""
    rows = re.findall(r'<th scope="row">(.+?)</th><td[^>]*>.*?</svg> (.+?)</td>', html)
    return {re.sub("<.+?>", "", name): said for name, said in rows}


def test_the_table_says_what_the_colours_do(drawn: World) -> None:
    html = page(drawn, drawn.people[Role.VIEWER])

    assert table(html) == {"Xã Đồng Hỷ": "Đạt", "Phường Phan Đình Phùng": "Không đạt"}
    assert html.count('<path d="M') == 2
    assert "<title>Xã Đồng Hỷ: Đạt</title>" in html
    assert "Nguồn: Hình vuông thử nghiệm." in html
    assert "Bản đồ không có giá trị pháp lý." in html


def test_what_nobody_has_approved_is_on_the_map_only_where_asked_for(drawn: World) -> None:
    Submission.objects.update(review_state=ReviewState.RECEIVED)
    viewer = drawn.people[Role.VIEWER]

    assert set(table(page(drawn, viewer)).values()) == {"Chưa kiểm tra"}
    assert set(table(page(drawn, viewer, "data=all")).values()) == {"Đạt", "Không đạt"}


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("coverage", ["Đã kiểm tra", "Đã kiểm tra"]),
        ("condition:A3", ["Đạt", "Không đạt"]),
        ("condition:A1", ["Đạt", "Đạt"]),
    ],
)
def test_one_may_colour_by_coverage_or_by_a_condition(
    drawn: World, layer: str, said: list[str]
) -> None:
    html = page(drawn, drawn.people[Role.VIEWER], f"layer={layer}")

    assert list(table(html).values()) == said


def test_nonsense_is_said_and_left_out(drawn: World) -> None:
    query = "form=khong_co&year=hai&period=q3&on=31/02/2026&layer=%3Cscript%3E&data=x"
    html = page(drawn, drawn.people[Role.VIEWER], query)

    assert html.count("nên đã bỏ qua bộ lọc này") == 6
    assert "<script>" not in html.replace("<script src", "").replace('<script type="module"', "")
    assert table(html)["Xã Đồng Hỷ"] == "Đạt"


def test_a_day_without_lines_still_has_its_table(drawn: World) -> None:
    html = page(drawn, drawn.people[Role.VIEWER], "on=1/1/2020")

    assert "Chưa có ranh giới của ngày này" in html
    assert "Bản đồ không có giá trị pháp lý." in html


def test_points_are_for_those_who_may_open_the_records(drawn: World) -> None:
    sent(drawn.project, "uuid:here", drawn.dong_hy, **{"h/h_gps": "21.61 105.71 0 5"})
    Submission.objects.update(review_state=ReviewState.APPROVED)

    assert "map-points" in page(drawn, drawn.people[Role.SUPERVISOR])
    assert "map-points" not in page(drawn, drawn.people[Role.VIEWER])


def test_the_map_of_others_is_not_there(drawn: World) -> None:
    client = reader(drawn.people[Role.MANAGER])

    assert client.get(f"/du-an/{drawn.foreign.pk}/ban-do").status_code == 404


def test_more_inspections_cost_no_more_queries(drawn: World) -> None:
    client, address = reader(drawn.people[Role.MANAGER]), f"/du-an/{drawn.project.pk}/ban-do"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(3):
        sent(drawn.project, f"uuid:more-{number}", drawn.dong_hy)
    Submission.objects.update(review_state=ReviewState.APPROVED)
    with CaptureQueriesContext(connection) as many:
        answer = client.get(address)

    assert len(many) == len(few)
    assert len(gzip.compress(answer.content)) < 150_000


def test_at_a_desk_another_layer_is_drawn_at_once(desks: Desks) -> None:
    prepare(desks.world)
    opened = desks.of(Role.MANAGER).page(f"/du-an/{desks.world.project.pk}/ban-do")
    opened.get_by_label("Tô màu theo").select_option("condition:A3")
    expect(opened.locator("#map-title")).to_contain_text("A3.")
    opened.wait_for_url("**/ban-do?layer=condition:A3")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("ban-do", "Chưa có biểu mẫu nào chấm điều kiện"),
        ("tong-hop", "Chưa có biểu mẫu nào chấm điều kiện"),
        ("tong-hop/chi-so", "Chưa có biểu mẫu nào chấm điều kiện"),
        ("xa", "Xã Đồng Hỷ"),
        ("xa/05665@2025-07-01", "Chưa có hồ sơ nào đã duyệt"),
    ],
)
def test_a_project_without_forms_says_what_is_missing(world: World, path: str, said: str) -> None:
    empty = builders.project("Chương trình mới")
    viewer = builders.member(empty, "moi@example.org", Role.VIEWER)

    answer = reader(viewer).get(f"/du-an/{empty.pk}/{path}")
    assert (answer.status_code, said in text(answer)) == (200, True)
