"""Flags of comparing stay true when one of several changes, and every debt is paid."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from server.communes.models import AdminUnit
from server.inspections import look, review, sweep
from server.inspections.flags import RaisedFlag
from server.inspections.models import Flag, Inspection, Visit
from server.inspections.neighbours import SAME_PHOTO
from server.inspections.problems import FlagsOpen
from server.projects.models import Project, Role
from server.submissions.models import ReviewState, Submission
from server.submissions.review import Judgement
from tests import builders
from tests.inspections.visits import FORM, compared, copied, flags, trip, visit
from tests.photos import picture

# What changes at one changes at its neighbours.


def too_fast(project: Project, communes: list[AdminUnit]) -> tuple[Submission, Submission]:
    one = visit(project, "uuid:1", communes[0], trip("08:00", "09:00", 0))
    other = visit(project, "uuid:2", communes[1], trip("09:10", "10:00", 0.2))
    compared()
    return one, other


def test_an_edit_takes_the_flag_from_the_neighbour(
    project: Project, communes: list[AdminUnit]
) -> None:
    one, other = too_fast(project, communes)

    visit(project, "uuid:3", communes[1], trip("10:00", "11:00", 0.2), follows="uuid:2")
    compared()

    assert flags(one) == flags(other) == {}


def test_a_rejection_takes_it_too_and_taking_that_back_gives_it_again(
    project: Project, communes: list[AdminUnit]
) -> None:
    one, other = too_fast(project, communes)
    hoa = builders.member(project, "hoa@example.org", Role.SUPERVISOR)

    review.decide(other, Judgement(ReviewState.REJECTED, hoa, "Không có thật."))
    sweep.pay_debts()
    compared()
    rejected = flags(one), set(flags(other))
    review.decide(other, Judgement(ReviewState.HAS_ISSUES, hoa, "Xem lại."))
    sweep.pay_debts()
    compared()

    # What is rejected keeps its own, so that nobody approves it by way of a rejection.
    assert rejected == ({}, {"impossible_speed"})
    assert set(flags(one)) == {"impossible_speed"}


def test_what_cannot_be_read_any_more_takes_its_part_with_it(
    project: Project, communes: list[AdminUnit]
) -> None:
    one, other = too_fast(project, communes)

    Inspection.objects.filter(submission=other).delete()  # as `derive` does of an encrypted edit
    Submission.objects.filter(pk=other.pk).update(look_owed_at=timezone.now())
    compared()

    assert flags(one) == {}
    assert set(Visit.objects.values_list("pk", flat=True)) == {one.pk}


# Debts


def test_computing_again_gives_the_same_flags(project: Project, communes: list[AdminUnit]) -> None:
    too_fast(project, communes)
    visit(project, "uuid:3", communes[2], copied(but=0), photo=picture())
    visit(project, "uuid:4", communes[3], copied(but=1), photo=picture(quality=50))
    compared()
    before = list(Flag.objects.order_by("pk").values_list("pk", "code", "details"))

    list(sweep.rederive(Submission.objects.all()))
    again = compared()

    assert again == look.Looked(submissions=4, flags=0)
    assert list(Flag.objects.order_by("pk").values_list("pk", "code", "details")) == before


def test_an_edit_with_answers_of_its_own_frees_the_one_it_was_like(
    project: Project, communes: list[AdminUnit]
) -> None:
    one = visit(project, "uuid:1", communes[0], copied(but=0))
    visit(project, "uuid:2", communes[1], copied(but=0))
    compared()
    before = set(flags(one))

    visit(project, "uuid:3", communes[1], follows="uuid:2")
    compared()

    assert before == {"duplicate_visit"}
    assert flags(one) == {}


def test_one_that_cannot_be_compared_keeps_nobody_from_approving_another(
    project: Project, communes: list[AdminUnit]
) -> None:
    bad, good = (visit(project, f"uuid:{n}", communes[n]) for n in (1, 2))
    Inspection.objects.filter(submission=bad).update(answers=[])  # as a bug of ours would
    hoa = builders.member(project, "hoa@example.org", Role.SUPERVISOR)

    approved = review.decide(good, Judgement(ReviewState.APPROVED, hoa))

    assert approved.review_state == ReviewState.APPROVED


def test_an_approval_before_the_worker_came_meets_the_flag(
    project: Project, communes: list[AdminUnit]
) -> None:
    visit(project, "uuid:1", communes[0], trip("08:00", "09:00", 0))
    other = visit(project, "uuid:2", communes[1], trip("09:10", "10:00", 0.2))
    hoa = builders.member(project, "hoa@example.org", Role.SUPERVISOR)

    with pytest.raises(FlagsOpen, match="impossible_speed"):
        review.decide(other, Judgement(ReviewState.APPROVED, hoa))

    assert Submission.objects.owed_a_look().count() == 2  # for what the worker adds


def test_a_photo_read_later_is_compared_then(project: Project, communes: list[AdminUnit]) -> None:
    one = visit(project, "uuid:1", communes[0], photo=picture())
    visit(project, "uuid:2", communes[1], photo=picture(quality=50))
    hoa = builders.member(project, "hoa@example.org", Role.SUPERVISOR)
    review.decide(one, Judgement(ReviewState.APPROVED, hoa))  # reads the photo of this one only
    before = flags(one)

    compared()

    assert before == {}
    assert set(flags(one)) == {"same_photo"}


def test_an_approval_leaves_what_is_late_late(project: Project, communes: list[AdminUnit]) -> None:
    one = visit(project, "uuid:1", communes[0], {"h/h_year": "2025"})  # due a year ago
    compared()
    Submission.objects.update(look_owed_at=timezone.now())
    hoa = builders.member(project, "hoa@example.org", Role.SUPERVISOR)

    review.decide(one, Judgement(ReviewState.APPROVED, hoa))

    assert Flag.objects.filter(inspection__submission=one, code="late").exists()


def test_what_comes_to_be_owed_meanwhile_is_still_owed(
    project: Project, communes: list[AdminUnit]
) -> None:
    one = visit(project, "uuid:1", communes[0])

    def meanwhile(_: Sequence[Visit]) -> Mapping[int, RaisedFlag]:
        Submission.objects.filter(pk=one.pk).update(look_owed_at=timezone.now())
        return {}

    look.pay_debts(meanwhile)

    assert list(Submission.objects.owed_a_look()) == [one]


def test_one_that_cannot_be_compared_holds_up_nobody(
    project: Project, communes: list[AdminUnit]
) -> None:
    bad, good = (visit(project, f"uuid:{n}", communes[n]) for n in (1, 2))

    def stumble(visits: Sequence[Visit]) -> Mapping[int, RaisedFlag]:
        return {} if bad.pk not in {visit.pk for visit in visits} else {-1: RaisedFlag("late")}

    looked = look.pay_debts(stumble)

    bad.refresh_from_db()
    assert looked == look.Looked(submissions=1, failed=1)
    assert bad.look_attempts == 1
    assert list(Submission.objects.owed_a_look()) == [bad]
    assert Visit.objects.get().pk == good.pk


def test_comparing_more_asks_the_database_no_oftener(
    project: Project, communes: list[AdminUnit]
) -> None:
    def send(numbers: range) -> None:
        for number in numbers:
            visit(project, f"uuid:{number}", communes[number % 4], copied(but=0))

    send(range(2))
    compared()
    send(range(2, 3))
    with CaptureQueriesContext(connection) as few:
        compared()
    send(range(3, 12))

    with CaptureQueriesContext(connection) as many:
        compared()

    assert len(many) == len(few)


@pytest.mark.django_db
def test_photos_are_looked_up_by_key_also_where_nothing_is_known_of_the_tables() -> None:
    # As on a new server that gets hundreds of inspections at once: two hundred took minutes.
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {SAME_PHOTO}", [[1, 2]])
        plan = [line for (line,) in cursor.fetchall()]

    assert [line for line in plan if "Index Cond: (submission_id = " in line]
    assert [line for line in plan if "Cond:" in line and "project_id" in line] == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_flag_both_sides() -> None:
    project = builders.project()
    builders.form(project, FORM)
    communes = [builders.commune(f"0550{number}", f"Xã số {number}") for number in range(4)]
    sent = [
        visit(project, f"uuid:{n}", communes[n], trip(f"0{8 + n}:00", f"0{8 + n}:59", n * 0.2))
        for n in range(2)
    ]

    def work(pk: int) -> None:
        look.look([pk], lambda _: {})
        connections.close_all()

    threads = [threading.Thread(target=work, args=[submission.pk]) for submission in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [set(flags(submission)) for submission in sent] == [{"impossible_speed"}] * 2
    assert not Submission.objects.owed_a_look().exists()
