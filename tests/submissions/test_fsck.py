"""`fsck` finds what is missing, wrong or nobody's, in a folder and in a bucket."""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from server import blobs
from server.forms.models import FormAttachment, FormVersion
from server.listing import name_of
from server.projects.models import Project
from server.submissions import named
from server.submissions.models import SubmissionAttachment, SubmissionVersion
from tests.blobs.s3 import BUCKET, S3, free_port, use_bucket
from tests.submissions.builders import filled, photo, send


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    server = S3(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, s3: S3) -> None:
    """Keep blobs in a folder, then in a bucket of a real server."""
    if request.param == "bucket":
        use_bucket(settings, s3.port)
        settings.MINIO_STORAGE_MEDIA_BUCKET_NAME = f"b{os.urandom(8).hex()}"
    else:
        use_folder(settings, tmp_path / "files")


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    return use_folder(settings, tmp_path / "files")


def use_folder(settings: Settings, path: Path) -> Path:
    place = {"BACKEND": "server.folder.DurableFolder", "OPTIONS": {"location": str(path)}}
    settings.STORAGES = {**settings.STORAGES, "default": place}
    return path


def beside_it(settings: Settings, tmp_path: Path) -> None:
    """Put a cache and a spool beside the store, as the settings do with an object store."""
    cache = {"location": str(tmp_path / "cache")}
    spool = {"location": str(tmp_path / "spool"), "most_bytes": 10**9}
    settings.STORAGES = {
        **settings.STORAGES,
        "cache": {"BACKEND": "server.folder.DurableFolder", "OPTIONS": cache},
        "spool": {"BACKEND": "server.folder.Spool", "OPTIONS": spool},
    }


def a_visit(project: Project, *contents: bytes) -> list[str]:
    """Send a visit with photos; return their SHA-256."""
    files = [photo(f"{number}.jpg", content) for number, content in enumerate(contents)]
    send(project, filled(body="<photo>0.jpg</photo>"), *files)
    return [blobs.measure(io.BytesIO(content)).sha256 for content in contents]


def overwrite(name: str, content: bytes) -> None:
    storages["default"].overwrite(name, ContentFile(content))  # type: ignore[attr-defined]


def run(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[dict[str, object]]]:
    """Return the exit status and what was found."""
    status = 0
    try:
        call_command("fsck", "--json", *options)
    except CommandError as error:
        status = error.returncode
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def kinds(found: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return sorted((one["kind"], one["place"], one["name"], one["model"]) for one in found)


ATTACHMENT = "submissions.SubmissionAttachment"


def test_where_all_is_well_it_finds_nothing(
    store: None, project: Project, visit: FormVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    FormVersion.objects.update(md5=hashlib.md5(visit.xform).hexdigest())
    a_visit(project, b"one", b"two")

    assert run(capsys) == (0, [])


def test_it_finds_what_is_missing_wrong_cut_short_and_of_a_strange_name(
    store: None, project: Project, visit: FormVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, wrong, cut, whole = a_visit(project, b"lost", b"wrong bytes", b"cut short", b"whole")
    storages["default"].delete(name_of(lost))
    overwrite(name_of(wrong), b"other bytes")  # of the same length, as two processes once wrote
    overwrite(name_of(cut), b"cut")
    overwrite("notes.txt", b"of somebody")
    overwrite(f"{whole[:2]}/readme", b"of somebody")

    status, found = run(capsys, "--quick")
    everything = run(capsys)

    assert (status, kinds(found)) == (1, kinds([f for f in everything[1] if f["name"] != wrong]))
    assert everything[0] == 1
    assert (
        kinds(everything[1])
        == sorted(
            [
                ("missing", "default", lost, ATTACHMENT),
                ("row", "", "0" * 32, "forms.FormVersion"),  # the builder's md5 is none
                ("strange", "default", "notes.txt", ""),
                ("strange", "default", f"{whole[:2]}/readme", ""),
                ("wrong", "default", wrong, ATTACHMENT),
                ("wrong", "default", cut, ATTACHMENT),
            ]
        )
    )


def test_files_of_forms_quarantine_and_drafts_are_looked_for_too(
    folder: Path, project: Project, visit: FormVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    FormAttachment.objects.create(form_version=visit, name="a", kind="image", sha256="a" * 64)
    FormVersion.objects.update(workbook_sha256="b" * 64)
    with pytest.raises(Exception, match="elsewhere"):
        send(project, filled(form_id="elsewhere"), photo("1.jpg", b"in quarantine"))
    held = blobs.measure(io.BytesIO(b"in quarantine")).sha256
    (folder / name_of(held)).unlink()

    _, found = run(capsys)

    assert [(one["name"], one["model"]) for one in found if one["kind"] == "missing"] == sorted(
        [
            ("a" * 64, "forms.FormAttachment"),
            ("b" * 64, "forms.FormVersion"),
            (held, "submissions.Quarantined"),
        ]
    )


def test_what_nobody_names_goes_only_when_it_is_asked_for_and_old(
    folder: Path, db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    old, young = (blobs.put(io.BytesIO(content)).sha256 for content in (b"old", b"young"))
    day_ago = time.time() - 25 * 3600
    os.utime(folder / name_of(old), (day_ago, day_ago))

    found = run(capsys, "--repair")
    is_left = blobs.exists(old)
    run(capsys, "--orphans")

    assert (found[0], kinds(found[1])) == (0, [("orphan", "default", old, "")])
    assert is_left
    assert (blobs.exists(old), blobs.exists(young)) == (False, True)


def test_a_right_copy_elsewhere_takes_the_place_of_a_wrong_and_of_a_lost_one(
    store: None,
    project: Project,
    visit: FormVersion,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    FormVersion.objects.update(md5=hashlib.md5(visit.xform).hexdigest())
    wrong, lost, hopeless = a_visit(project, b"wrong bytes", b"lost", b"hopeless")
    beside_it(settings, tmp_path)
    for sha256 in (wrong, lost):
        blobs.open_cached(sha256).close()
    overwrite(name_of(wrong), b"other bytes")
    storages["default"].delete(name_of(lost))
    overwrite(name_of(hopeless), b"helpless")

    status, found = run(capsys, "--repair")

    mended = {one["name"]: one["is_mended"] for one in found}
    assert (status, mended) == (1, {wrong: True, lost: True, hopeless: False})
    assert storages["default"].open(name_of(wrong)).read() == b"wrong bytes"
    assert blobs.open_blob(lost).read() == b"lost"
    assert blobs.open_blob(hopeless).read() == b"helpless"  # all that is left of it


def test_a_wrong_copy_in_the_cache_is_fetched_anew(
    folder: Path,
    project: Project,
    visit: FormVersion,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (sha256,) = a_visit(project, b"a list of communes")
    beside_it(settings, tmp_path)
    blobs.open_cached(sha256).close()
    (tmp_path / "cache" / name_of(sha256)).write_bytes(b"a list of commune5")

    _, found = run(capsys, "--repair")

    assert ("wrong", "cache", sha256, ATTACHMENT) in kinds(found)
    assert blobs.open_cached(sha256).read() == b"a list of communes"


def test_what_waits_in_the_spool_is_neither_missing_nor_nobodys(
    folder: Path,
    project: Project,
    visit: FormVersion,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (sha256,) = a_visit(project, b"waits")
    beside_it(settings, tmp_path)
    (tmp_path / "spool").mkdir()
    (folder / name_of(sha256)).rename(tmp_path / "spool" / sha256)

    assert [one for one in run(capsys)[1] if one["kind"] != "row"] == []


def test_a_row_whose_content_was_changed_is_found(
    folder: Path, project: Project, visit: FormVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    a_visit(project, b"one")
    version = SubmissionVersion.objects.get()
    SubmissionVersion.objects.update(xml=bytes(version.xml).replace(b"0.jpg", b"1.jpg"))

    status, found = run(capsys)

    assert status == 1
    assert ("row", "", version.xml_sha256, "submissions.SubmissionVersion") in kinds(found)


def test_a_store_that_does_not_answer_is_not_an_empty_one(
    db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    use_bucket(settings, free_port())

    assert run(capsys) == (2, [])


def test_an_object_that_cannot_be_read_hides_no_other(
    project: Project,
    visit: FormVersion,
    settings: Settings,
    s3: S3,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_bucket(settings, s3.port)
    broken, lost = a_visit(project, b"broken", b"lost")
    storages["default"].delete(name_of(lost))
    (s3.folder / BUCKET / name_of(broken)).unlink()  # behind the server's back, which lists it

    status, found = run(capsys, "--repair")

    assert status == 1
    assert [one for one in kinds(found) if one[0] != "row"] == [
        ("missing", "default", lost, ATTACHMENT),
        ("unreadable", "default", broken, ATTACHMENT),
    ]


def test_it_asks_for_rows_as_often_whatever_their_number(
    folder: Path, project: Project, visit: FormVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    a_visit(project, b"one")
    with CaptureQueriesContext(connection) as few:
        run(capsys)
    attachment = SubmissionAttachment.objects.get()
    for content in range(10):
        attachment.pk, attachment.sha256 = None, blobs.put(io.BytesIO(b"%d" % content)).sha256
        attachment.save()

    with CaptureQueriesContext(connection) as many:
        run(capsys)

    assert len(few) == len(many)


def test_each_column_named_for_a_sha256_is_known_to_name_a_blob_or_not() -> None:
    # A new one of either kind stands here, and one that names no blob in named.NO_BLOBS.
    assert {f"{model._meta.label}.{column}" for model, column in named.columns()} == {
        "forms.Draft.workbook_sha256",
        "forms.DraftAttachment.sha256",
        "forms.FormAttachment.sha256",
        "forms.FormVersion.workbook_sha256",
        "reports.Export.sha256",
        "submissions.SubmissionAttachment.sha256",
        "submissions.Thumbnails.large_sha256",
        "submissions.Thumbnails.small_sha256",
    }
    assert {(label, column) for label, _, column, _ in named.HELD if "sha256" in column} == {
        tuple(name.rsplit(".", 1)) for name in named.NO_BLOBS
    } - {
        ("communes.Coverage", "file_sha256"),
        ("forms.RuleVersion", "sha256"),
        ("projects.RecoveryCode", "code_sha256"),
    }
