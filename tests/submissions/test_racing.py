"""Many posts at the same moment, from phones and impatient proxies (openrosa.md SB29, ED03)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.db import connection, transaction

from server.errors import Problem
from server.forms import drafts
from server.forms.models import Form
from server.forms.publish import locked_form
from server.projects.models import Project
from server.submissions.intake import Receipt
from server.submissions.models import (
    Quarantined,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from tests import locks
from tests.submissions.builders import filled, photo, publish, send


@pytest.fixture
def project(transactional_db: None) -> Project:
    project = Project.objects.create(name="Bình đẳng giới")
    publish(project)
    return project


Post = Callable[[], Receipt]


def all_at_once(posts: Sequence[Post]) -> list[Receipt | Problem]:
    """Run every post in a thread with a connection of its own; return what each was told."""
    answers: list[Receipt | Problem] = []
    start = threading.Barrier(len(posts))

    def run(post: Post) -> None:
        connection.ensure_connection()
        start.wait()
        try:
            answers.append(post())
        except Problem as problem:
            answers.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(post,)) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_twenty_identical_posts_are_one_submission_and_all_are_told_so(project: Project) -> None:
    xml = filled(body="<photo>1.jpg</photo>")

    answers = all_at_once([lambda: send(project, xml, photo("1.jpg"))] * 20)

    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    assert len(receipts) == 20
    assert len({receipt.submission_id for receipt in receipts}) == 1
    assert sum(receipt.is_new for receipt in receipts) == 1
    assert SubmissionVersion.objects.count() == 1
    assert SubmissionAttachment.objects.count() == 1


def test_ten_posts_of_one_split_arrive_in_any_order(project: Project) -> None:
    names = [f"{number}.jpg" for number in range(10)]
    xml = filled(body="".join(f"<photos><more>{name}</more></photos>" for name in names))

    # Each brings two files, in either order: writers that wait for each other must not deadlock.
    answers = all_at_once(
        [partial(send, project, xml, photo(name), photo(names[0])) for name in names]
        + [partial(send, project, xml, photo(names[0]), photo(name)) for name in names]
    )

    assert all(isinstance(answer, Receipt) for answer in answers)
    assert SubmissionAttachment.objects.count() == 10


def test_two_contents_under_one_id_at_once_keep_one_and_quarantine_the_other(
    project: Project,
) -> None:
    contents = [filled(body=f"<head>{name}</head>") for name in ("Lan", "Mai")]

    answers = all_at_once([partial(send, project, content) for content in contents * 5])

    told = [a.code if isinstance(a, Problem) else "received" for a in answers]
    assert sorted(set(told)) == ["received", "submission.conflict"]
    assert told.count("received") == 5
    kept = {bytes(SubmissionVersion.objects.get().xml), bytes(Quarantined.objects.get().xml)}
    assert kept == set(contents)


def test_of_two_edits_of_one_version_at_once_one_wins(project: Project) -> None:
    send(project, filled("uuid:a"))
    edits = [filled(f"uuid:{name}", deprecated_id="uuid:a") for name in "bcdefgh"]

    answers = all_at_once([partial(send, project, edit) for edit in edits])

    told = sorted(a.code if isinstance(a, Problem) else "received" for a in answers)
    assert told == ["received"] + ["submission.edit_outdated"] * 6
    assert SubmissionVersion.objects.count() == 2


def test_identical_edits_at_once_are_one_version_and_all_are_told_so(project: Project) -> None:
    send(project, filled("uuid:a"))
    edit = filled("uuid:b", deprecated_id="uuid:a")

    answers = all_at_once([lambda: send(project, edit)] * 10)

    assert all(isinstance(answer, Receipt) for answer in answers)
    assert SubmissionVersion.objects.count() == 2


def test_instances_without_id_at_once_are_one_submission(project: Project) -> None:
    answers = all_at_once([lambda: send(project, filled(""))] * 10)

    assert all(isinstance(answer, Receipt) for answer in answers)
    assert Submission.objects.count() == 1


def test_who_sends_does_not_wait_for_who_publishes(project: Project) -> None:
    # By then a program that sends holds the audit log, which who publishes is about to write: each
    # would wait for the other.
    form = Form.objects.get()

    def arrive() -> None:
        try:
            send(project, filled())
        finally:
            connection.close()

    sender = threading.Thread(target=arrive)
    with transaction.atomic():
        drafts.locked(project.pk, form.form_id)
        locked_form(project, form.form_id)
        sender.start()
        while sender.is_alive() and not locks.waiting():
            pass
        has_arrived = not sender.is_alive()
    sender.join()

    assert has_arrived
    assert Submission.objects.count() == 1
