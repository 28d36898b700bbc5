"""How much of a form can be listened to: spoken labels by language, and whether their files do.

For inspectors and villagers who speak Tày, Nùng, Dao or Mông and may not read the label. A spoken
label is a file named under `media::audio::Tày (tyz)` of `survey` or `choices`. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.forms import survey, workbook
from server.forms.audio_problems import (
    AudioFormatUnknown,
    AudioMissing,
    AudioNameUnsafe,
    AudioTooBig,
)
from server.forms.problems import Complaint
from server.forms.workbook import Row, Sheet, Workbook

# Always reported, so that a language nobody has recorded yet shows as 0 %. Codes of ISO 639-3.
WANTED = ("Tày (tyz)", "Nùng (nut)", "Dao (ium)", "Mông (hmn)")
MAX_BYTES = 60_000  # ten seconds of speech; a form of 200 labels stays below 12 MB a language
HEAD_BYTES = 12  # of a file, enough to tell its format

_HEADER = re.compile(r"(?:media::)?audio::(.+)")
_NAME = re.compile(r"[\w][\w .-]*")
# What a file of each ending begins with, and where; Android plays all of these.
_FORMATS: Mapping[str, tuple[tuple[int, bytes], ...]] = {
    "mp3": ((0, b"ID3"), (0, b"\xff\xfb"), (0, b"\xff\xf3"), (0, b"\xff\xf2")),
    "m4a": ((4, b"ftyp"),),
    "ogg": ((0, b"OggS"),),
    "opus": ((0, b"OggS"),),
    "wav": ((0, b"RIFF"),),
    "amr": ((0, b"#!AMR"),),
}


@dataclass(frozen=True, slots=True)
class AudioFile:
    """What is looked at of a file."""

    size: int  # bytes
    head: bytes  # its first HEAD_BYTES


@dataclass(frozen=True, slots=True)
class Coverage:
    """One language."""

    language: str
    texts: int  # labels that somebody reads
    named: int  # of those, with a file named
    playable: int  # of those, with a file that is there and good

    @property
    def percent(self) -> int:
        """Return the share of labels that can be listened to, rounded down: 100 means all."""
        return 100 * self.playable // self.texts if self.texts else 0


@dataclass(frozen=True, slots=True)
class Audio:
    """The spoken labels of a form."""

    languages: tuple[Coverage, ...]
    complaints: tuple[Complaint, ...]
    unused: tuple[str, ...]  # sound files that no label names


def audio(data: bytes, files: Mapping[str, AudioFile]) -> Audio:
    """Measure the spoken labels of a workbook against the files in its `media/`.

    Raises NotAWorkbook, WorkbookTooBig, WorkbookUnsafe.
    """
    book = workbook.read(data)
    sheets = [book.sheet(name) for name in ("survey", "choices")]
    headers = {h: m[1] for s in sheets for h in s.columns if (m := _HEADER.fullmatch(h))}
    rows = [(sheet, row) for sheet in sheets for row in _read_by_people(book, sheet)]
    languages, complaints = list[Coverage](), list[Complaint]()
    used: set[str] = set()
    for language in dict.fromkeys([*WANTED, *headers.values()]):
        own = [header for header, named in headers.items() if named == language]
        named = [(s, row, h) for s, row in rows for h in own if row.get(h)]
        wrong = [_wrong(sheet, row, header, files) for sheet, row, header in named]
        complaints += [complaint for complaint in wrong if complaint]
        used |= {row.get(header) for _, row, header in named}
        languages.append(Coverage(language, len(rows), len(named), wrong.count(None)))
    sounds = (name for name in files if _ending(name) in _FORMATS)
    return Audio(tuple(languages), tuple(complaints), tuple(sorted(set(sounds) - used)))


def _read_by_people(book: Workbook, sheet: Sheet) -> Iterator[Row]:
    original = survey.original_language(book)
    return (row for row in sheet.rows if row.get(f"label::{original}", "label"))


def _wrong(sheet: Sheet, row: Row, header: str, files: Mapping[str, AudioFile]) -> Complaint | None:
    name = row.get(header)
    place = {
        "sheet": sheet.name.lower(),
        "row": row.number,
        "column": sheet.columns[header],
        "header": header,
        "name": name,
    }
    file = files.get(name)
    if not _NAME.fullmatch(name):
        return AudioNameUnsafe(**place)
    if _ending(name) not in _FORMATS:
        return AudioFormatUnknown(**place, known=", ".join(_FORMATS))
    if file is None:
        return AudioMissing(**place)
    if not any(file.head[at:].startswith(mark) for at, mark in _FORMATS[_ending(name)]):
        return AudioFormatUnknown(**place, known=", ".join(_FORMATS))
    if file.size > MAX_BYTES:
        return AudioTooBig(**place, size=file.size, limit=MAX_BYTES)
    return None


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
