"""What arrives on the day that a period is due, or after it, is late."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from server.inspections.models import Flag
from server.plans import tasks
from server.plans.models import Period
from server.projects.models import Project
from server.submissions.models import Submission
from tests import builders
from tests.builders import GOOD


@pytest.fixture
def world(db: None) -> Project:
    project = builders.project()
    builders.form(project)
    return project


def late(project: Project, received: str, due: dt.date | None = None) -> Any:
    """Return the details of `late` of an inspection of h1 2026, None where it is not late."""
    submission = builders.send(project, builders.instance(GOOD))
    Submission.objects.update(created_at=dt.datetime.fromisoformat(received))
    if due:
        Period.objects.create(project=project, year=2026, code="h1", due_on=due)
    tasks.look_around()
    rows = Flag.objects.filter(inspection__submission=submission, code="late")
    return rows.values_list("details", flat=True).first()


def test_the_day_before_is_in_time(world: Project) -> None:
    assert late(world, "2026-06-09T23:59:59+07:00") is None


def test_the_day_itself_is_late(world: Project) -> None:
    assert late(world, "2026-06-10T00:00:00+07:00") == {
        "received_on": "2026-06-10",
        "due_on": "2026-06-10",
    }


def test_a_period_may_be_due_on_another_day(world: Project) -> None:
    assert late(world, "2026-06-10T00:00:00+07:00", dt.date(2026, 6, 15)) is None
