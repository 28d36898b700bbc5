"""Cách ly: what waits apart, and one click about it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.errors import Problem
from server.projects.models import AuditEntry, Project, Role
from server.submissions.models import Quarantined, ReviewState, Submission
from tests import builders
from tests.console.conftest import reader, text
from tests.console.world import UNTAGGED, World, sent

MASKED = "a/a5_child"


def kept(project: Project, instance_id: str, version: str = "1", **other: str) -> Quarantined:
    """Return what a phone sent and could not become a record."""
    answers = {**builders.GOOD, **other}
    xml = builders.instance(answers, instance_id=instance_id, version=version)
    with pytest.raises(Problem):
        builders.send(project, xml)
    return Quarantined.objects.get(instance_id=instance_id)


def test_a_twin_is_compared_answer_by_answer_and_let_in_with_one_click(world: World) -> None:
    row = kept(
        world.project, "uuid:waiting", **{"a/a1_ev": "verbal", MASKED: "7431", "h/h_commune": ""}
    )
    client = reader(world.people[Role.MANAGER])
    address = f"/du-an/{world.project.pk}/cach-ly"
    listed, page = text(client.get(address)), text(client.get(f"{address}/{row.pk}"))
    done = client.post(f"{address}/{row.pk}", {"decision": "accept", "reason": ""})
    decided = text(client.get(f"{address}?xong=1"))

    assert "Trùng mã hồ sơ" in listed
    assert "<del>Đã xem bản gốc</del>" in page
    assert "<ins>Chỉ nghe báo cáo</ins>" in page
    assert "<del>Xã Đồng Hỷ</del>" in page
    assert "7431" not in page
    assert done.headers["Location"] == address
    assert Submission.objects.get(pk=world.waiting.pk).review_state == ReviewState.EDITED
    assert "Đã nhận" in decided
    assert AuditEntry.objects.filter(action="quarantine.read", object_name=str(row.pk)).exists()


def test_a_masked_answer_is_opened_from_here_and_leads_back(world: World) -> None:
    row = kept(world.project, "uuid:waiting", **{MASKED: "7431"})
    client = reader(world.people[Role.SUPERVISOR])
    address = f"/du-an/{world.project.pk}/cach-ly/{row.pk}"
    ask = f"/du-an/{world.project.pk}/ho-so/kt_thu/uuid:waiting/mo-xem?cau={MASKED}&tu={row.pk}"
    before = text(client.get(address))
    opened = client.post(ask, {"cau": MASKED, "reason": "Hai máy ghi hai số."})

    assert "mo-xem?cau=a%2Fa5_child" in before
    assert opened.headers["Location"] == address
    assert "<ins>7431</ins>" in text(client.get(address))


def test_what_was_restricted_when_it_was_given_stays_masked_until_opened(world: World) -> None:
    sent(world.project, "uuid:tagged", world.dong_hy, **{MASKED: "7431"})
    builders.form(world.project, UNTAGGED)
    row = kept(world.project, "uuid:tagged", version="2", **{MASKED: "8642"})
    client = reader(world.people[Role.SUPERVISOR])
    address = f"/du-an/{world.project.pk}/cach-ly/{row.pk}"
    ask = f"/du-an/{world.project.pk}/ho-so/kt_thu/uuid:tagged/mo-xem?cau={MASKED}&tu={row.pk}"
    before = text(client.get(address))
    client.post(ask, {"cau": MASKED, "reason": "Hai máy ghi hai số."})

    assert "mo-xem?cau=a%2Fa5_child" in before
    assert "7431" not in before
    assert "<del>7431</del>" in text(client.get(address))


def test_what_cannot_be_let_in_says_why_and_keeps_what_was_typed(world: World) -> None:
    row = kept(world.project, "uuid:new", version="9")
    Quarantined.objects.update(received_at=timezone.now() - dt.timedelta(hours=25))
    client = reader(world.people[Role.MANAGER])
    address = f"/du-an/{world.project.pk}/cach-ly/{row.pk}"
    page = text(client.get(address))
    refused = client.post(address, {"decision": "accept", "reason": "Máy <thử>"})
    left_out = client.post(address, {"decision": "reject", "reason": "Máy thử"})
    other = client.post(address, {"decision": "accept", "reason": ""})

    assert "Không có phiên bản" in page
    assert "quá 24 giờ" in page
    assert 'value="accept" class="main-act" data-key="d" disabled' in page
    assert (refused.status_code, left_out.status_code, other.status_code) == (409, 303, 409)
    assert 'value="Máy &lt;thử&gt;"' in text(refused)


def test_whoever_does_not_answer_for_it_finds_nothing_there(world: World) -> None:
    row = kept(world.project, "uuid:failing", **{"a/a1_ev": "verbal"})
    for user in (world.people[Role.VIEWER], world.scoped):
        client = reader(user)
        address = f"/du-an/{world.project.pk}/cach-ly/{row.pk}"
        assert client.get(address).status_code == 404
        assert client.post(address, {"decision": "reject"}).status_code == 404
    assert reader(world.people[Role.VIEWER]).get(address[: -len(f"/{row.pk}")]).status_code == 404
    assert "Trùng mã hồ sơ" not in text(
        reader(world.scoped).get(f"/du-an/{world.project.pk}/cach-ly?page=99")
    )
    assert Quarantined.objects.waiting().count() == 1


def test_more_that_waits_costs_no_more_queries(world: World) -> None:
    client = reader(world.people[Role.MANAGER])
    address = f"/du-an/{world.project.pk}/cach-ly"
    kept(world.project, "uuid:new-0", version="9")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(1, 4):
        kept(world.project, f"uuid:new-{number}", version="9")
    with CaptureQueriesContext(connection) as many:
        page = text(client.get(address))

    assert page.count("Không có phiên bản") == 4
    assert len(many) == len(few)
