"""Pictures for inspections that never took place: papers on a table, drawn without any library.

Pillow has its door in the server, where it reads what strangers send. PNG is simple enough to write
by hand (ISO/IEC 15948): a palette, and lines of one byte a pixel under zlib.
"""

from __future__ import annotations

import random
import struct
import zlib

WIDTH, HEIGHT = 480, 360  # pixels

_PAPER, _INK, _TABLE, _STAMP = 0, 8, 16, 24  # first of eight shades of each
_SHADES = 8
_PALETTE = b"".join(
    bytes(max(0, level - shade * 3) for level in colour)
    for colour in ((250, 247, 238), (70, 70, 90), (150, 110, 80), (205, 50, 50))
    for shade in range(_SHADES)
)
_PAPER_GRAIN = bytes(_PAPER + byte % 3 for byte in range(256))
_INK_GRAIN = bytes(_INK + byte % _SHADES if byte > 110 else _PAPER for byte in range(256))
_TABLE_GRAIN = bytes(_TABLE + byte % 4 for byte in range(256))


def photo(seed: str) -> bytes:
    """Return a PNG of 50 to 80 kB that shows a page with lines of writing and a red stamp.

    The same seed gives the same bytes; no two seeds are likely to give the same picture.
    """
    rng = random.Random(seed)  # noqa: S311  (a drawing, no secret)
    left, top = rng.randrange(30, 100), rng.randrange(8, 40)
    right, bottom = WIDTH - rng.randrange(30, 100), HEIGHT - rng.randrange(8, 40)
    rows = [bytearray(rng.randbytes(WIDTH).translate(_TABLE_GRAIN)) for _ in range(HEIGHT)]
    for row in rows[top:bottom]:
        row[left:right] = rng.randbytes(right - left).translate(_PAPER_GRAIN)
    _write_lines(rows, rng, (left + 20, top + 24, right - 20, bottom - 90))
    _stamp(rows, rng, (left + (right - left) * 2 // 3, bottom - 60))
    return _png(rows)


def _write_lines(rows: list[bytearray], rng: random.Random, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    for line in range(top, bottom, 16):
        at = left
        while at < right - 60:
            word = rng.randrange(8, 56)
            for row in rows[line : line + 6]:
                row[at : at + word] = rng.randbytes(word).translate(_INK_GRAIN)
            at += word + 8


def _stamp(rows: list[bytearray], rng: random.Random, centre: tuple[int, int]) -> None:
    x, y = centre
    radius = rng.randrange(24, 34)
    for dy in range(-radius, radius):
        half = int((radius**2 - dy**2) ** 0.5)
        inner = int(max(0, (radius - 5) ** 2 - dy**2) ** 0.5)
        row = rows[y + dy]
        for start, end in ((x - half, x - inner), (x + inner, x + half)):
            row[start:end] = bytes([_STAMP + abs(dy) % _SHADES]) * (end - start)


def _png(rows: list[bytearray]) -> bytes:
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)  # 8 bits, palette
    lines = b"".join(b"\0" + row for row in rows)  # 0: no filter
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", _PALETTE),
            _chunk(b"IDAT", zlib.compress(lines, 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
