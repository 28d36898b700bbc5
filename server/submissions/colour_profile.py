"""Rewrite the colour profile of a photo as numbers alone. No Django.

A profile says how the photo's red, green and blue are meant; without it those of most telephones
are shown too pale. It says other things too: which device it was made for, by whom, when, under
what name. What is kept is what colours are computed from, of a profile that is no more than three
primaries and their curves, or one curve of grey, as those of telephones and cameras are. Any other
goes whole, and the photo is shown as sRGB.

ICC.1:2001-04 and ICC.1:2022 §7.2 (header), §9.2 (tags), §10 (types).
"""

from __future__ import annotations

import struct

_HEAD = 128  # bytes before the list of tags
_MOST = 60_000  # bytes of one written here, which one segment of a JPEG holds
_MOST_TAGS = 100
_POINTS = frozenset({b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt"})
_CURVES = frozenset({b"rTRC", b"gTRC", b"bTRC", b"kTRC"})
_NEEDED = {
    b"RGB ": (_POINTS | _CURVES) - {b"kTRC"},
    b"GRAY": frozenset({b"wtpt", b"kTRC"}),
}
_CLASSES = (b"mntr", b"scnr", b"spac")
_MATRIX = b"chad"  # how its white was brought to that of the profile connection space
_PARAMETERS = (1, 3, 4, 5, 7)  # of each kind of parametric curve
_D50 = struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
_SOME_DAY = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
_SAID = "-"  # in place of its name and its maker, of which one of each must stand there


def anonymous(profile: bytes) -> bytes | None:
    """Return a profile that means the same colours and tells nothing else; None for no profile.

    Doing so twice changes nothing.
    """
    try:
        return _rewritten(profile)
    except struct.error:
        return None


def _rewritten(profile: bytes) -> bytes | None:
    needed = _NEEDED.get(profile[16:20])
    is_read = profile[36:40] == b"acsp" and profile[12:16] in _CLASSES and profile[8:9] in b"\2\4"
    if needed is None or not is_read or profile[20:24] != b"XYZ ":
        return None
    tags = {b"desc": _name(profile[8]), b"cprt": _maker(profile[8])}
    (count,) = struct.unpack_from(">I", profile, _HEAD)
    for number in range(min(count, _MOST_TAGS)):
        name, at, size = struct.unpack_from(">4s2I", profile, _HEAD + 4 + 12 * number)
        if name in needed or name == _MATRIX:
            numbers = _numbers(name, profile[at : at + size])
            if numbers is None:
                return None
            tags[name] = numbers
    if not needed <= tags.keys():
        return None
    written = _written(_head(profile), tags)
    return written if len(written) <= _MOST else None


def _head(profile: bytes) -> bytes:
    """Return the header without its size, which `_written` puts before it."""
    (intent,) = struct.unpack_from(">I", profile, 64)
    version = bytes([profile[8], profile[9] & 0xF0, 0, 0])
    told = b"\0" * 4 + version + profile[12:24] + _SOME_DAY + b"acsp" + b"\0" * 24
    return (told + struct.pack(">I", intent & 3) + _D50).ljust(_HEAD - 4, b"\0")


def _numbers(name: bytes, body: bytes) -> bytes | None:
    """Return what is computed with of a tag, and nothing that follows it; None if unreadable."""
    kind, length = body[:4], 0
    if name in _POINTS and kind == b"XYZ ":
        length = 20
    elif name == _MATRIX and kind == b"sf32":
        length = 8 + 9 * 4
    elif name in _CURVES and kind == b"curv":
        length = 12 + 2 * int(struct.unpack_from(">I", body, 8)[0])
    elif name in _CURVES and kind == b"para":
        (shape,) = struct.unpack_from(">H", body, 8)
        length = 12 + 4 * _PARAMETERS[shape] if shape < len(_PARAMETERS) else 0
    if not 0 < length <= len(body):
        return None
    if kind == b"para":  # of whose head two bytes mean nothing
        return kind + b"\0" * 4 + body[8:10] + b"\0" * 2 + body[12:length]
    return kind + b"\0" * 4 + body[8:length]


def _name(version: int) -> bytes:
    if version > 2:
        return _text()
    said = _SAID.encode() + b"\0"
    return b"desc" + struct.pack(">2I", 0, len(said)) + said + b"\0" * (4 + 4 + 2 + 1 + 67)


def _maker(version: int) -> bytes:
    return _text() if version > 2 else b"text" + b"\0" * 4 + _SAID.encode() + b"\0"


def _text() -> bytes:
    said = _SAID.encode("utf-16-be")
    return b"mluc" + struct.pack(">3I4s2I", 0, 1, 12, b"enUS", len(said), 28) + said


def _written(head: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Lay the tags out one after another, each at a multiple of 4, equal ones once."""
    at = _HEAD + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    listed, bodies = b"", b""
    for name, body in sorted(tags.items()):
        if body not in places:
            places[body] = at + len(bodies)
            bodies += body + b"\0" * (-len(body) % 4)
        listed += struct.pack(">4s2I", name, places[body], len(body))
    told = head + struct.pack(">I", len(tags)) + listed + bodies
    return struct.pack(">I", len(told) + 4) + told
