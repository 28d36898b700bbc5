"""Photos come from strangers: what cannot be read is noted, and nothing they say is logged."""

from __future__ import annotations

import io
import json
import logging
import struct
import zlib
from contextlib import closing

import pytest
from PIL import Image

from server import blobs
from server.submissions import photo_process, photos
from server.submissions.models import PhotoFacts
from tests.photos import picture


def facts(*contents: bytes) -> list[PhotoFacts]:
    """Return what is known of some photos, in their order, after reading them together."""
    names = [blobs.put(io.BytesIO(content)).sha256 for content in contents]
    photos.read_missing(names)
    return [PhotoFacts.objects.get(blob=name) for name in names]


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is huge, and holds nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@pytest.mark.django_db
def test_what_cannot_be_read_gets_a_note_and_holds_up_no_other() -> None:
    whole = picture()

    found = facts(
        b"<svg/>", whole[: len(whole) // 2], bomb(30_000, 30_000), bomb(7072, 7072), whole
    )

    assert [photo.note for photo in found] == ["no_image", "broken", "too_large", "too_large", ""]
    assert [bool(photo.dhash) for photo in found] == [False, False, False, False, True]


@pytest.mark.django_db
def test_a_photo_that_takes_the_reader_down_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    # No processor time at all: the reader is killed at its first photo, every time.
    monkeypatch.setattr(photo_process, "SECONDS", 0)

    (found,) = facts(picture())

    assert found.note == "too_large"


def test_after_a_photo_that_was_too_much_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(photo_process.Reader()) as reader:
        with monkeypatch.context() as hurry:
            hurry.setattr(photo_process, "SECONDS", 0)
            first = reader.ask(picture())
        second = reader.ask(b"<svg/>")

    assert first == ""
    assert json.loads(second)["note"] == "no_image"


@pytest.mark.django_db
def test_the_same_bytes_are_read_once() -> None:
    name = blobs.put(io.BytesIO(picture())).sha256

    assert [photos.read_missing([name, name]), photos.read_missing([name])] == [1, 0]


@pytest.mark.django_db
def test_a_photo_of_one_colour_shows_nothing() -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(out, "PNG")

    assert [facts(out.getvalue())[0].dhash, facts(out.getvalue())[0].note] == ["", ""]


@pytest.mark.django_db
def test_what_a_photo_says_of_itself_is_kept_and_not_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)

    (found,) = facts(picture(taken="2026:05:20 09:15:00", place=(105.9512, 21.6534)))

    assert found.taken_at is not None
    assert found.taken_at.isoformat() == "2026-05-20T02:15:00+00:00"
    assert [found.lon, found.lat] == pytest.approx([105.9512, 21.6534])
    told = caplog.text + "".join(capfd.readouterr())
    # The database's own log names parameters only at DEBUG, which never runs in production.
    said = [line for line in told.splitlines() if "django.db" not in line]
    assert not [line for line in said if "105.95" in line or "2026-05-20" in line]


@pytest.mark.parametrize("bits", [0b1111, 1 | 1 << 13 | 1 << 26 | 1 << 39])
def test_hashes_that_differ_in_four_bits_share_a_band(bits: int) -> None:
    one = 0x0123_4567_89AB_CDEF

    changed = photos.bands(f"{one ^ bits:016x}")

    assert set(photos.bands(f"{one:016x}")) & set(changed)


def test_hashes_that_differ_in_every_band_share_none() -> None:
    changed = sum(1 << start for start in (0, 13, 26, 39, 52))

    assert not set(photos.bands("0" * 16)) & set(photos.bands(f"{changed:016x}"))
