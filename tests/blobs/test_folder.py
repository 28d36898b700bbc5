"""The local folder: a name in place has all its bytes, whatever was killed and whenever."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.core.files.storage import storages
from pytest_django import Settings

from server import blobs
from server import folder as folders
from server.blobs import StorageFull
from tests.blobs.full_disk import FullAfter

PHOTO = os.urandom(200_000)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    root = tmp_path / "files"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "server.folder.DurableFolder", "OPTIONS": {"location": str(root)}},
    }
    return root


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_put_can_be_read_under_its_hash(folder: Path) -> None:
    blob = blobs.put(io.BytesIO(PHOTO))

    assert blobs.exists(blob.sha256)
    assert blobs.open_blob(blob.sha256).read() == PHOTO
    assert blob.size == len(PHOTO)


def test_the_same_bytes_twice_are_one_file(folder: Path) -> None:
    blobs.put(io.BytesIO(PHOTO))

    blobs.put(io.BytesIO(PHOTO))

    assert len(stored(folder)) == 1


def test_no_bytes_are_bytes_too(folder: Path) -> None:
    blob = blobs.put(io.BytesIO(b""))

    assert blobs.open_blob(blob.sha256).read() == b""


def test_a_blob_that_is_not_here_is_not_found(folder: Path) -> None:
    assert not blobs.exists("0" * 64)
    with pytest.raises(FileNotFoundError):
        blobs.open_blob("0" * 64)


def test_nobody_else_can_read_files_or_folders(folder: Path) -> None:
    blobs.put(io.BytesIO(PHOTO))

    modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (folder, *folder.rglob("*"))}
    assert modes == {0}


def test_a_file_cut_short_by_something_else_is_written_again(folder: Path) -> None:
    blob = blobs.put(io.BytesIO(PHOTO))
    os.truncate(stored(folder)[0], 1000)

    blobs.put(io.BytesIO(PHOTO))

    assert blobs.open_blob(blob.sha256).read() == PHOTO


def test_twenty_writers_of_the_same_bytes_leave_one_whole_file(folder: Path) -> None:
    writers = [threading.Thread(target=blobs.put, args=(io.BytesIO(PHOTO),)) for _ in range(20)]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [path.read_bytes() for path in stored(folder)] == [PHOTO]


def test_a_full_disk_is_a_problem_and_leaves_nothing(folder: Path) -> None:
    with pytest.raises(StorageFull):
        blobs.put(FullAfter(PHOTO, 100_000))

    assert stored(folder) == []


def test_a_kill_at_any_line_leaves_no_name_without_all_its_bytes(folder: Path) -> None:
    blobs.put(io.BytesIO(b"so that every folder but the photo's is there"))
    survived = 0

    for line in range(1, 1000):
        content = PHOTO[:70_000] + line.to_bytes(4)  # two chunks
        if put_and_die_at(line, content):
            survived = line
            break
        named = [path for path in stored(folder) if path.parent.name != "partial"]
        assert all(blobs.measure(path.open("rb")).sha256 == path.name for path in named)
        blob = blobs.put(io.BytesIO(content))
        assert blobs.open_blob(blob.sha256).read() == content

    assert survived > 40


def test_each_file_and_each_entry_that_leads_to_it_is_flushed_before_a_put_returns(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        flushed.append("file" if path.is_file() else str(path.relative_to(folder)))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    sha256 = hashlib.sha256(PHOTO).hexdigest()
    above, inner = sha256[:2], f"{sha256[:2]}/{sha256[2:4]}"

    blobs.put(io.BytesIO(PHOTO))
    first, flushed[:] = list(flushed), []
    (folder / inner / sha256).unlink()
    blobs.put(io.BytesIO(PHOTO))
    second, flushed[:] = list(flushed), []
    blobs.put(io.BytesIO(PHOTO))
    third, flushed[:] = list(flushed), []
    storages["default"]._settled.clear()  # type: ignore[attr-defined]  # as another process
    blobs.put(io.BytesIO(PHOTO))

    assert first == ["file", inner, above, "."]
    assert second == ["file", inner]
    assert third == [inner]  # whoever put it there may not have come so far
    assert flushed == [inner, above, "."]


def test_a_folder_that_was_taken_away_is_made_anew(folder: Path) -> None:
    blob = blobs.put(io.BytesIO(PHOTO))
    shutil.rmtree(folder)

    blobs.put(io.BytesIO(PHOTO))

    assert blobs.open_blob(blob.sha256).read() == PHOTO


def test_what_a_kill_left_half_written_is_removed_a_day_later(
    folder: Path, settings: Settings
) -> None:
    partials = folder / "partial"
    partials.mkdir(parents=True)
    old, young = partials / "old", partials / "young"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * 86_400,) * 2)

    blobs.put(io.BytesIO(PHOTO))

    assert [path.name for path in partials.iterdir()] == ["young"]


def put_and_die_at(line: int, content: bytes) -> bool:
    """Put in a process of its own that is killed at the n-th line of the two modules it runs.

    Tells whether it finished before that.
    """
    child = os.fork()
    if child == 0:
        sys.settrace(killer(line))
        blobs.put(io.BytesIO(content))
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def killer(line: int) -> Any:
    """Return a trace function (its type is the interpreter's own) that kills this process."""
    left = line

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in (blobs.__file__, folders.__file__):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), 9)
        return trace

    return trace
