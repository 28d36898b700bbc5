"""Photos are made small once, by a process of its own, and hold nothing but pixels."""

from __future__ import annotations

import base64
import io
import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from PIL import ExifTags, Image
from pytest_django import Settings

from server import blobs
from server.blobs import StorageUnavailable
from server.forms.models import FormVersion
from server.listing import name_of
from server.plans import tasks
from server.projects.models import Project
from server.submissions import orphans, photo_process, photos, thumbnails
from server.submissions.desk_problems import ThumbnailNone, ThumbnailNotYet
from server.submissions.fsck import Fsck, Kind, safely
from server.submissions.models import SubmissionAttachment, Thumbnails
from server.submissions.photo_reader import read
from server.submissions.photo_scaler import scaled
from tests.blobs.s3 import free_port, use_bucket
from tests.photos import picture
from tests.submissions.builders import filled, photo, send
from tests.submissions.test_photos import bomb


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    place = {"BACKEND": "server.folder.DurableFolder", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": place}


def sent(project: Project, content: bytes, kind: str = "image/jpeg") -> SubmissionAttachment:
    send(project, filled(body="<photo>1.jpg</photo>"), photo("1.jpg", content, kind))
    return SubmissionAttachment.objects.get()


def image(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def both(content: bytes) -> tuple[Image.Image, Image.Image]:
    small, large = read(content)["small"], scaled(content)["large"]
    return image(base64.b64decode(small)), image(base64.b64decode(large))


def encoded(picture: Image.Image, kind: str, turned: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turned
    exif[ExifTags.Base.Artist] = "Lan"
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    return out.getvalue()


def test_a_photo_is_made_small_and_large_the_right_way_up() -> None:
    lying = Image.new("RGB", (1600, 1200), "red")
    lying.paste("blue", (0, 0, 800, 1200))  # left, and at the top once it is turned

    small, large = both(encoded(lying, "JPEG", turned=6))

    assert (small.size, large.size) == ((240, 320), (960, 1280))
    tops = [small.convert("RGB").getpixel((120, y)) for y in (20, 300)]
    assert [top[2] > 200 for top in tops] == [True, False]  # type: ignore[index]
    assert (dict(small.getexif()), dict(large.getexif())) == ({}, {})


def test_small_ones_hold_no_remark() -> None:
    out = io.BytesIO()
    Image.new("RGB", (1600, 1200), "red").save(out, "JPEG", comment=b"Lan")

    small, large = both(out.getvalue())

    assert "comment" not in small.info | large.info


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
def test_a_jpeg_keeps_its_colour_however_it_is_packed(mode: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 30, 30)).convert(mode).save(out, "JPEG", keep_rgb=True)

    small, large = both(out.getvalue())

    wanted = (81, 81, 81) if mode == "L" else (200, 30, 30)
    for shown in (small, large):
        assert shown.convert("RGB").getpixel((9, 9)) == pytest.approx(wanted, abs=4)


def test_one_as_phones_send_it_is_shown_itself_but_says_nothing(
    project: Project, visit: FormVersion, tmp_path: Path
) -> None:
    content = picture(size=(1280, 960), taken="2026:05:07 08:00:00", place=(105.8, 21.6))
    attachment = sent(project, content)
    thumbnails.pay_debts()

    large = thumbnails.find(attachment, 1280)

    assert large.content is not None
    assert large.sha256 == blobs.measure(io.BytesIO(large.content)).sha256
    assert image(large.content).tobytes() == image(content).tobytes()
    assert dict(image(large.content).getexif()) == {}
    assert len(list(tmp_path.glob("??/??/*"))) == 2  # the photo and its small one


def test_a_larger_one_is_made_large_for_the_first_who_asks(
    project: Project, visit: FormVersion, tmp_path: Path
) -> None:
    attachment = sent(project, picture(size=(1600, 1200)))
    thumbnails.pay_debts()
    before = len(list(tmp_path.glob("??/??/*")))

    first, again = (thumbnails.find(attachment, 1280) for _ in range(2))

    assert before == 2
    assert first == again
    assert image(blobs.open_blob(first.sha256).read()).size == (1280, 960)


def test_one_that_is_too_much_to_be_made_large_is_shown_small_from_then_on(
    project: Project, visit: FormVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment = sent(project, picture(size=(1600, 1200)))
    thumbnails.pay_debts()
    with monkeypatch.context() as hurry:
        hurry.setattr(photo_process, "SECONDS", 0)  # the process is killed

        first = thumbnails.find(attachment, 1280)

    assert first == thumbnails.find(attachment, 1280) == thumbnails.find(attachment, 320)


def test_while_another_is_made_large_who_asks_is_told_to_come_again(
    project: Project, visit: FormVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment = sent(project, picture(size=(1600, 1200)))
    thumbnails.pay_debts()
    monkeypatch.setattr(thumbnails, "_PATIENCE_S", 0)

    with thumbnails._MAKING, pytest.raises(ThumbnailNotYet):
        thumbnails.find(attachment, 1280)


def test_what_lets_through_is_shown_on_white() -> None:
    small, large = both(encoded(Image.new("RGBA", (40, 30), (0, 0, 0, 0)), "PNG"))

    assert (small.size, large.size) == ((40, 30), (40, 30))
    assert small.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"<svg/>", "no_image"),
        (picture()[:900], "broken"),
        (bomb(30_000, 30_000), "too_large"),
        (bomb(7072, 7072), "too_large"),
    ],
    ids=["no image", "broken", "bomb", "too many pixels"],
)
def test_what_cannot_be_read_gets_a_note(content: bytes, note: str) -> None:
    assert read(content) == scaled(content) == {"note": note}


def test_the_worker_pays_what_an_arrival_owes(project: Project, visit: FormVersion) -> None:
    attachment = sent(project, picture())
    with pytest.raises(ThumbnailNotYet):
        thumbnails.find(attachment, 320)

    tasks.look_around()

    assert thumbnails.pay_debts() == 0
    assert photos.read_missing([attachment.sha256]) == 0  # was read with that
    small = thumbnails.find(attachment, 320)
    assert image(blobs.open_blob(small.sha256).read()).size == (160, 120)
    assert blobs.measure(blobs.open_blob(small.sha256)).size == small.size


def test_one_that_takes_the_process_down_is_noted_and_not_tried_again(
    project: Project, visit: FormVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment = sent(project, picture())
    monkeypatch.setattr(photo_process, "SECONDS", 0)  # it is killed at its first photo

    assert [thumbnails.pay_debts(), thumbnails.pay_debts()] == [1, 0]
    with pytest.raises(ThumbnailNone, match="too_large"):
        thumbnails.find(attachment, 320)


def test_what_is_no_image_owes_nothing(project: Project, visit: FormVersion) -> None:
    attachment = sent(project, b"%PDF-1.7", "application/pdf")

    assert attachment.thumbnails_owed_at is None
    with pytest.raises(ThumbnailNone, match="no_image"):
        thumbnails.find(attachment, 320)


def test_a_photo_from_before_is_made_when_somebody_asks(
    project: Project, visit: FormVersion
) -> None:
    attachment = sent(project, picture())
    SubmissionAttachment.objects.update(thumbnails_owed_at=None)

    with pytest.raises(ThumbnailNotYet):
        thumbnails.find(attachment, 1280)

    assert thumbnails.pay_debts() == 1


def test_photos_from_before_are_all_owed_at_once_when_an_operator_asks(
    project: Project, visit: FormVersion
) -> None:
    sent(project, picture())
    SubmissionAttachment.objects.update(thumbnails_owed_at=None)
    said = io.StringIO()

    call_command("owe_thumbnails", stdout=said)
    call_command("owe_thumbnails", stdout=said)

    assert [line.split(";")[0] for line in said.getvalue().splitlines()] == [
        "Đã giao 1 ảnh",
        "Đã giao 0 ảnh",
    ]
    assert thumbnails.pay_debts() == 1
    assert thumbnails.owe_missing() == 0


def test_a_store_that_is_away_leaves_the_debt(
    project: Project, visit: FormVersion, settings: Settings
) -> None:
    sent(project, picture())
    use_bucket(settings, free_port())

    with pytest.raises(StorageUnavailable):
        thumbnails.pay_debts()

    assert SubmissionAttachment.objects.get().thumbnails_owed_at is not None


def test_small_ones_stay_with_their_photo_and_go_after_it(
    project: Project, visit: FormVersion, tmp_path: Path
) -> None:
    attachment = sent(project, picture())
    thumbnails.pay_debts()
    small = thumbnails.find(attachment, 320)
    for path in tmp_path.glob("??/??/*"):
        os.utime(path, (time.time() - 25 * 3600,) * 2)

    kept = orphans.collect()
    attachment.delete()
    removed = orphans.collect()

    assert (kept, removed) == (0, 2)
    assert not blobs.exists(small.sha256)
    assert not Thumbnails.objects.exists()


def test_a_photo_that_is_its_own_large_one_keeps_nothing(
    project: Project, visit: FormVersion, tmp_path: Path
) -> None:
    attachment = sent(project, b"small already")
    Thumbnails.objects.create(blob=attachment.sha256, large_sha256=attachment.sha256)
    for path in tmp_path.glob("??/??/*"):
        os.utime(path, (time.time() - 25 * 3600,) * 2)
    attachment.delete()

    assert orphans.collect() == 1
    assert not blobs.exists(attachment.sha256)


def test_wrong_small_ones_are_made_anew(project: Project, visit: FormVersion) -> None:
    attachment = sent(project, picture(size=(1600, 1200)))
    thumbnails.pay_debts()
    made = [thumbnails.find(attachment, size) for size in thumbnails.SIZES]
    for blob in made:
        wrong = ContentFile(b"x" * blob.size)
        storages["default"].overwrite(name_of(blob.sha256), wrong)  # type: ignore[attr-defined]

    found = [one for one in Fsck(mend=safely).findings() if one.kind != Kind.ROW]
    thumbnails.pay_debts()

    assert [(one.kind, one.is_mended) for one in found] == [(Kind.WRONG, True)] * 2
    assert [thumbnails.find(attachment, size) for size in thumbnails.SIZES] == made
    assert [blobs.measure(blobs.open_blob(one.sha256)).sha256 for one in made] == [
        one.sha256 for one in made
    ]


def test_lost_small_ones_are_made_anew(project: Project, visit: FormVersion) -> None:
    attachment = sent(project, picture())
    thumbnails.pay_debts()
    small = thumbnails.find(attachment, 320)
    storages["default"].delete(name_of(small.sha256))

    found = [one for one in Fsck(mend=safely).findings() if one.kind != Kind.ROW]
    thumbnails.pay_debts()

    assert [(one.kind, one.is_mended) for one in found] == [(Kind.MISSING, True)]
    assert blobs.exists(small.sha256)


def test_a_photo_that_is_its_own_small_one_is_never_thrown_away(
    project: Project, visit: FormVersion
) -> None:
    attachment = sent(project, picture())
    Thumbnails.objects.create(blob=attachment.sha256, large_sha256=attachment.sha256)
    wrong = ContentFile(b"all that is left")
    storages["default"].overwrite(name_of(attachment.sha256), wrong)  # type: ignore[attr-defined]

    found = [one for one in Fsck(mend=safely).findings() if one.kind == Kind.WRONG]

    assert [one.is_mended for one in found] == [False]
    assert blobs.open_blob(attachment.sha256).read() == b"all that is left"
