"""The same promises from a real S3 server (rclone's) instead of a folder."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from pytest_django import Settings

from server import blobs
from server.blobs import GRACE, StorageUnavailable
from tests.blobs.s3 import BUCKET, S3, free_port, use_bucket

PHOTO = os.urandom(200_000)


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    server = S3(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bucket(s3: S3, settings: Settings) -> Path:
    use_bucket(settings, s3.port)
    return s3.folder / BUCKET


def test_what_was_put_can_be_read_under_its_hash(bucket: Path) -> None:
    blob = blobs.put(io.BytesIO(PHOTO))

    assert blobs.exists(blob.sha256)
    assert blobs.open_blob(blob.sha256).read() == PHOTO


def test_a_blob_that_is_not_here_is_not_found(bucket: Path) -> None:
    assert not blobs.exists("0" * 64)
    with pytest.raises(FileNotFoundError):
        blobs.open_blob("0" * 64)


def test_twenty_writers_of_the_same_bytes_leave_one_object(bucket: Path) -> None:
    content = os.urandom(50_000)
    blobs.put(io.BytesIO(b"so that the bucket is there"))
    writers = [threading.Thread(target=blobs.put, args=(io.BytesIO(content),)) for _ in range(20)]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    sha256 = blobs.measure(io.BytesIO(content)).sha256
    assert [path.name for path in bucket.rglob(f"{sha256}*")] == [sha256]
    assert blobs.open_blob(sha256).read() == content


def test_processes_that_were_forked_after_a_put_do_not_write_into_each_others_objects(
    bucket: Path,
) -> None:
    blobs.put(io.BytesIO(b"so that a connection is open"))  # which both children inherit
    contents = [[os.urandom(20_000) for _ in range(20)] for _ in range(2)]

    children = [forked(each) for each in contents]

    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    stored = {path.name: path.read_bytes() for path in bucket.rglob("*") if path.is_file()}
    sent = {hashlib.sha256(content).hexdigest(): content for each in contents for content in each}
    assert {name: stored.get(name) for name in sent} == sent


def forked(contents: list[bytes]) -> int:
    """Put some bytes in a child, which ends with 0 when it could; return its process id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        for content in contents:
            blobs.put(io.BytesIO(content))
        status = 0
    finally:
        os._exit(status)  # nothing of the test's may run twice


def test_an_object_cut_short_is_put_again_under_its_own_name(bucket: Path) -> None:
    content = os.urandom(50_000)
    sha256 = blobs.measure(io.BytesIO(content)).sha256
    name = f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
    storages["default"].save(name, ContentFile(content[:1000]))

    blobs.put(io.BytesIO(content))

    assert blobs.open_blob(sha256).read() == content


def test_nobody_reads_the_bucket_without_a_key(bucket: Path, s3: S3) -> None:
    blob = blobs.put(io.BytesIO(PHOTO))
    name = f"{blob.sha256[:2]}/{blob.sha256[2:4]}/{blob.sha256}"

    with pytest.raises(urllib.error.HTTPError, match=r"40[03]"):
        urllib.request.urlopen(f"http://127.0.0.1:{s3.port}/so-xa/{name}")


def test_a_bucket_that_we_make_is_not_opened_to_the_world(bucket: Path) -> None:
    # rclone knows no policies, so that this looks at the wish; the package's default is GET_ONLY.
    assert storages["default"].auto_create_policy is False  # type: ignore[attr-defined]


def test_a_store_that_is_down_is_a_problem_and_not_an_absence(settings: Settings) -> None:
    use_bucket(settings, free_port())

    with pytest.raises(StorageUnavailable):
        blobs.put(io.BytesIO(PHOTO))


def test_a_store_that_goes_down_later_is_a_problem_too(bucket: Path, settings: Settings) -> None:
    blob = blobs.put(io.BytesIO(PHOTO))
    storage = storages["default"]
    storage.client._base_url._url = storage.client._base_url._url._replace(  # type: ignore[attr-defined]
        netloc=f"127.0.0.1:{free_port()}"
    )

    with pytest.raises(StorageUnavailable):
        blobs.exists(blob.sha256)


def test_an_old_object_that_is_put_again_is_young_and_is_not_swept(
    bucket: Path, s3: S3, db: None
) -> None:
    left, again = (blobs.put(io.BytesIO(os.urandom(1000) + word)) for word in (b"1", b"2"))
    old = time.time() - 25 * 3600
    for blob in (left, again):
        os.utime(bucket / blob.sha256[:2] / blob.sha256[2:4] / blob.sha256, (old, old))
    s3.stop()  # it remembers how old its objects are
    s3.start()
    with blobs.open_blob(again.sha256) as file:
        blobs.put(io.BytesIO(file.read()))

    aged = set(blobs.unused_since(GRACE))
    removed = [blobs.remove(blob.sha256, GRACE) for blob in (left, again)]

    assert (left.sha256 in aged, again.sha256 in aged) == (True, False)
    assert removed == [True, False]
    assert (blobs.exists(left.sha256), blobs.exists(again.sha256)) == (False, True)
