"""Bảng việc: what waits for whom."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.inspections import flag_review
from server.inspections.expected import local_day
from server.inspections.flag_review import Justification
from server.inspections.models import Flag
from server.plans.board import Board, board
from server.projects.models import AuditEntry, Membership, Role, User
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import HOSTILE, World, sent


def seen(world: World, user: User) -> Board:
    return board(Membership.objects.get(project=world.project, user=user), local_day())


def test_it_counts_what_waits_for_a_manager(world: World) -> None:
    Submission.objects.filter(pk=world.failing.pk).update(review_state=ReviewState.HAS_ISSUES)
    waiting = seen(world, world.people[Role.MANAGER]).waiting

    assert waiting is not None
    assert (waiting.to_review, waiting.returned, waiting.photo_missing) == (2, 1, 1)
    assert [one.instance_id for one in waiting.oldest] == ["uuid:waiting", "uuid:unplaced"]


def test_before_anything_has_come_a_manager_is_told_where_to_begin(world: World) -> None:
    boss = builders.member(world.foreign, "moi@example.org", Role.MANAGER)
    path = f"/du-an/{world.foreign.pk}"
    page = text(reader(boss).get(path))
    builders.form(world.foreign)
    sent(world.foreign, "uuid:first", None)
    later = text(reader(boss).get(path))

    assert f'href="{path}/thiet-bi/moi"' in page
    assert "Bắt đầu từ đây" in page
    assert "Bắt đầu từ đây" not in later


def test_a_severe_flag_counts_until_somebody_has_justified_it(world: World) -> None:
    manager = world.people[Role.MANAGER]
    Flag.objects.create(inspection=world.waiting.inspection, code="gps_far", details={"m": 900})
    before = seen(world, manager).waiting
    flag_review.justify(world.waiting.pk, "gps_far", Justification(manager, "Họp ở huyện."))
    after = seen(world, manager).waiting

    assert before is not None
    assert after is not None
    assert (before.severe, after.severe) == (1, 0)


def test_of_a_text_that_may_name_somebody_each_version_must_be_looked_at(world: World) -> None:
    manager = world.people[Role.MANAGER]
    Flag.objects.create(inspection=world.waiting.inspection, code="personal_data", details={})
    flag_review.justify(world.waiting.pk, "personal_data", Justification(manager, "Tên xã."))
    justified = seen(world, manager).waiting
    Submission.objects.filter(pk=world.waiting.pk).update(
        current_version=world.failing.current_version
    )
    edited = seen(world, manager).waiting

    assert justified is not None
    assert edited is not None
    assert (justified.severe, edited.severe) == (0, 1)


def test_a_supervisor_of_a_commune_sees_what_is_theirs(world: World) -> None:
    found = seen(world, world.scoped)

    assert found.waiting is not None
    assert found.waiting.to_review == 1
    assert [(form.visited, form.communes) for form in found.progress] == [(1, 1)]
    assert "Phan Đình Phùng" not in text(reader(world.scoped).get(f"/du-an/{world.project.pk}"))


def test_a_viewer_sees_how_far_it_has_come_and_no_record(world: World) -> None:
    found = seen(world, world.people[Role.VIEWER])
    page = text(reader(world.people[Role.VIEWER]).get(f"/du-an/{world.project.pk}"))

    assert found.waiting is None
    assert [(form.visited, form.communes) for form in found.progress] == [(2, 2)]
    assert "tính cả hồ sơ chưa duyệt" in page
    assert "/ho-so" not in page
    assert "Đồng Hỷ" not in page


@pytest.mark.parametrize("path", ["", "/ho-so"])
def test_the_project_of_others_is_not_there(world: World, path: str) -> None:
    client = reader(world.people[Role.MANAGER])

    assert client.get(f"/du-an/{world.foreign.pk}{path}").status_code == 404
    assert client.get(f"/du-an/{world.foreign.pk + 100}{path}").status_code == 404
    entries = AuditEntry.objects.filter(action="access.denied").order_by("pk")
    assert [one.project_id for one in entries] == [world.foreign.pk, world.foreign.pk + 100]


def test_phones_that_are_silent_are_named_as_text(world: World) -> None:
    page = text(reader(world.people[Role.SUPERVISOR]).get(f"/du-an/{world.project.pk}"))

    assert "&lt;script&gt;" in page
    assert HOSTILE not in page
    assert "Máy của chị Hạnh" not in page  # made today


@pytest.mark.parametrize("path", ["", "/ho-so"])
def test_more_records_cost_no_more_queries(world: World, path: str) -> None:
    client = reader(world.people[Role.MANAGER])
    address = f"/du-an/{world.project.pk}{path}"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(4):
        sent(world.project, f"uuid:more-{number}", world.dong_hy, photo="2.jpg")
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few)
    assert len(few) <= 22
