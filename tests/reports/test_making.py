"""Exports whose makers are killed, are slow, or lose the store: in the end there is one right file.

A maker stands still where the tests want it: it waits for a table that they hold locked.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import signal
import threading
import zipfile
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from server import blobs
from server.projects.audit import Actor
from server.projects.models import AuditEntry, Membership, Role
from server.reports import jobs, leases, making, verified
from server.reports.export_kinds import Written
from server.reports.jobs import Wanted
from server.reports.models import Export, ExportState, Profile
from server.reports.problems import ExportWrong
from server.submissions.models import Submission, SubmissionAttachment
from tests import builders, photos
from tests.blobs.s3 import S3, use_bucket
from tests.builders import GOOD, instance, send
from tests.embedded.processes import wait_until
from tests.locks import waiting

pytestmark = pytest.mark.django_db(transaction=True)

PHOTO, B = photos.picture(1), photos.picture(2)
FILES = SubmissionAttachment._meta.db_table  # read when the tables are written already


@pytest.fixture
def membership(transactional_db: None) -> Membership:
    project = builders.project()
    builders.form(project)
    user = builders.member(project, role=Role.MANAGER)
    send(project, instance(GOOD, photos=["a.jpg"]), {"a.jpg": PHOTO})
    return Membership.objects.get(user=user)


def asked(membership: Membership, format: str = "central_csv") -> Export:
    options = {
        "splits_multiples": False,
        "has_group_paths": True,
        "has_deleted_fields": False,
        "has_attachments": True,
    }
    what = {"selection": {"form_id": "kt_thu"}, "options": options}
    wanted = Wanted(format, Profile.FULL, what, "Kiểm thử")
    return jobs.ask(membership, wanted, Actor.person(membership.user))


@contextmanager
def held(table: str) -> Iterator[None]:
    """Let whoever reads a table wait meanwhile."""
    to = connection.settings_dict
    with psycopg.connect(
        host=to["HOST"], dbname=to["NAME"], user=to["USER"], password=to["PASSWORD"]
    ) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield


def wait_until_somebody_waits(many: int = 1) -> None:
    wait_until(lambda: waiting() >= many)


def beside(work: Callable[[], object]) -> threading.Thread:
    """Begin something in a thread with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def forked() -> int:
    """Begin to make in a process of its own; return its id."""
    connection.close()  # nobody shares one
    child = os.fork()
    if child:
        return child
    try:
        making.make_next()
    finally:
        os._exit(1)  # nothing of the test's may run twice


def silent_for_long() -> None:
    """Let the last sign of life be as old as it would be after a while."""
    past = timezone.now() - dt.timedelta(hours=1)
    Export.objects.filter(state=ExportState.RUNNING).update(heartbeat_at=past)


def due() -> None:
    Export.objects.filter(state=ExportState.QUEUED).update(owed_at=timezone.now())


def content(export: Export) -> dict[str, bytes]:
    export.refresh_from_db()
    with blobs.open_blob(export.sha256) as file:
        stored = file.read()
    assert len(stored) == export.size
    with zipfile.ZipFile(io.BytesIO(stored)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_worker_that_is_killed_leaves_one_right_file(membership: Membership) -> None:
    export = asked(membership)
    with held(FILES):
        child = forked()
        wait_until_somebody_waits()
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    export.refresh_from_db()
    state, is_taken_at_once = export.state, making.make_next()

    silent_for_long()
    making.make_next()

    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    assert (state, is_taken_at_once) == (ExportState.RUNNING, False)
    assert content(export)["media/a.jpg"] == PHOTO
    assert (export.state, export.attempts) == (ExportState.READY, 2)
    assert taken_away() == 1


def test_a_worker_that_hangs_ends_so_that_another_begins_anew(
    membership: Membership, settings: Settings
) -> None:
    export = asked(membership)
    with held(FILES):
        settings.EXPORT_STALE_S = 0.5
        child = forked()
        os.waitpid(child, 0)  # which would not return while we hold what it waits for
        settings.EXPORT_STALE_S = 60
    silent_for_long()

    making.make_next()

    assert content(export)["media/a.jpg"] == PHOTO
    assert (export.state, export.attempts, taken_away()) == (ExportState.READY, 2, 1)


def taken_away() -> int:
    return AuditEntry.objects.filter(action="form.submission.export").count()


def test_a_maker_that_was_only_slow_changes_nothing_of_what_another_made(
    membership: Membership,
) -> None:
    export = asked(membership)
    with held(FILES):
        slow = beside(making.make_next)
        wait_until_somebody_waits()
        silent_for_long()
        quick = beside(making.make_next)
        wait_until_somebody_waits(2)
    slow.join()
    quick.join()

    assert content(export)["media/a.jpg"] == PHOTO
    assert (export.state, export.attempts) == (ExportState.READY, 2)
    assert taken_away() == 1


def test_what_was_broken_off_lets_those_that_nobody_has_begun_go_first(
    membership: Membership,
) -> None:
    broken_off = asked(membership)
    assert leases.take() is not None
    silent_for_long()
    fresh = asked(membership, "people_csv")

    taken = [lease.export.pk for lease in (leases.take(), leases.take()) if lease]

    assert taken == [fresh.pk, broken_off.pk]


def test_what_ends_every_maker_is_given_up(membership: Membership) -> None:
    export = asked(membership)
    for _ in range(3):
        assert leases.take() is not None
        silent_for_long()

    is_owed = making.make_next()

    export.refresh_from_db()
    assert (is_owed, export.state, export.failure) == (
        False,
        ExportState.FAILED,
        "export.abandoned",
    )


def test_a_store_that_stops_in_the_midst_costs_time_and_no_file(
    membership: Membership, settings: Settings, tmp_path: Path
) -> None:
    s3 = S3(tmp_path)
    s3.start()
    use_bucket(settings, s3.port)
    settings.MINIO_TIMEOUT_S = 1
    send(membership.project, instance(GOOD, instance_id="uuid:2", photos=["b.jpg"]), {"b.jpg": B})
    Submission.objects.filter(instance_id="uuid:1").update(deleted_at=timezone.now())
    export = asked(membership)
    try:
        with held(FILES):
            maker = beside(making.make_next)
            wait_until_somebody_waits()
            s3.stop()
        maker.join()
        export.refresh_from_db()
        state, later = export.state, export.owed_at - timezone.now()
        s3.start()
        due()
        making.make_next()

        assert (state, later > dt.timedelta(seconds=30)) == (ExportState.QUEUED, True)
        assert content(export)["media/b.jpg"] == B
        assert (export.state, export.attempts, taken_away()) == (ExportState.READY, 1, 1)
    finally:
        s3.stop()


def test_a_file_that_does_not_agree_with_the_records_is_given_to_nobody(
    membership: Membership,
) -> None:
    # A repeat's row too many for what was read: as a writer that lost one would leave it.
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("kt_thu.csv", "KEY\nuuid:1\n")
        archive.writestr("kt_thu-z_photo.csv", "KEY\n")
    written = Written({"kt_thu-z_photo.csv": 1}, "kt_thu.csv", verified.csv_zip)
    keys = array("q", Submission.objects.values_list("pk", flat=True))

    with pytest.raises(ExportWrong) as wrong:
        making.agreed(written, out, keys)

    assert wrong.value.details == {"what": "kt_thu-z_photo.csv"}
