"""When the database, the object store or the room on the disk is gone (issue 3, section 3)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings

from server.projects.models import Project
from server.submissions import tasks
from server.submissions.models import Submission
from tests.blobs.s3 import BUCKET, S3, use_bucket
from tests.device import Device, Outgoing
from tests.embedded import processes
from tests.sync.published import filled, publish

PHOTO = Outgoing("1.jpg", b"\xff\xd8photo" * 1000)
WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own, and the folder of its database."""

    url: str
    var: Path

    def stop_database(self) -> None:
        """Stop PostgreSQL, and keep its keeper from starting it again."""
        processes.keeper(self.var).send_signal(signal.SIGSTOP)
        postmaster = processes.postmaster(self.var)
        postmaster.send_signal(signal.SIGQUIT)
        # Its keeper does not wait for it now, so that what is left of it is a zombie.
        processes.wait_until(lambda: not (self.var / "pg/data/postmaster.pid").exists())

    def start_database(self) -> None:
        """Let the keeper go on."""
        processes.keeper(self.var).send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    var = tmp_path_factory.mktemp("outage")
    environ = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sync.outage_server"],
        env={**environ, "VAR_DIR": str(var)},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it complains of the outage
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url
    yield Served(url, var)
    process.kill()
    process.wait()
    process.stdout.close()


def test_without_its_database_a_phone_is_told_so_in_time_and_recovery_is_by_itself(
    served: Served,
) -> None:
    phone = Device(served.url)
    before = phone.give(filled("uuid:1", photo="1.jpg"), PHOTO)

    served.stop_database()
    started = time.monotonic()
    refused = [
        phone.give(filled("uuid:2", photo="1.jpg"), PHOTO),
        phone.fetch("formList"),
        phone.fetch("submission", method="HEAD"),
    ]
    took = time.monotonic() - started
    served.start_database()
    processes.wait_until(lambda: phone.fetch("formList").status == 200)
    after = phone.give(filled("uuid:2", photo="1.jpg"), PHOTO)
    phone.close()

    assert (before.status, after.status) == (201, 201)
    assert [answer.status for answer in refused] == [503, 503, 503]
    assert refused[0].nature == "server.unavailable"
    assert "Phiếu vẫn còn trên máy" in refused[0].message
    assert refused[0].headers["retry-after"] == "60"
    assert took < WITHIN_S  # for all three


@pytest.fixture
def s3(tmp_path: Path, settings: Settings) -> Iterator[S3]:
    server = S3(tmp_path / "s3")
    server.folder.mkdir()
    server.start()
    use_bucket(settings, server.port)
    settings.STORAGES = {
        **settings.STORAGES,
        "spool": {
            "BACKEND": "server.folder.Spool",
            "OPTIONS": {"location": str(tmp_path / "spool"), "most_bytes": 1_000_000},
        },
        "cache": {
            "BACKEND": "server.folder.DurableFolder",
            "OPTIONS": {"location": str(tmp_path / "cache")},
        },
    }
    settings.MINIO_AWAY_S = 0  # here it comes back sooner than in a minute
    yield server
    server.stop()


def objects(s3: S3) -> int:
    return sum(path.is_file() for path in (s3.folder / BUCKET).rglob("*"))


def test_without_the_object_store_a_phone_gets_its_201_and_the_photo_follows(
    device: Device, project: Project, s3: S3, tmp_path: Path
) -> None:
    publish(project)
    s3.stop()

    answer = device.give(filled(photo="1.jpg"), PHOTO)

    assert (answer.status, answer.message) == (201, "Đã nhận đủ phiếu.")
    tasks.move_spooled()  # in vain, and without a noise
    assert len(list((tmp_path / "spool").glob("?*"))) == 2  # the photo, and the folder for writing
    s3.start()
    tasks.move_spooled()
    assert objects(s3) == 1
    assert [path.name for path in (tmp_path / "spool").glob("?*")] == ["partial"]


def test_without_the_object_store_forms_are_downloaded_all_the_same(
    device: Device, project: Project, s3: S3
) -> None:
    publish(project, files={"anh.png": b"\x89PNG"})
    device.match_exactly()
    s3.stop()

    other = Device(device.server_url)
    other.match_exactly()
    other.close()

    (held,) = other.held.values()
    assert held.files == {"anh.png": b"\x89PNG"}


def test_when_the_spool_is_full_too_nothing_is_accepted(
    device: Device, project: Project, s3: S3
) -> None:
    publish(project)
    s3.stop()

    answer = device.give(filled(photo="1.jpg"), Outgoing("1.jpg", b"x" * 1_000_001))

    assert (answer.status, answer.nature) == (503, "storage.unavailable")
    assert Submission.objects.count() == 0


def test_without_room_on_the_disk_nothing_is_accepted(
    device: Device, project: Project, settings: Settings
) -> None:
    publish(project)
    settings.MIN_FREE_BYTES = 10**18

    asked = device.fetch("submission", method="HEAD")
    answer = device.give(filled(photo="1.jpg"), PHOTO)

    assert asked.status == 507
    assert (answer.status, answer.nature) == (507, "storage.full")
    assert Submission.objects.count() == 0


@pytest.fixture
def tiny_disk(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    folder = tmp_path / "uploads"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("only root can make a small disk")
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    settings.MIN_FREE_BYTES = 0
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_while_a_post_is_read_is_507(
    device: Device, project: Project, tiny_disk: Path
) -> None:
    publish(project)

    answer = device.give(filled(photo="1.jpg"), Outgoing("1.jpg", b"x" * 1_100_000))

    assert (answer.status, answer.nature) == (507, "storage.full")
    assert Submission.objects.count() == 0
    assert device.give(filled()).status == 201  # nothing of it is left on the disk
