"""Locking a period: its figures are frozen, whatever comes after."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from server.errors import Problem
from server.forms.models import Form
from server.inspections import summary
from server.plans import period
from server.plans.models import Period, PeriodCode, Snapshot
from server.plans.period import Name
from server.projects.models import Project, Role, User
from server.submissions.models import ReviewState, Submission
from tests import builders
from tests.api.conftest import Answer, Program
from tests.builders import GOOD, instance
from tests.plans.test_plans import signed_in

H1 = Name(2026, PeriodCode.H1)


@pytest.fixture
def manager(project: Project) -> Program:
    return signed_in(project, Role.MANAGER)


@pytest.fixture
def approved(project: Project) -> Submission:
    builders.form(project)
    builders.commune("05443", "Phan Đình Phùng")
    return approve(builders.send(project, instance({**GOOD, "h/h_commune": "05443"})))


def approve(submission: Submission) -> Submission:
    submission.review_state = ReviewState.APPROVED
    submission.save(update_fields=["review_state"])
    return submission


def address(project: Project, below: str = "") -> str:
    return f"/v1/projects/{project.pk}/periods/2026-h1{below}"


def lock(program: Program, project: Project, reason: str = "") -> Answer:
    body = json.dumps({"reason": reason})
    return program.ask("POST", address(project), data=body, content_type="application/json")


def test_a_locked_period_says_when_and_what_its_figures_hash_to(
    manager: Program, project: Project, approved: Submission
) -> None:
    locked = lock(manager, project)

    frozen = manager.get(address(project, "/snapshots/1"))
    assert (locked.status, locked.json["snapshot"]) == (200, 1)
    assert locked.json["sha256"] == hashlib.sha256(frozen.text.encode()).hexdigest()
    assert frozen.json["forms"][0]["totals"]["inspections"] == 1


def test_nothing_that_happens_afterwards_changes_what_was_frozen(
    manager: Program, project: Project, approved: Submission
) -> None:
    lock(manager, project)
    before = manager.get(address(project, "/snapshots/1"))

    worse = {**GOOD, "h/h_commune": "05443", "a/a3_key_f": "0"}
    old = approved.instance_id
    approve(builders.send(project, instance(worse, instance_id="uuid:sửa", deprecated_id=old)))
    builders.commune("05446", "An Khánh")
    call_command("rederive", "--all", stdout=io.StringIO())

    after = manager.get(address(project, "/snapshots/1"))
    assert (after.text, after.headers["Repr-Digest"]) == (
        before.text,
        before.headers["Repr-Digest"],
    )


def test_what_nobody_has_reviewed_is_not_frozen(
    manager: Program, project: Project, approved: Submission
) -> None:
    answers = {**GOOD, "h/h_commune": "05443", "h/h_date": "2026-05-21"}
    builders.send(project, instance(answers, instance_id="uuid:2"))

    lock(manager, project)

    frozen = manager.get(address(project, "/snapshots/1")).json
    assert frozen["forms"][0]["totals"]["inspections"] == 1


def test_the_same_figures_are_the_same_bytes(project: Project, approved: Submission) -> None:
    lan = User.objects.create(email="l@example.org", display_name="Lan")
    first = period.lock(project.pk, H1, lan)

    second = period.correct(project.pk, H1, lan, "in lại")

    assert (second.number, second.sha256) == (2, first.sha256)


def test_a_period_is_locked_once(manager: Program, project: Project, approved: Submission) -> None:
    lock(manager, project)

    again = lock(manager, project)

    assert (again.status, again.nature) == (409, "period.locked")
    assert Snapshot.objects.count() == 1


def test_who_locks_again_is_told_the_local_time_of_the_first(
    manager: Program, project: Project, approved: Submission
) -> None:
    evening = dt.datetime(2026, 6, 15, 18, 30, tzinfo=dt.UTC)
    Period.objects.create(project=project, year=2026, code="h1", locked_at=evening)

    answer = lock(manager, project)

    assert answer.json["details"]["locked_at"] == "16/06/2026 01:30"
    assert "đã khóa lúc 16/06/2026 01:30." in answer.json["message"]


def test_a_correction_is_a_further_snapshot_with_a_reason(
    manager: Program, project: Project, approved: Submission
) -> None:
    lock(manager, project)
    approved.review_state = ReviewState.REJECTED
    approved.save(update_fields=["review_state"])
    answers = {**GOOD, "h/h_commune": "05443", "a/a5_child": "1"}
    approve(builders.send(project, instance(answers, instance_id="uuid:2")))

    corrected = lock(manager, project, "Xã báo lại số liệu A5.")

    assert corrected.json["snapshot"] == 2
    assert Snapshot.objects.get(number=2).reason == "Xã báo lại số liệu A5."
    texts = [manager.get(address(project, f"/snapshots/{n}")).text for n in (1, 2)]
    assert texts[0] != texts[1]


def test_an_open_period_cannot_be_corrected(
    manager: Program, project: Project, approved: Submission
) -> None:
    assert lock(manager, project, "đính chính").nature == "period.open"


def test_a_period_without_anything_approved_stays_open(manager: Program, project: Project) -> None:
    builders.form(project)

    answer = lock(manager, project)

    assert (answer.status, answer.nature) == (409, "period.empty")
    assert not Period.objects.filter(locked_at__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_lock_at_once_one_succeeds(project: Project, approved: Submission) -> None:
    lan = User.objects.create(email="l@example.org", display_name="Lan")

    def attempt(_: int) -> str:
        try:
            return f"bản {period.lock(project.pk, H1, lan).number}"
        except Problem as problem:
            return problem.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        outcomes = sorted(people.map(attempt, range(4)))

    assert outcomes == ["bản 1", "period.locked", "period.locked", "period.locked"]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.VIEWER])
def test_only_a_manager_locks(project: Project, approved: Submission, role: Role) -> None:
    assert lock(signed_in(project, role), project).status == 404


@pytest.mark.parametrize("name", ["2026-q1", "2026", "26-h1", "2026-H1"])
def test_a_period_that_is_none_is_told(manager: Program, project: Project, name: str) -> None:
    answer = manager.get(f"/v1/projects/{project.pk}/periods/{name}")

    assert (answer.status, answer.nature) == (404, "period.unknown")


def test_a_snapshot_that_is_not_there_is_told(manager: Program, project: Project) -> None:
    assert manager.get(address(project, "/snapshots/1")).nature == "period.snapshot_unknown"


@pytest.mark.parametrize(
    ("code", "in_time", "late"),
    [
        (PeriodCode.H1, dt.date(2026, 6, 9), dt.date(2026, 6, 10)),
        (PeriodCode.FY, dt.date(2026, 11, 9), dt.date(2026, 11, 10)),
    ],
)
def test_a_report_is_due_before_its_day(code: PeriodCode, in_time: dt.date, late: dt.date) -> None:
    due = Period(year=2026, code=code)

    assert not period.is_late(in_time, due)
    assert period.is_late(late, due)


def test_the_day_is_a_setting_and_one_period_may_have_its_own(settings: Settings) -> None:
    settings.DUE_H1 = (6, 20)

    assert period.due_on(Period(year=2026, code="h1")) == dt.date(2026, 6, 20)
    assert period.due_on(Period(year=2026, code="h1", due_on=dt.date(2026, 7, 1))) == dt.date(
        2026, 7, 1
    )


def test_the_command_locks_and_prints_the_hash(project: Project, approved: Submission) -> None:
    User.objects.create(email="lan@example.org", display_name="Lan")
    out = io.StringIO()

    call_command("lock_period", "2026-h1", "lan@example.org", project=project.pk, stdout=out)

    assert Snapshot.objects.get().sha256 in out.getvalue()
    with pytest.raises(CommandError, match="đã khóa"):
        call_command("lock_period", "2026-h1", "lan@example.org", project=project.pk)


@pytest.mark.django_db(transaction=True)
def test_the_figures_are_of_one_moment(
    project: Project, approved: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.form(project, builders.FORM.replace("kt_thu", "kt_tre"))
    answers = {**GOOD, "h/h_commune": "05443"}
    later = builders.send(project, instance(answers, form_id="kt_tre", instance_id="uuid:2"))
    boss = User.objects.create(email="b@example.org", display_name="Hoa")
    take = summary.summarise

    def approving(form: Form, **asked: Any) -> summary.Summary:
        """Take one form's figures; meanwhile somebody approves what belongs to the next."""
        found = take(form, **asked)
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(_approve_elsewhere, later.pk).result()
        return found

    monkeypatch.setattr(summary, "summarise", approving)
    made = period.lock(project.pk, H1, boss)

    assert Submission.objects.get(pk=later.pk).review_state == ReviewState.APPROVED
    frozen = json.loads(bytes(made.content))["forms"]
    assert [form["totals"]["inspections"] for form in frozen] == [1, 0]
    assert made.period.locked_at is not None
    assert made.made_at <= made.period.locked_at


def _approve_elsewhere(pk: int) -> None:
    try:
        approve(Submission.objects.get(pk=pk))
    finally:
        connection.close()
