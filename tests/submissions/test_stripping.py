"""What photos say of themselves stays out of whatever is shared; their pixels stay as they were."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageOps

from server.submissions.stripping import CannotStrip, stripped
from tests.photos import picture

SECRET = b"Nguyen Thi Bi Mat 21.5942 105.8482"
FORMATS = ["JPEG", "PNG", "WEBP"]


def photo(kind: str, *, turned: int = 1, **options: object) -> bytes:
    """Return a picture that tells all that one can tell, with every place of its format filled."""
    image = Image.open(io.BytesIO(picture(3))).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = SECRET.decode()
    if turned > 1:
        exif[ExifTags.Base.Orientation] = turned
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (21.0, 35.0, 39.0)
    out = io.BytesIO()
    image.save(out, kind, exif=exif, xmp=b"<x>" + SECRET + b"</x>", comment=SECRET, **options)
    return out.getvalue()


def pixels(content: bytes) -> bytes:
    """Return what is seen of it, the right way up."""
    with Image.open(io.BytesIO(content)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        return repr(upright.size).encode() + upright.tobytes()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("turned", [1, 6])
def test_nothing_is_said_any_more_and_the_same_is_seen(kind: str, turned: int) -> None:
    told = photo(kind, turned=turned)

    shared = stripped(told)

    assert SECRET in told
    assert b"Nguyen" not in shared
    with Image.open(io.BytesIO(shared)) as image:
        assert dict(image.getexif()) == ({ExifTags.Base.Orientation: 6} if turned > 1 else {})
        assert "xmp" not in image.info
    assert pixels(shared) == pixels(told)
    assert stripped(shared) == shared


def test_a_progressive_jpeg_keeps_all_its_scans() -> None:
    told = photo("JPEG", progressive=True, restart_marker_blocks=4)

    shared = stripped(told)

    assert shared.count(b"\xff\xda") == told.count(b"\xff\xda") > 3
    assert pixels(shared) == pixels(told)


def test_an_animation_keeps_its_frames_and_their_times() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    out = io.BytesIO()
    frames[0].save(
        out, "WEBP", save_all=True, append_images=frames[1:], duration=70, exif=b"Exif\0\0" + SECRET
    )

    shared = stripped(out.getvalue())

    assert SECRET in out.getvalue()
    assert SECRET not in shared
    with Image.open(io.BytesIO(shared)) as image:
        assert getattr(image, "n_frames", 1) == 3


@pytest.mark.parametrize("kind", FORMATS)
def test_what_trails_a_picture_is_not_shared(kind: str) -> None:
    film = b"\x00\x00\x00\x18ftypmp42" + SECRET

    assert stripped(photo(kind) + film) == stripped(photo(kind))


def test_parts_of_a_jpeg_that_nobody_has_heard_of_go() -> None:
    told = photo("JPEG")
    makers = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(SECRET) + 2) + SECRET
        for marker in (*range(0xE0, 0xF0), 0xF7, 0xFE)
    )

    assert stripped(told[:2] + makers + told[2:]) == stripped(told)


def test_the_small_picture_in_a_jfif_header_goes() -> None:
    told = photo("JPEG")
    jfif = b"JFIF\0\x01\x02\0\0\x01\0\x01\x02\x01" + b"\x7f" * 6

    shared = stripped(told[:2] + struct.pack(">BBH", 0xFF, 0xE0, 22) + jfif + told[2:])

    assert b"\x7f" * 6 not in shared
    assert pixels(shared) == pixels(told)


def test_remarks_and_unknown_chunks_of_a_png_go() -> None:
    told = photo("PNG")
    for kind in (b"tEXt", b"prVt"):
        check = struct.pack(">I", zlib.crc32(kind + SECRET))
        told = told[:33] + struct.pack(">I", len(SECRET)) + kind + SECRET + check + told[33:]

    assert b"Nguyen" not in stripped(told)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"GIF89a" + SECRET, b"%PDF-1.7", SECRET]
    + [photo(kind)[:-40] for kind in FORMATS],
)
def test_what_is_no_whole_picture_is_not_shared(content: bytes) -> None:
    with pytest.raises(CannotStrip):
        stripped(content)


@settings(max_examples=60)
@given(st.sampled_from(FORMATS), st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_a_broken_picture_is_stripped_or_refused(kind: str, at: int, other: bytes) -> None:
    content = photo(kind)
    at %= len(content)

    try:
        shared = stripped(content[:at] + other + content[at + len(other) :])
    except CannotStrip:
        return

    assert stripped(shared) == shared
