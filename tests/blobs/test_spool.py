"""While the object store is down, blobs wait on the local disk; phones notice nothing."""

from __future__ import annotations

import io
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from server import blobs
from server.blobs import StorageUnavailable
from tests.blobs.s3 import BUCKET, S3, use_bucket

PHOTO = os.urandom(200_000)


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    server = S3(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _spool(s3: S3, settings: Settings, tmp_path: Path) -> Iterator[None]:
    use_bucket(settings, s3.port)
    settings.STORAGES = {
        **settings.STORAGES,
        "spool": {
            "BACKEND": "server.folder.Spool",
            "OPTIONS": {"location": str(tmp_path / "spool"), "most_bytes": 500_000},
        },
        "cache": {
            "BACKEND": "server.folder.DurableFolder",
            "OPTIONS": {"location": str(tmp_path / "cache")},
        },
    }
    blobs._Away.since = blobs._Away.NEVER  # whatever an earlier test saw
    settings.MINIO_AWAY_S = 0  # here it comes back sooner than in a minute
    yield
    if s3.process is None:
        s3.start()


def put(content: bytes) -> str:
    return blobs.put(io.BytesIO(content)).sha256


def waiting(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "spool").glob("*") if path.is_file())


def in_store(s3: S3, sha256: str) -> bytes:
    return (s3.folder / BUCKET / sha256[:2] / sha256[2:4] / sha256).read_bytes()


def test_with_the_store_up_nothing_waits(s3: S3, tmp_path: Path) -> None:
    sha256 = put(PHOTO)

    assert waiting(tmp_path) == []
    assert in_store(s3, sha256) == PHOTO


def test_while_the_store_is_down_a_blob_waits_and_can_be_read(s3: S3, tmp_path: Path) -> None:
    s3.stop()

    sha256 = put(PHOTO)

    assert waiting(tmp_path) == [sha256]
    assert blobs.exists(sha256)
    assert blobs.open_blob(sha256).read() == PHOTO
    assert stat.S_IMODE((tmp_path / "spool" / sha256).stat().st_mode) == 0o600


def test_the_sweep_moves_what_waits_once_the_store_is_back(s3: S3, tmp_path: Path) -> None:
    s3.stop()
    content = os.urandom(50_000)
    sha256 = put(content)
    with pytest.raises(StorageUnavailable):
        blobs.move_spooled()
    s3.start()

    moved = blobs.move_spooled()

    assert moved == 1
    assert waiting(tmp_path) == []
    assert in_store(s3, sha256) == content
    assert blobs.open_blob(sha256).read() == content


def test_a_server_that_starts_while_the_store_is_down_takes_blobs_too(
    s3: S3, settings: Settings, tmp_path: Path
) -> None:
    s3.stop()
    use_bucket(settings, s3.port)  # as in a new process: the store was never seen

    sha256 = put(os.urandom(1000))

    assert waiting(tmp_path) == [sha256]


def test_a_store_that_is_away_is_not_asked_for_each_file(
    s3: S3, tmp_path: Path, settings: Settings
) -> None:
    s3.stop()
    put(os.urandom(1000))
    settings.MINIO_AWAY_S = 60
    s3.start()

    sha256 = put(os.urandom(1000))

    assert sha256 in waiting(tmp_path)


def test_a_store_that_never_answers_is_waited_for_once_and_by_one_alone(
    s3: S3, tmp_path: Path, settings: Settings
) -> None:
    settings.MINIO_TIMEOUT_S = settings.MINIO_AWAY_S = 1
    use_bucket(settings, s3.port)  # as in a new process
    s3.hang()
    started = time.monotonic()
    put(os.urandom(1000))
    first_s = time.monotonic() - started
    time.sleep(1.0)  # so that it is time to ask again

    started = time.monotonic()
    asking = threading.Thread(target=put, args=(os.urandom(1000),))
    asking.start()
    time.sleep(0.1)
    put(os.urandom(1000))
    second_s = time.monotonic() - started
    asking.join()
    s3.go_on()

    assert 1.0 <= first_s < 2.0  # of two questions, the first goes without an answer
    assert second_s < 0.9
    assert len(waiting(tmp_path)) == 3


def test_a_full_spool_takes_nothing_more(s3: S3, tmp_path: Path) -> None:
    s3.stop()
    put(PHOTO)
    put(PHOTO + b"1")

    with pytest.raises(StorageUnavailable):
        put(PHOTO + b"2")

    assert len(waiting(tmp_path)) == 2


def test_what_phones_download_is_served_while_the_store_is_down(s3: S3) -> None:
    sha256 = put(b"a form's picture")
    blobs.open_cached(sha256).close()
    s3.stop()

    assert blobs.open_cached(sha256).read() == b"a form's picture"


def test_a_missing_blob_is_in_no_cache_either() -> None:
    with pytest.raises(FileNotFoundError):
        blobs.open_cached("0" * 64)
