"""Take out of a photo what it says of itself, and leave every pixel as it was. No Django.

A photo says where it was taken and when, with which telephone, sometimes by whom; beside its
pixels may lie a smaller copy of it from before a face was painted over, or the film that a «live
photo» is cut from. Of JPEG, PNG and WebP only the parts are kept that showing it needs, by a list
of what may stay: what nobody has thought of goes. Nothing is unpacked, so that this is cheap and
safe with bytes of a stranger's; but for the colour profile of a PNG, to a size.

Which way up it is shown stands among what goes; where that matters it is written anew, alone.
So is what its colours mean (`colour_profile`), without which device that was measured for.
ITU-T T.81 annex B; PNG (third edition) §11; RFC 9649; Exif 2.32 §4.5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from server.submissions.colour_profile import anonymous

_PNG = b"\x89PNG\r\n\x1a\n"
_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112
_SHORT = 3
_LARGEST_PROFILE = 1_000_000  # bytes, unpacked
_MOST_TAGS = 512  # of one directory; cameras write some twenty


class CannotStrip(ValueError):
    """It is no whole JPEG, PNG or WebP, so nobody knows what else is in it."""


def stripped(content: bytes) -> bytes:
    """Return the same picture without EXIF, XMP, IPTC, remarks, previews and what trails it.

    Its colour profile is written anew, as numbers alone. Doing so twice changes nothing.
    Raises CannotStrip; then it may not be shared.
    """
    if content.startswith(b"\xff\xd8"):
        parts = _jpeg(content)
    elif content.startswith(_PNG):
        parts = _png(content)
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        parts = _webp(content)
    else:
        raise CannotStrip
    try:
        return b"".join(parts)
    except (struct.error, IndexError) as error:
        raise CannotStrip from error


# JPEG --------------------------------------------------------------------------------------------

_SOI, _EOI, _SOS, _APP0, _APP1, _APP2, _APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
_ICC = b"ICC_PROFILE\0"  # before the number of the part, of how many, and the part
# Frames, Huffman and arithmetic tables, quantisation, restart interval, number of lines.
_DRAWN = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDF}) - {0xC8}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield b"\xff\xd8"
    turned, is_written, has_scan = 1, False, False
    for marker, start, end in _segments(content):
        body = content[start:end]
        if marker == _APP1 and body.startswith(_EXIF):
            turned = _orientation(body[len(_EXIF) :]) or turned
            continue
        if marker != _APP0 and not is_written:  # after JFIF's, which must be the first
            is_written = True
            turned = turned if turned > 1 else _turned_later(content)
            if turned > 1:
                yield _segment(_APP1, _EXIF + _tiff(turned))
            if profile := anonymous(_jpeg_profile(content)):
                yield _segment(_APP2, _ICC + b"\1\1" + profile)
        if marker == _SOS:
            has_scan = True
            yield _segment(marker, body)
            yield content[end : _end_of_scan(content, end)]
        elif marker == _EOI:
            break
        elif (kept := _kept(marker, body)) is not None:
            yield _segment(marker, kept)
    else:
        raise CannotStrip
    if not has_scan:
        raise CannotStrip
    yield b"\xff\xd9"


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Give the marker of each segment, and where its body starts and ends."""
    at = 2
    while at < len(content):
        if content[at] != 0xFF:
            raise CannotStrip
        marker = content[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker == _EOI:
            yield marker, at + 2, at + 2
            return
        if marker == _SOI or marker == 0:
            raise CannotStrip
        if marker in _STANDALONE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise CannotStrip
        yield marker, at + 4, end
        at = _end_of_scan(content, end) if marker == _SOS else end


def _end_of_scan(content: bytes, at: int) -> int:
    """Return where the next marker stands that is neither a stuffed zero nor a restart."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        follows = content[at + 1]
        if follows == 0xFF:
            at += 1
        elif follows == 0 or 0xD0 <= follows <= 0xD7:
            at += 2
        else:
            return at
    raise CannotStrip


def _turned_later(content: bytes) -> int:
    """Return the orientation of an EXIF segment that does not stand where it should."""
    for marker, start, end in _segments(content):
        if marker == _SOS:
            break
        if marker == _APP1 and content.startswith(_EXIF, start):
            return _orientation(content[start + len(_EXIF) : end])
    return 1


def _jpeg_profile(content: bytes) -> bytes:
    """Return the colour profile of all its segments, b"" where there is none."""
    parts: dict[int, bytes] = {}
    for marker, start, end in _segments(content):
        if marker == _SOS:
            break
        if marker == _APP2 and content.startswith(_ICC, start) and end - start > len(_ICC) + 2:
            number = content[start + len(_ICC)]
            parts.setdefault(number, content[start + len(_ICC) + 2 : end])
    return b"".join(part for _, part in sorted(parts.items()))


def _kept(marker: int, body: bytes) -> bytes | None:
    if marker in _DRAWN:
        return body
    if marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 14:
        return body[:12] + b"\0\0"  # without the small picture that may follow
    if marker == _APP14 and body.startswith(b"Adobe"):
        return body[:12]
    return None


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


# PNG ---------------------------------------------------------------------------------------------

_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB cICP sBIT pHYs bKGD acTL fcTL fdAT".split()
)


def _png(content: bytes) -> Iterator[bytes]:
    yield _PNG
    at, turned = len(_PNG), 1
    found: list[tuple[bytes, int, int]] = []
    while not found or found[-1][0] != b"IEND":
        (length,) = struct.unpack_from(">I", content, at)
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content) or (not found and kind != b"IHDR"):
            raise CannotStrip
        if kind == b"eXIf":
            turned = _orientation(content[at + 8 : at + 8 + length])
        found.append((kind, at, end))
        at = end
    # Where pixels begin is known only now; the orientation must stand before them.
    for kind, start, end in found:
        if kind == b"IDAT" and turned > 1:
            yield _chunk(b"eXIf", _tiff(turned))
            turned = 1
        if kind == b"iCCP":
            yield from _png_profile(content[start + 8 : end - 4])
        elif kind in _PNG_KEPT:
            yield content[start:end]


def _png_profile(body: bytes) -> Iterator[bytes]:
    _, _, packed = body.partition(b"\0")
    try:
        profile = zlib.decompressobj().decompress(packed[1:], _LARGEST_PROFILE)
    except zlib.error:
        return
    if told := anonymous(profile):
        yield _chunk(b"iCCP", b"-\0\0" + zlib.compress(told))


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


# WebP --------------------------------------------------------------------------------------------

_WEBP_KEPT = (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
_WEBP_ICC, _WEBP_EXIF, _WEBP_XMP = 0x20, 0x08, 0x04  # flags of VP8X
_FRAME_HEAD = 16  # bytes of ANMF before its own chunks


def _webp(content: bytes) -> Iterator[bytes]:
    (size,) = struct.unpack_from("<I", content, 4)
    if size + 8 > len(content):
        raise CannotStrip
    chunks = list(_riff(content, 12, size + 8))
    turned = 1
    for kind, start, end in chunks:
        if kind == b"EXIF":
            turned = _orientation(content[start:end].removeprefix(_EXIF))
    body = b"".join(_webp_kept(content, chunks, turned))
    if turned > 1 and any(kind == b"VP8X" for kind, _, _ in chunks):
        body += _riff_chunk(b"EXIF", _tiff(turned))
    if not body:
        raise CannotStrip
    yield b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_kept(
    content: bytes, chunks: list[tuple[bytes, int, int]], turned: int
) -> Iterator[bytes]:
    told = [content[start:end] for kind, start, end in chunks if kind == b"ICCP"]
    profile = anonymous(told[0]) if told else None
    for kind, start, end in chunks:
        body = content[start:end]
        if kind == b"VP8X":
            flags = body[0] & ~(_WEBP_ICC | _WEBP_EXIF | _WEBP_XMP)
            flags |= (_WEBP_ICC if profile else 0) | (_WEBP_EXIF if turned > 1 else 0)
            yield _riff_chunk(kind, bytes([flags]) + body[1:])
            if profile:
                yield _riff_chunk(b"ICCP", profile)
            continue
        elif kind == b"ANMF":
            inner = _riff(body, _FRAME_HEAD, len(body))
            kept = (_riff_chunk(k, body[s:e]) for k, s, e in inner if k in _WEBP_KEPT[:3])
            body = body[:_FRAME_HEAD] + b"".join(kept)
        if kind in _WEBP_KEPT:
            yield _riff_chunk(kind, body)


def _riff(content: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Give the name of each chunk, and where its body starts and ends."""
    while at + 8 <= end:
        kind, (length,) = content[at : at + 4], struct.unpack_from("<I", content, at + 4)
        if at + 8 + length > end:
            raise CannotStrip
        yield kind, at + 8, at + 8 + length
        at += 8 + length + length % 2


def _riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


# Which way up ------------------------------------------------------------------------------------


def _orientation(tiff: bytes) -> int:
    """Return 1 to 8 as EXIF counts them, 1 (as it is) where it says nothing that can be read."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for number in range(min(count, _MOST_TAGS)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * number)
            if (tag, kind) == (_ORIENTATION, _SHORT):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _tiff(orientation: int) -> bytes:
    """Return EXIF that says which way up it is shown, and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, orientation, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
