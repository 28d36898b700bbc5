"""What is owed is paid, by whoever comes first, and one bad submission holds up nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import DataError, OperationalError, connection, connections, transaction
from django.utils import timezone

from server.forms.models import FormVersion
from server.inspections import derive, sweep, tasks
from server.inspections.derive import Outcome
from server.inspections.models import Finding, Inspection
from server.projects.models import Project
from server.submissions.models import Submission, SubmissionVersion
from tests import builders
from tests.builders import GOOD

SECRET = "Nguyễn Thị A, xóm 3"


def arrive(project: Project, number: int) -> int:
    answers = {**GOOD, "h/h_unit_type": SECRET}
    xml = builders.instance(answers, instance_id=f"uuid:{number}")
    return builders.arrive(project, xml).submission_id


def poison(submission_id: int) -> None:
    """Make a submission that nobody can read, as a bug of ours would."""
    SubmissionVersion.objects.filter(submission=submission_id).update(xml=b"<a>" + SECRET.encode())


def owed() -> set[int]:
    return set(Submission.objects.owed().values_list("pk", flat=True))


@contextmanager
def database_that(refuse: Callable[[str], Exception | None]) -> Iterator[None]:
    """Answer statements with an error where `refuse` gives one, as a database in trouble does."""

    def run(execute, sql, params, many, context):  # type: ignore[no-untyped-def] # Django's own
        error = refuse(f"{sql} {params}")
        if error is not None:
            raise error
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        yield


def gone_at_the_end(sql: str) -> Exception | None:
    """Go away once everything is written but for what settles the debt."""
    return OperationalError("gone") if 'UPDATE "submissions_submission"' in sql else None


def test_an_arrival_is_owed_until_its_meaning_stands(project: Project, form: FormVersion) -> None:
    submission = arrive(project, 1)
    assert owed() == {submission}

    derive.attempt(submission)

    assert owed() == set()
    assert Inspection.objects.count() == 1


def test_a_failing_database_costs_no_arrival(
    project: Project, form: FormVersion, caplog: pytest.LogCaptureFixture
) -> None:
    submission = arrive(project, 1)

    with database_that(gone_at_the_end):
        derive.attempt(submission)

    assert owed() == {submission}
    assert not Inspection.objects.exists()  # nothing half-written
    assert Submission.objects.get().derive_attempts == 0  # no fault of the submission
    assert "meaning not derived yet: OperationalError" in caplog.text


def test_the_worker_pays_what_arrivals_could_not(project: Project, form: FormVersion) -> None:
    submissions = {arrive(project, number) for number in range(3)}
    assert owed() == submissions

    tasks.pay_debts()

    assert owed() == set()
    assert Inspection.objects.count() == 3
    assert sweep.pay_debts() == Outcome()


def test_one_that_cannot_be_understood_waits_after_three_attempts(
    project: Project, form: FormVersion
) -> None:
    bad, good = arrive(project, 1), arrive(project, 2)
    poison(bad)

    outcomes = [sweep.pay_debts() for _ in range(4)]

    assert [(outcome.derived, outcome.failed) for outcome in outcomes] == [
        (1, 1), (0, 1), (0, 1), (0, 0),
    ]  # fmt: skip
    waiting = Submission.objects.get(pk=bad)
    assert (waiting.derive_attempts, waiting.derive_failure) == (3, "xml.malformed")
    assert owed() == {bad}
    assert Inspection.objects.get().submission_id == good


def test_one_that_the_database_refuses_does_not_hold_up_its_batch(
    project: Project, form: FormVersion
) -> None:
    bad, good = arrive(project, 1), arrive(project, 2)
    SubmissionVersion.objects.filter(submission=bad).update(
        xml=builders.instance({"h/h_gps": "1 2 0 3.25"})
    )

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE inspections_inspection ADD CHECK (accuracy_m <> 3.25)")

    outcome = sweep.pay_debts()

    assert (outcome.derived, outcome.failed) == (1, 1)
    assert owed() == {bad}
    assert Submission.objects.get(pk=bad).derive_failure == "IntegrityError"
    assert Inspection.objects.get().submission_id == good


def test_logs_name_the_submission_and_the_place_but_no_answer(
    project: Project, form: FormVersion, caplog: pytest.LogCaptureFixture
) -> None:
    poisoned, refused = arrive(project, 1), arrive(project, 2)
    poison(poisoned)

    derive.attempt(poisoned)
    with database_that(lambda sql: DataError(SECRET) if "inspections_flag" in sql else None):
        derive.attempt(refused)

    assert f"submission {poisoned} cannot be understood: xml.malformed" in caplog.text
    assert f"submission {refused} cannot be derived: DataError" in caplog.text
    assert "server/inspections/derive.py:" in caplog.text
    assert SECRET not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


def test_a_mended_one_is_derived_on_request_and_owes_no_more(
    project: Project, form: FormVersion
) -> None:
    bad = arrive(project, 1)
    xml = SubmissionVersion.objects.get().xml
    poison(bad)
    for _ in range(3):
        sweep.pay_debts()
    SubmissionVersion.objects.update(xml=xml)

    outcomes = list(sweep.rederive(sweep.submissions_to_rederive(None, None)))

    assert outcomes == [Outcome(derived=1, changed=1)]
    assert Submission.objects.get().derive_attempts == 0
    assert owed() == set()


def test_what_stands_outlives_a_failure_to_compute_it_again(
    project: Project, form: FormVersion
) -> None:
    submission = arrive(project, 1)
    derive.attempt(submission)
    poison(submission)

    assert derive.derive([submission]) == Outcome(failed=1)

    assert Inspection.objects.count() == 1
    assert owed() == {submission}


@pytest.mark.django_db(transaction=True)
def test_a_worker_passes_over_what_another_has_in_hand() -> None:
    project = builders.project()
    builders.form(project)
    held, free = arrive(project, 1), arrive(project, 2)
    is_held, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Submission.objects.select_for_update().get(pk=held)
            is_held.set()
            may_go.wait(10)
        connections.close_all()

    other = threading.Thread(target=hold)
    other.start()
    is_held.wait(10)

    outcome = sweep.pay_debts()
    may_go.set()
    other.join()

    assert outcome == Outcome(derived=1, changed=1)
    assert owed() == {held}
    assert Inspection.objects.get().submission_id == free


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_arrivals_at_once_derive_everything_once() -> None:
    project = builders.project()
    builders.form(project)
    waiting = [arrive(project, number) for number in range(30)]
    outcomes: list[Outcome] = []

    def work() -> None:
        outcomes.append(sweep.pay_debts())
        connections.close_all()

    def receive() -> None:
        for number in range(100, 110):
            derive.attempt(arrive(project, number))
        connections.close_all()

    threads = [threading.Thread(target=act) for act in (work, work, receive)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweep.pay_debts()

    assert owed() == set()
    assert Inspection.objects.count() == len(waiting) + 10
    assert Finding.objects.count() == 3 * Inspection.objects.count()
    assert sum(outcome.failed for outcome in outcomes) == 0


@pytest.mark.django_db(transaction=True)
def test_an_edit_that_lands_while_we_wait_for_its_lock_is_what_we_derive() -> None:
    project = builders.project()
    builders.form(project)
    submission = builders.send(project, builders.instance({**GOOD, "a/a5_child": "1"}))
    is_held = threading.Event()

    def edit() -> None:
        with transaction.atomic():
            row = Submission.objects.select_for_update().get(pk=submission.pk)
            old = row.current_version
            assert old is not None
            old.pk, old.instance_id, old.xml = None, "uuid:2", builders.instance(GOOD)
            old.save(force_insert=True)
            row.current_version, row.derive_owed_at = old, timezone.now()
            row.save()
            is_held.set()
            threading.Event().wait(0.3)  # so that the other really waits for this lock
        connections.close_all()

    editor = threading.Thread(target=edit)
    editor.start()
    is_held.wait(10)
    derive.derive([submission.pk])
    editor.join()

    assert Inspection.objects.get().result == "dat"
