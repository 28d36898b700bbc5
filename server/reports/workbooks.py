"""Records that one workbook cannot hold, as several: a zip of numbered parts.

Each is a workbook of its own, with the rows of repeats of its own records, and the dictionary.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Iterator

from server import blobs
from server.reports import archive, beating, sheets
from server.reports.archive import Member, safe_name
from server.reports.people_table import Book
from server.reports.records import Beat, Keys


class Parts:
    """The workbooks that some records are split into, in their order."""

    def __init__(self, book: Book, keys: Keys, many: int, beat: Beat) -> None:
        """many: workbooks, as `sheets.parts` says. beat: called again and again."""
        self.tables: list[list[int]] = []  # of each that is written, as `sheets.write` says
        self._book = book
        self._keys = keys
        self._many = many
        self._beat = beat

    def archive(self) -> Iterator[bytes]:
        """Yield the zip; a workbook is made when those before it are written."""
        yield from archive.written(self._members(), dt.datetime.now(dt.UTC))

    def _members(self) -> Iterator[Member]:
        whole = len(self._keys)
        for number in range(self._many):
            first, end = (whole * at // self._many for at in (number, number + 1))
            part = _Part(self._keys, range(first, end))
            with beating.temporary(self._beat) as file:
                self.tables.append(sheets.write(self._book, part, file))
                size = file.tell()
                file.seek(0)
                pieces = iter(lambda: file.read(blobs.CHUNK), b"")
                huge = size > archive.HUGE
                yield Member(self._name(number + 1), pieces, is_packed=True, may_be_huge=huge)

    def _name(self, number: int) -> str:
        digits = len(str(self._many))
        form = safe_name(self._book.form_id)
        return f"{form} - phần {number:0{digits}} trong {self._many}.xlsx"


class _Part:
    """Some keys that follow each other, as Keys."""

    def __init__(self, keys: Keys, places: range) -> None:
        self._keys = keys
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, part: slice, /) -> array[int]:
        asked = self._places[part]
        return self._keys[asked.start : asked.stop : asked.step]
