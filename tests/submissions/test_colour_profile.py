"""Of a photo's colour profile only the numbers are shared: its colours stay, its words do not."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image, ImageCms

from server.submissions.colour_profile import anonymous
from server.submissions.stripping import stripped
from tests.photos import picture

SECRET = b"iPhone of Nguyen Thi Bi Mat"
FORMATS = ["JPEG", "PNG", "WEBP"]


def wide(version: int = 2) -> bytes:
    """Return a profile of other primaries and curves than sRGB, which names whose telephone it is.

    Green as Display P3 has it; LittleCMS writes what is common to all.
    """
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = bytearray(srgb)
    found[4:8], found[48:52], found[52:56], found[80:84] = b"Nguy", b"APPL", b"bi m", b"Nguy"
    found[84:100] = b"0123456789abcdef"
    (count,) = struct.unpack_from(">I", found, 128)
    for at in range(132, 132 + 12 * count, 12):
        name, where, size = struct.unpack_from(">4s2I", found, at)
        if name == b"desc":
            struct.pack_into(">2I", found, at + 4, len(found), 12 + len(SECRET) + 79)
            found += b"desc" + struct.pack(">2I", 0, len(SECRET) + 1) + SECRET + b"\0" * 79
        elif name == b"gXYZ":
            found[where : where + size] = b"XYZ " + struct.pack(">4i", 0, 19100, 45400, 2730)
        elif name == b"gTRC":  # its own, with something behind it
            struct.pack_into(">2I", found, at + 4, len(found), 14 + len(SECRET) + 1)
            found += b"curv" + struct.pack(">2IH", 0, 1, 460) + SECRET + b"\0"
    found[8] = version
    struct.pack_into(">I", found, 0, len(found))
    return bytes(found)


def photo(kind: str, profile: bytes) -> bytes:
    out = io.BytesIO()
    image = Image.open(io.BytesIO(picture(3))).convert("RGB")
    image.save(out, kind, icc_profile=profile)
    return out.getvalue()


def seen(content: bytes) -> bytes:
    """Return what a screen of sRGB shows of it, as LittleCMS computes it."""
    with Image.open(io.BytesIO(content)) as image:
        profile = image.info.get("icc_profile")
        if profile is None:
            return image.convert("RGB").tobytes()
        screen = ImageCms.createProfile("sRGB")
        shown = ImageCms.profileToProfile(
            image.convert("RGB"), io.BytesIO(profile), screen, outputMode="RGB"
        )
        assert shown is not None
        return shown.tobytes()


@pytest.mark.parametrize("version", [2, 4])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_profile_keeps_its_colours_and_loses_its_words(kind: str, version: int) -> None:
    told = photo(kind, wide(version))

    shared = stripped(told)

    assert seen(shared) == seen(told) != seen(photo(kind, b""))
    assert stripped(shared) == shared
    with Image.open(io.BytesIO(shared)) as image:
        profile = image.info["icc_profile"]
    for word in (b"Nguy", b"iPhone", b"APPL", b"bi m", b"0123456789", b"lcms", b"Mat"):
        assert word not in profile, word


@pytest.mark.parametrize("kind", FORMATS)
def test_a_profile_that_is_more_than_primaries_and_curves_goes(kind: str) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()

    with Image.open(io.BytesIO(stripped(photo(kind, lab + SECRET)))) as image:
        assert "icc_profile" not in image.info
        image.load()


def test_a_profile_of_several_segments_is_read_whole() -> None:
    told = photo("JPEG", wide())
    at = told.index(b"ICC_PROFILE\0") - 4
    (length,) = struct.unpack_from(">H", told, at + 2)
    body = told[at + 18 : at + 2 + length]
    parts = [
        b"\xff\xe2"
        + struct.pack(">H", 16 + len(part))
        + b"ICC_PROFILE\0"
        + bytes([number, 2])
        + part
        for number, part in ((2, body[200:]), (1, body[:200]))
    ]
    split = told[:at] + b"".join(parts) + told[at + 2 + length :]

    assert stripped(split) == stripped(told)


def test_no_profile_cut_anywhere_is_anything_but_refused_or_rewritten() -> None:
    whole = wide()

    for end in range(0, len(whole), 7):
        told = anonymous(whole[:end])
        assert told is None or anonymous(told) == told
