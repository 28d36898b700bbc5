"""What operators did for the data is recorded as it was, and nothing that was not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from server.celery import app
from server.upkeep import care, runs
from server.upkeep.models import Act, Care
from tests.submissions.test_fsck import use_folder

pytestmark = pytest.mark.django_db


def test_a_backup_is_as_large_as_its_files(tmp_path: Path) -> None:
    dump, files = tmp_path / "so-xa.dump", tmp_path / "so-xa-files.tar.gz"
    dump.write_bytes(b"d" * 700)
    files.write_bytes(b"f" * 300)

    call_command("backed_up", dump, files, at="2026-01-02T02:00+07:00")

    found = care.latest(Act.BACKUP)
    assert found is not None
    assert found.size == 1000
    assert found.done_at == dt.datetime(2026, 1, 1, 19, tzinfo=dt.UTC)


def test_a_moment_without_a_zone_is_of_the_clock_on_the_wall() -> None:
    found = care.moment("2026-11-30T02:00")

    assert found == dt.datetime(2026, 11, 29, 19, tzinfo=dt.UTC)


def test_an_empty_or_missing_backup_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.dump"
    empty.touch()

    with pytest.raises(CommandError, match="không có byte nào"):
        call_command("backed_up", empty)
    with pytest.raises(CommandError, match="Không đọc được tệp sao lưu «none"):
        call_command("backed_up", tmp_path / "none.dump")
    with pytest.raises(CommandError, match="không có byte nào"):
        call_command("backed_up")
    with pytest.raises(CommandError, match="không có byte nào"):
        call_command("backed_up", size=-5)
    with pytest.raises(CommandError, match="Kiểm tra --size"):
        call_command("backed_up", size=2**63)
    assert not Care.objects.exists()


@pytest.mark.parametrize("at", ["hôm qua", "2026-02-31", "2999-01-01T00:00"])
def test_a_moment_that_is_none_or_still_to_come_is_refused(at: str) -> None:
    with pytest.raises(CommandError, match="không đọc được hoặc chưa đến"):
        call_command("restore_tested", at=at)
    assert not Care.objects.exists()


def test_the_latest_is_by_when_it_was_done_not_by_when_it_was_told() -> None:
    now = timezone.now()
    care.record(Act.RESTORE_TEST, at=now - dt.timedelta(days=1), is_good=True)
    care.record(Act.RESTORE_TEST, at=now - dt.timedelta(days=9), is_good=False)

    found = care.latest(Act.RESTORE_TEST)

    assert found is not None
    assert found.is_good


def test_a_check_of_all_files_is_told_and_a_quick_look_is_not(
    settings: Settings, tmp_path: Path
) -> None:
    use_folder(settings, tmp_path / "files")
    call_command("fsck", quick=True)
    assert care.latest(Act.FILE_CHECK) is None

    call_command("fsck")

    found = care.latest(Act.FILE_CHECK)
    assert found is not None
    assert found.is_good


def test_a_task_tells_how_it_ended_by_its_class_alone() -> None:
    task = app.task(name="tests.ends", bind=False)(_end)

    task.apply((False,))
    well = runs.last()["tests.ends"]
    task.apply((True,))
    badly = runs.last()["tests.ends"]

    assert (well.failure, well.succeeded_at) == ("", well.ended_at)
    assert (badly.failure, badly.succeeded_at) == ("RuntimeError", well.ended_at)
    assert badly.ended_at > well.ended_at


def _end(badly: bool) -> None:
    if badly:
        raise RuntimeError("chị Lan, 0912 345 678")
