"""Workbooks that mean harm (features.md T10). Each entry: what it is, its bytes, our answer.

Run as a program, it reads them all, one after another, and prints for each the code of our
answer, the processor seconds and the kilobytes that it took.
"""

from __future__ import annotations

import io
import json
import random
import re
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.errors import Problem
from server.forms import workbook
from tests.forms import tables

MB = 1_000_000
SHEET = "xl/worksheets/sheet1.xml"
BIG, UNSAFE, BROKEN = "workbook.too_big", "workbook.unsafe", "workbook.unreadable"
DOCTYPE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


@dataclass(frozen=True, slots=True)
class Attack:
    """One workbook and the code of the Problem it must meet."""

    code: str
    made: Callable[[], bytes]


def with_parts(*parts: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return the small form with further parts."""
    out = io.BytesIO(tables.form())
    with zipfile.ZipFile(out, "a", packing) as package:
        for name, content in parts:
            package.writestr(name, content)
    return out.getvalue()


def listed_often() -> bytes:
    """Return a workbook whose directory names one part of 2 MB a hundred times."""
    data = with_parts(("xl/media/a.bmp", random.Random(1).randbytes(20_000) * 100))
    end = data.rindex(b"PK\x05\x06")
    start = data.rindex(b"PK\x01\x02")
    entry, count = data[start:end], data.count(b"PK\x01\x02") + 99
    size = int.from_bytes(data[end + 12 : end + 16], "little") + 99 * len(entry)
    counts = count.to_bytes(2, "little") * 2 + size.to_bytes(4, "little")
    return data[:end] + entry * 99 + data[end : end + 8] + counts + data[end + 16 :]


def lying() -> bytes:
    """Return a workbook whose directory says ten bytes of a part of 50 MB."""
    data = bytearray(with_parts(("xl/media/zeros.png", bytes(50 * MB))))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def locked() -> bytes:
    data = bytearray(tables.form())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


CORPUS: Mapping[str, Attack] = {
    "90 MB of zeros": Attack(BIG, lambda: with_parts(("xl/media/0.png", bytes(90 * MB)))),
    "110 MB of zeros": Attack(BIG, lambda: with_parts(("xl/media/0.png", bytes(110 * MB)))),
    "90 MB of one shared string": Attack(
        BIG, lambda: with_parts(("xl/sharedStrings2.xml", b"<sst><si><t>" + b"x" * 90 * MB))
    ),
    "201 parts more": Attack(BIG, lambda: with_parts(*((f"x/{n}", b"x") for n in range(201)))),
    "11 MB packed": Attack(
        BIG, lambda: with_parts(("x.png", bytes(11 * MB)), packing=zipfile.ZIP_STORED)
    ),
    "one part listed a hundred times": Attack(BIG, listed_often),
    "a directory that lies": Attack(BROKEN, lying),
    "a password": Attack(UNSAFE, locked),
    "a part outside": Attack(UNSAFE, lambda: with_parts(("../../../etc/cron.d/a", b"x"))),
    "a part outside, for Windows": Attack(UNSAFE, lambda: with_parts(("xl\\..\\..\\a", b"x"))),
    "a macro": Attack(UNSAFE, lambda: with_parts(("xl/vbaProject.bin", b"x"))),
    "a link to another file": Attack(
        UNSAFE, lambda: with_parts(("xl/externalLinks/externalLink1.xml", b"<x/>"))
    ),
    "a document type": Attack(UNSAFE, lambda: with_parts(("xl/a.xml", DOCTYPE))),
    "a document type in UTF-16": Attack(
        UNSAFE, lambda: with_parts(("xl/a.xml", DOCTYPE.decode().encode("utf-16")))
    ),
    "a document type in EBCDIC": Attack(
        UNSAFE,
        lambda: with_parts(
            ("xl/a.xml", ('<?xml version="1.0"?>' + DOCTYPE.decode()).encode("cp037"))
        ),
    ),
    "a document type behind 8 MB": Attack(
        UNSAFE,
        lambda: with_parts(
            ("xl/a.xml", random.Random(1).randbytes(4 * MB).hex().encode() + DOCTYPE)
        ),
    ),
    "a program for Windows": Attack(BROKEN, lambda: b"MZ" + bytes(5 * MB)),
    "an old workbook": Attack(BROKEN, lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(MB)),
    "cut short": Attack(BROKEN, lambda: tables.form()[:-30]),
    "an empty zip": Attack(BROKEN, lambda: b"PK\x05\x06" + bytes(18)),
}


def answer(data: bytes) -> str:
    """Return the code of the Problem that reading a workbook raises, or ""."""
    try:
        workbook.read(data)
    except Problem as problem:
        return problem.code
    return ""


def main() -> None:
    answer(tables.form())
    costs = {name: measured(attack.made()) for name, attack in CORPUS.items()}
    sys.stdout.write(json.dumps(costs))


def measured(data: bytes) -> dict[str, object]:
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak begins anew
    before_kb, begun_s = kilobytes("VmRSS"), time.process_time()
    code = answer(data)
    took_s = time.process_time() - begun_s
    return {"code": code, "s": took_s, "kb": kilobytes("VmHWM") - before_kb}


def kilobytes(name: str) -> int:
    return int(re.findall(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())[0])


if __name__ == "__main__":
    main()
