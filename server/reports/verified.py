"""Files read again after they were written: whole, and with how many rows. No Django."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO

_PIECE = 256 * 1024  # bytes
LONGEST_FIELD = 50_000_000  # characters: no filled-in form has more; Python allows less
csv.field_size_limit(LONGEST_FIELD)
_ROW = re.compile(rb"<row[ >]")


class Broken(Exception):
    """A file that is not what it should be; says where."""


@contextmanager
def opened(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Open an archive to read it. Raises Broken, also while it is read."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise Broken("archive") from error


def csv_zip(file: IO[bytes]) -> dict[str, int]:
    """Return how many rows stand under the heading of each CSV of an archive.

    Every member is read to its end, where zipfile compares its checksum. Raises Broken.
    """
    rows: dict[str, int] = {}
    with opened(file) as archive:
        for name in archive.namelist():
            if name.endswith(".csv") and "/" not in name:
                rows[name] = max(_rows(_pieces(archive, name)) - 1, 0)
            else:
                _read(archive, name)
    return rows


def _rows(pieces: Iterable[bytes]) -> int:
    """Return how many rows a CSV has: a line ends one where quotes are closed (RFC 4180)."""
    rows, is_quoted, last = 0, False, b"\n"
    for piece in pieces:
        last = piece[-1:]
        for part in piece.split(b'"'):
            rows += 0 if is_quoted else part.count(b"\n")
            is_quoted = not is_quoted
        is_quoted = not is_quoted  # the last part ends with the piece, and not with a quote
    if is_quoted:
        raise Broken("quotes")
    return rows + (last != b"\n")


def members(file: IO[bytes], *, but: str) -> int:
    """Return how many files are in an archive, each whole, but for one name. Raises Broken."""
    with opened(file) as archive:
        names = archive.namelist()
        for name in names:
            _read(archive, name)
    return sum(name != but for name in names)


def workbooks(file: IO[bytes], beat: Callable[[], None]) -> Iterator[list[int]]:
    """Yield what `xlsx` returns of each workbook of an archive, in their order. Raises Broken.

    beat: called again and again.
    """
    with opened(file) as archive:
        for name in archive.namelist():
            with tempfile.TemporaryFile() as copy:
                for piece in _pieces(archive, name):
                    copy.write(piece)
                yield xlsx(copy, beat)


def xlsx(file: IO[bytes], beat: Callable[[], None] = lambda: None) -> list[int]:
    """Return how many rows stand under the heading of each sheet of a workbook. Raises Broken.

    beat: as of `workbooks`.
    """
    with opened(file) as archive:
        names = archive.namelist()
        if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
            raise Broken("workbook")
        for name in names:
            if not name.startswith("xl/worksheets/sheet"):
                _read(archive, name)
        count = sum(name.startswith("xl/worksheets/sheet") for name in names)
        sheets = (f"xl/worksheets/sheet{n}.xml" for n in range(1, count + 1))
        return [_sheet(archive, name, beat) for name in sheets]


def geojson(file: IO[bytes]) -> int:
    """Return how many features a collection has that stands one on a line. Raises Broken."""
    file.seek(0)
    lines = io.TextIOWrapper(file, encoding="utf-8")
    try:
        return _features(lines)
    except (ValueError, KeyError) as error:  # of JSON, and of UTF-8
        raise Broken("feature") from error
    finally:
        lines.detach()  # or it would close the file


def _features(lines: Iterator[str]) -> int:
    if next(lines, "") != '{"type":"FeatureCollection","features":[\n':
        raise Broken("heading")
    for features, line in enumerate(lines):
        if line == "]}\n":
            return features
        if json.loads(line.rstrip(",\n"))["type"] != "Feature":
            raise Broken("feature")
    raise Broken("end")


def _sheet(archive: zipfile.ZipFile, name: str, beat: Callable[[], None]) -> int:
    rows, tail = 0, b""
    for piece in _pieces(archive, name):
        beat()
        seen = tail + piece
        # Of the tail only what no match of the piece before can have ended in.
        rows += len(_ROW.findall(seen)) - len(_ROW.findall(tail))
        tail = seen[-20:]
    if not tail.endswith(b"</worksheet>"):
        raise Broken(name)
    return max(rows - 1, 0)


def _read(archive: zipfile.ZipFile, name: str) -> None:
    for _ in _pieces(archive, name):
        pass


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as member:
        while piece := member.read(_PIECE):
            yield piece
