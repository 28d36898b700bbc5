"""A copied `instances` folder goes through the same door as a post."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from server import blobs
from server.inspections.models import Inspection
from server.projects import accounts
from server.projects.models import AppUser, Project
from server.submissions import bundle
from server.submissions.models import Quarantined, Submission, SubmissionAttachment
from tests.sync.published import filled, publish

VISIT = "Hộ gia đình_2026-05-20_10-11-12"


@pytest.fixture
def project(db: None) -> Project:
    project = accounts.create_project("Bình đẳng giới")
    publish(project)
    return project


@pytest.fixture
def lan(project: Project) -> AppUser:
    return accounts.create_app_user(project, "Chị Lan").app_user


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return two filled-in forms as they lie on a phone."""
    root = tmp_path / "instances"
    write(root / VISIT / f"{VISIT}.xml", filled("uuid:1", photo="1.jpg"))
    write(root / VISIT / "1.jpg", b"photo")
    write(root / "khac" / "khac.xml", filled("uuid:2", photo="2.jpg", other="3.jpg"))
    write(root / "khac" / "2.jpg", b"other photo")
    return root


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def imported(source: Path, app_user: AppUser) -> list[dict[str, Any]]:
    """Run the command; return its receipts, also where some were refused."""
    out = io.StringIO()
    try:
        call_command("import_instances", source, app_user=app_user.pk, as_json=True, stdout=out)
    except CommandError as error:
        assert "không nhận được" in str(error)
    receipts: list[dict[str, Any]] = json.loads(out.getvalue())
    return receipts


def codes(receipts: list[dict[str, Any]]) -> dict[str, str]:
    return {receipt["folder"]: receipt["code"] or receipt["outcome"] for receipt in receipts}


def attachments() -> dict[str, bytes]:
    return {a.name: blobs.open_blob(a.sha256).read() for a in SubmissionAttachment.objects.all()}


def test_each_form_is_taken_with_its_files_and_derived(copied: Path, lan: AppUser) -> None:
    receipts = imported(copied, lan)

    assert [(r["folder"], r["outcome"], r["instance_id"], r["missing"]) for r in receipts] == [
        (VISIT, "new", "uuid:1", []),
        ("khac", "new", "uuid:2", ["3.jpg"]),
    ]
    assert attachments() == {"1.jpg": b"photo", "2.jpg": b"other photo"}
    assert Inspection.objects.count() == 2
    first = Submission.objects.get(instance_id="uuid:1").current_version
    assert first is not None
    assert (first.app_user, first.user_agent) == (lan, "import_instances")


def test_a_second_run_adds_nothing(copied: Path, lan: AppUser) -> None:
    imported(copied, lan)

    again = imported(copied, lan)

    assert [receipt["outcome"] for receipt in again] == ["known", "known"]
    assert (Submission.objects.count(), SubmissionAttachment.objects.count()) == (2, 2)


def test_a_zip_of_the_folder_is_the_same(copied: Path, lan: AppUser, tmp_path: Path) -> None:
    members = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in copied.rglob("*")
        if path.is_file()
    }

    receipts = imported(zipped(tmp_path / "a.zip", members), lan)

    assert codes(receipts) == {f"instances/{VISIT}": "new", "instances/khac": "new"}
    assert attachments() == {"1.jpg": b"photo", "2.jpg": b"other photo"}


def test_a_person_gets_a_table(copied: Path, lan: AppUser) -> None:
    out = io.StringIO()

    call_command("import_instances", copied, app_user=lan.pk, stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[0] == f"mới         {VISIT}  uuid:1"
    assert lines[1] == "mới         khac  uuid:2 · còn thiếu 1 tệp"
    assert lines[2] == "2 phiếu: mới 2, đã có 0, không nhận 0."


def test_one_that_is_refused_does_not_hold_up_the_others(copied: Path, lan: AppUser) -> None:
    write(copied / "a" / "a.xml", filled("uuid:3", form_id="elsewhere"))
    write(copied / "b" / "b.xml", b"<data")
    write(copied / "c" / "c.jpg", b"a photo whose form is gone")

    receipts = imported(copied, lan)

    assert codes(receipts) == {
        VISIT: "new",
        "a": "submission.form_unknown",
        "b": "xml.malformed",
        "c": "bundle.xml_missing",
        "khac": "new",
    }
    assert Quarantined.objects.get().instance_id == "uuid:3"


def test_the_xml_that_collect_names_for_the_folder_is_the_form(
    lan: AppUser, tmp_path: Path
) -> None:
    root = tmp_path / "instances"
    write(root / "a" / "a.xml", filled("uuid:1", photo="extra.xml"))
    write(root / "a" / "extra.xml", b"<kml/>")
    write(root / "b" / "c.xml", filled("uuid:2"))
    write(root / "d" / "e.xml", filled("uuid:3"))
    write(root / "d" / "f.xml", filled("uuid:4"))

    receipts = imported(root, lan)

    assert codes(receipts) == {"a": "new", "b": "new", "d": "bundle.xml_ambiguous"}
    assert attachments() == {"extra.xml": b"<kml/>"}


def test_of_an_encrypted_form_only_what_is_encrypted_is_kept(lan: AppUser, tmp_path: Path) -> None:
    manifest = (
        b'<data xmlns="http://www.opendatakit.org/xforms/encrypted" id="household" version="1"'
        b' encrypted="yes"><base64EncryptedKey>AA==</base64EncryptedKey>'
        b'<meta xmlns="http://openrosa.org/xforms"><instanceID>uuid:e</instanceID></meta>'
        b"<encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>"
    )
    folder = tmp_path / "instances" / "a"
    write(folder / "submission.xml", manifest)
    write(folder / "submission.xml.enc", b"\x00\x01")
    write(folder / "a.xml", filled("uuid:plain"))

    receipts = imported(folder.parent, lan)

    assert [(r["outcome"], r["instance_id"]) for r in receipts] == [("new", "uuid:e")]
    assert attachments() == {"submission.xml.enc": b"\x00\x01"}


def test_names_that_point_elsewhere_stay_names(lan: AppUser, tmp_path: Path) -> None:
    outside = tmp_path / "evil.jpg"
    members = {
        "../../a/a.xml": filled("uuid:1", photo="evil.jpg"),
        "../../a/evil.jpg": b"x",
        "/etc/cron.d/b/b.xml": filled("uuid:2"),
        "C:\\c/C:\\c.xml": filled("uuid:3", photo="..\\..\\evil.jpg"),
        "C:\\c/..\\..\\evil.jpg": b"y",
    }
    before = set(tmp_path.rglob("*"))

    receipts = imported(zipped(tmp_path / "a.zip", members), lan)

    assert [receipt["outcome"] for receipt in receipts] == ["new"] * 3
    assert attachments() == {"evil.jpg": b"x", "..\\..\\evil.jpg": b"y"}
    assert set(tmp_path.rglob("*")) == before | {tmp_path / "a.zip"}
    assert not outside.exists()


def test_a_link_or_a_pipe_is_no_file(copied: Path, lan: AppUser, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"SECRET_KEY")
    (copied / "khac" / "3.jpg").symlink_to(secret)
    (copied / "duong dan").symlink_to(copied / "khac")
    os.mkfifo(copied / "khac" / "pipe")

    receipts = imported(copied, lan)

    assert [receipt["missing"] for receipt in receipts] == [[], ["3.jpg"]]
    assert b"SECRET_KEY" not in attachments().values()


def test_what_android_and_macos_leave_behind_is_nobodys_answer(copied: Path, lan: AppUser) -> None:
    write(copied / ".nomedia", b"")
    write(copied / VISIT / ".thumbnails", b"x")
    write(copied / VISIT / f"{VISIT}.xml.save", filled("uuid:half"))
    write(copied / "__MACOSX" / "khac" / "khac.xml", b"\x00\x05\x16\x07")

    receipts = imported(copied, lan)

    assert codes(receipts) == {VISIT: "new", "khac": "new"}
    assert set(attachments()) == {"1.jpg", "2.jpg"}


def test_a_bomb_is_refused_before_anything_is_unpacked(
    lan: AppUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "MOST_BYTES", 1_000_000)
    bomb = {"a/a.xml": filled("uuid:1"), "a/zeros": b"\0" * 1_000_001, "b/b.xml": filled("uuid:2")}

    receipts = imported(zipped(tmp_path / "a.zip", bomb), lan)

    assert codes(receipts) == {"a": "bundle.too_large", "b": "new"}


def test_a_bomb_in_all_is_refused_whole(
    lan: AppUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "MOST_BYTES_IN_ALL", 1_000_000)
    bomb = zipped(tmp_path / "a.zip", {"a/a.xml": filled(), "b/zeros": b"\0" * 1_000_001})

    with pytest.raises(CommandError, match="quá lớn"):
        call_command("import_instances", bomb, app_user=lan.pk, stdout=io.StringIO())

    assert Submission.objects.count() == 0


def test_an_xml_that_is_too_large_is_never_read(
    lan: AppUser, tmp_path: Path, settings: Settings
) -> None:
    settings.MAX_XML_BYTES = 10_000
    bomb = zipped(tmp_path / "a.zip", {"a/a.xml": filled(head="x" * 10_001)})

    assert codes(imported(bomb, lan)) == {"a": "xml.too_large"}


def test_a_damaged_file_refuses_its_form_and_stores_nothing(lan: AppUser, tmp_path: Path) -> None:
    whole = zipped(tmp_path / "a.zip", {"a/a.xml": filled("uuid:1"), "a/1.jpg": b"photo" * 100})
    content = bytearray(whole.read_bytes())
    at = content.index(b"a/1.jpg") + len(b"a/1.jpg") + 3
    content[at : at + 4] = b"\xff\xff\xff\xff"
    whole.write_bytes(content)

    receipts = imported(whole, lan)

    assert codes(receipts) == {"a": "bundle.damaged"}
    assert Submission.objects.count() == 0


def test_names_in_no_utf8_and_with_commands_for_a_terminal_do_no_harm(
    lan: AppUser, tmp_path: Path
) -> None:
    folder = tmp_path / "instances" / "\x1b[2Jxóa"
    write(folder / "a.xml", filled("uuid:1"))
    (folder / os.fsdecode(b"\xe9.jpg")).write_bytes(b"x")

    receipts = imported(folder.parent, lan)

    assert [(r["folder"], r["outcome"]) for r in receipts] == [("\ufffd[2Jxóa", "new")]
    assert set(attachments()) == {"?.jpg"}


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_what_is_no_bundle_is_refused(lan: AppUser, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)

    with pytest.raises(CommandError, match=r"Không đọc được a\.zip"):
        call_command("import_instances", tmp_path / "a.zip", app_user=lan.pk)


def test_an_unknown_device_is_refused(copied: Path, project: Project) -> None:
    with pytest.raises(CommandError, match="Không có thiết bị số 999"):
        call_command("import_instances", copied, app_user=999)


def test_without_room_on_the_disk_nothing_is_begun(
    copied: Path, lan: AppUser, settings: Settings
) -> None:
    settings.MIN_FREE_BYTES = 10**18

    with pytest.raises(CommandError, match="hết chỗ"):
        call_command("import_instances", copied, app_user=lan.pk, stdout=io.StringIO())

    assert Submission.objects.count() == 0


def test_copies_on_the_way_are_gone_afterwards(
    copied: Path, lan: AppUser, settings: Settings, tmp_path: Path
) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir(stat.S_IRWXU)
    settings.FILE_UPLOAD_TEMP_DIR = str(uploads)

    imported(copied, lan)

    assert list(uploads.iterdir()) == []
