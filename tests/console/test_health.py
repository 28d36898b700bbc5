"""Tình trạng hệ thống: what is wrong stands first, with what to do; for managers alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings as live
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from server import stores, timetable
from server.console import health, health_words
from server.projects.models import AppUser, Role
from server.reports.health import look
from server.stores import STORE
from server.submissions.models import Submission
from server.upkeep import care, runs
from server.upkeep.models import Act, Care, Ran
from tests.blobs.s3 import free_port, use_bucket
from tests.console.conftest import reader, text
from tests.console.world import World


def level(world: World, code: str) -> str:
    """Return how one thing stands."""
    found = look(world.project.pk)
    return next(
        f"{one.level} {one.case}".strip()
        for group in found.groups.values()
        for one in group
        if one.code == code
    )


def all_well() -> None:
    """Let everything be as on a server that somebody takes care of."""
    for entry in live.CELERY_BEAT_SCHEDULE.values():
        queue = entry["options"].get("queue", "celery")
        runs.ended(entry["task"], queue, 0.1)
    care.record(Act.BACKUP, size=1_500_000_000)
    care.record(Act.RESTORE_TEST)
    care.record(Act.FILE_CHECK, size=1)


@pytest.fixture(autouse=True)
def _room(settings: Settings) -> None:
    settings.MIN_FREE_BYTES = 0  # the disk of whoever runs the tests is none of their business


def test_a_server_nobody_cares_for_says_so_first_with_what_to_do(world: World) -> None:
    page = text(reader(world.people[Role.MANAGER]).get(f"/du-an/{world.project.pk}/tinh-trang"))

    to_do, _, rest = page.partition("Việc chạy nền")
    assert "Có việc phải xử lý" in to_do
    assert "Chưa có bản sao lưu nào được ghi nhận" in to_do
    assert "manage.py backed_up" in to_do
    assert "Bộ xử lý nền" in to_do
    assert "Đã nâng cấp đủ" in rest
    assert str(live.FILES_DIR) not in page
    assert str(live.DATABASES["default"]["HOST"]) not in page


@pytest.mark.parametrize(
    ("hours", "expected"), [(1, "good"), (25, "good"), (27, "watch"), (71, "watch"), (73, "bad")]
)
def test_a_backup_grows_old(world: World, hours: int, expected: str) -> None:
    care.record(Act.BACKUP, at=timezone.now() - dt.timedelta(hours=hours), size=5)

    assert level(world, "backup") == expected


def test_a_restore_that_failed_is_worse_than_none(world: World) -> None:
    assert level(world, "restore") == "watch never"

    care.record(Act.RESTORE_TEST, is_good=False)
    assert level(world, "restore") == "bad failed"

    Care.objects.update(is_good=True)
    assert level(world, "restore") == "good"

    Care.objects.update(done_at=timezone.now() - dt.timedelta(days=181))
    assert level(world, "restore") == "watch"


def test_a_worker_that_falls_silent_is_missed(world: World) -> None:
    assert level(world, "worker") == "bad never"

    all_well()
    assert (level(world, "worker"), level(world, "maker")) == ("good", "good")
    assert level(world, "tasks") == "good"

    Ran.objects.filter(queue="celery").update(
        ended_at=timezone.now() - dt.timedelta(seconds=live.SWEEP_S, minutes=16)
    )
    assert (level(world, "worker"), level(world, "maker")) == ("bad", "good")
    assert level(world, "tasks") == "watch"


@pytest.mark.parametrize(("minutes", "expected"), [(1, "good"), (6, "watch"), (61, "bad")])
def test_what_is_owed_for_long_is_told(world: World, minutes: int, expected: str) -> None:
    since = timezone.now() - dt.timedelta(minutes=minutes)
    Submission.objects.filter(pk=world.waiting.pk).update(derive_owed_at=since)

    assert level(world, "derive") == expected


def test_a_store_that_is_away_is_told_and_leaves_nothing_behind(
    world: World, settings: Settings
) -> None:
    before = sorted(one.name for one in stores.listed(STORE, ""))

    assert level(world, "store") == "good"
    assert sorted(one.name for one in stores.listed(STORE, "")) == before

    use_bucket(settings, free_port())

    assert level(world, "store") == "bad"


def test_a_disk_that_is_nearly_full_is_told(world: World, settings: Settings) -> None:
    settings.MIN_FREE_BYTES = 10**18

    assert level(world, "disk") == "bad"


def test_a_migration_that_did_not_run_is_told(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'upkeep'")

    assert level(world, "migrations") == "bad"


def test_it_asks_as_often_with_many_devices_and_tasks_as_with_few(world: World) -> None:
    look(world.project.pk)
    with CaptureQueriesContext(connection) as few:
        look(world.project.pk)
    all_well()
    AppUser.objects.bulk_create(
        AppUser(
            project=world.project,
            display_name=f"Máy {number}",
            token_sha256=f"{number:064}",
            client="org.odk.collect.android/v2025.4.0",
            last_seen_at=timezone.now(),
        )
        for number in range(30)
    )
    with CaptureQueriesContext(connection) as many:
        found = look(world.project.pk)

    assert len(many) == len(few)
    assert ("v2025.4.0", 30) in found.collect
    assert level(world, "collect") == "watch"


def test_every_task_of_the_clock_has_its_words() -> None:
    tasks = timetable.timetable(30, has_spool=True).values()

    assert {entry["task"] for entry in tasks} == set(health_words.TASKS)


@pytest.mark.parametrize(
    ("size", "told"),
    [(0, "0 byte"), (999, "999 byte"), (1_500, "1,5 kB"), (69_600_000_000, "69,6 GB")],
)
def test_sizes_are_written_as_people_read_them(size: int, told: str) -> None:
    assert health.sized(size) == told
