"""Duyệt loạt: what was on the page, without severe flags, by somebody who did not send it."""

from __future__ import annotations

import re

from django.test import Client

from server.inspections.expected import local_day
from server.inspections.models import Flag
from server.projects.models import Membership, Role, User
from server.reports import bulk_approval
from server.reports.bulk_approval import Candidates
from server.reports.selection import Selection
from server.submissions.models import ReviewState, Submission, SubmissionVersion
from tests.console.conftest import reader, text
from tests.console.world import World, sent


def at(world: World) -> str:
    return f"/du-an/{world.project.pk}/duyet-loat?commune={world.dong_hy.uid}"


def state(submission: Submission) -> str:
    return Submission.objects.get(pk=submission.pk).review_state


def found(world: World, user: User) -> Candidates:
    membership = Membership.objects.get(project=world.project, user=user)
    return bulk_approval.candidates(membership, Selection(commune=world.dong_hy.uid))


def shown(client: Client, world: World) -> list[str]:
    """Return what the form sends of the records on the page."""
    return re.findall(r'name="seen" value="([^"]*)"', text(client.get(at(world))))


def test_what_was_shown_is_approved_once_its_number_is_typed(world: World) -> None:
    client = reader(world.people[Role.SUPERVISOR])
    other = sent(world.project, "uuid:other", world.dong_hy)
    seen = shown(client, world)
    later = sent(world.project, "uuid:later", world.dong_hy)
    wrong = client.post(at(world), {"seen": seen, "count": "3"})
    before = state(other)
    done = client.post(at(world), {"seen": seen, "count": "2"})

    assert (wrong.status_code, before, done.status_code) == (422, "received", 303)
    assert [state(one) for one in (world.waiting, other, later)] == [
        "approved",
        "approved",
        "received",
    ]
    assert state(world.failing) == "received"  # of another commune


def test_severe_flags_and_what_one_sent_wait_for_somebody_to_open_them(world: World) -> None:
    supervisor = world.people[Role.SUPERVISOR]
    flagged = sent(world.project, "uuid:flagged", world.dong_hy)
    Flag.objects.create(inspection=flagged.inspection, code="gps_far", details={"m": 900})
    free = found(world, supervisor)
    SubmissionVersion.objects.update(person=supervisor)
    own = found(world, supervisor)

    assert ([one.pk for one in free.ready], free.severe, free.own) == ([world.waiting.pk], 1, 0)
    assert (own.ready, own.severe, own.own) == ((), 0, 2)


def test_what_changed_meanwhile_is_left_and_told(world: World) -> None:
    client = reader(world.people[Role.SUPERVISOR])
    other = sent(world.project, "uuid:other", world.dong_hy)
    seen = shown(client, world)
    Flag.objects.create(inspection=other.inspection, code="gps_far", details={"m": 900})
    Submission.objects.filter(pk=world.waiting.pk).update(review_state=ReviewState.HAS_ISSUES)
    told = client.post(at(world), {"seen": seen, "count": "2"})

    assert told.status_code == 200
    assert "Chưa duyệt: 2" in re.sub(r"<[^>]+>|\s+(?=:)", "", text(told))
    assert (state(world.waiting), state(other)) == ("hasIssues", "received")


def test_it_keeps_to_one_place_or_period_and_to_who_may(world: World) -> None:
    base = f"/du-an/{world.project.pk}"
    supervisor, year = reader(world.people[Role.SUPERVISOR]), local_day().year
    scoped = reader(world.scoped)
    theirs = f"{world.failing.pk} received {world.failing.current_version.instance_id}"  # type: ignore[union-attr]

    assert supervisor.get(f"{base}/duyet-loat").status_code == 422
    assert supervisor.get(f"{base}/duyet-loat?year={year}&period=fy").status_code == 200
    assert "duyet-loat" not in text(supervisor.get(f"{base}/ho-so"))
    assert "duyet-loat" in text(supervisor.get(f"{base}/ho-so?commune={world.dong_hy.uid}"))
    assert reader(world.people[Role.VIEWER]).get(at(world)).status_code == 404
    assert scoped.post(at(world), {"seen": [theirs], "count": "1"}).status_code == 404
    assert state(world.failing) == "received"
