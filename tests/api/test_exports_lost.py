"""Archives of records whose files the store has lost."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.storage import storages
from pytest_django import Settings

from server.listing import name_of
from server.submissions.models import SubmissionAttachment
from tests.api.test_export_jobs import PHOTO, Script, sent
from tests.api.test_export_jobs import script as script
from tests.submissions.test_fsck import use_folder


@pytest.fixture(autouse=True)
def _own_store(settings: Settings, tmp_path: Path) -> None:
    # The store of all tests has these photos too, and nobody else's may be spoilt.
    use_folder(settings, tmp_path / "files")


@pytest.mark.parametrize(
    ("format", "name"), [("central_csv", "media/1.jpg"), ("media", "Xã Đồng Hỷ/")]
)
def test_one_lost_photo_does_not_cost_the_others(script: Script, format: str, name: str) -> None:
    sent(script.project, 3, PHOTO + b"3")
    sent(script.project, 4, PHOTO + b"4")
    state = {} if format == "central_csv" else {"state": "all"}
    lost, spoilt, _ = SubmissionAttachment.objects.order_by("pk")
    storages["default"].delete(name_of(lost.sha256))
    Path(storages["default"].path(name_of(spoilt.sha256))).write_bytes(PHOTO + b"x")

    number = script.made(format, filters=state)

    assert script.look(number)["state"] == "ready"
    with zipfile.ZipFile(io.BytesIO(script.content(number).content)) as archive:
        said = archive.read("TEP-THIEU.txt").decode("utf-8-sig").splitlines()[3:]
        assert sum(member.endswith(".jpg") for member in archive.namelist()) == 2
    assert [line.split("\t")[1:] for line in said] in (
        [[lost.sha256, "không còn"], [spoilt.sha256, "sai nội dung"]],
        [[spoilt.sha256, "sai nội dung"], [lost.sha256, "không còn"]],
    )
    assert any(line.startswith(name) for line in said)


def test_no_name_of_a_file_is_one_that_a_double_click_runs(script: Script) -> None:
    SubmissionAttachment.objects.update(name="anh.EXE")

    with zipfile.ZipFile(io.BytesIO(script.content(script.made("media")).content)) as archive:
        (name,) = archive.namelist()

    assert name == "Xã Đồng Hỷ/2026-05-20/000002 anh.EXE_"
