"""Zip archives written while they are read: no byte of them is kept. No Django."""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

_PIECE = 64 * 1024  # bytes
_FAST = 1  # of zlib's levels: a tenth larger than the usual one, in a third of its time
_IN_MEMORY = 1_000_000  # bytes of a spool before it goes to the disk
HUGE = 2**31 - 1  # bytes of a member; more can only be written where it was said that it may be
MANY = 50_000  # records of which a table may have as much
_OWNER_ONLY = 0o600 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive."""

    name: str
    pieces: Iterable[bytes]
    is_packed: bool = False  # a photo or a sound, which does not become smaller
    may_be_huge: bool = False  # more than 4 GB, which old programs cannot unpack


def written(members: Iterable[Member], at: dt.datetime) -> Iterator[bytes]:
    """Yield an archive piece by piece; a member is asked for when those before it are written.

    at: when it was made, as its files say.
    An archive that breaks off has no directory, so that nobody takes it for a whole one.
    """
    sink, is_begun = _Sink(), False
    with zipfile.ZipFile(sink, "w") as archive:
        for member in members:
            info = zipfile.ZipInfo(
                member.name, (at.year, at.month, at.day, at.hour, at.minute, at.second)
            )
            info.compress_type = zipfile.ZIP_STORED if member.is_packed else zipfile.ZIP_DEFLATED
            info._compresslevel = _FAST  # type: ignore[attr-defined]  # public from Python 3.13 on
            info.external_attr = _OWNER_ONLY
            with archive.open(info, "w", force_zip64=member.may_be_huge) as out:
                for piece in member.pieces:
                    out.write(piece)
                    if sink.size > _PIECE or not is_begun:
                        is_begun = True  # whoever waits sees at once that it comes
                        yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """Takes what zipfile writes until somebody fetches it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0  # bytes that wait

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        self.size += len(piece)
        return len(piece)

    def take(self) -> bytes:
        pieces, self._pieces, self.size = self._pieces, [], 0
        return b"".join(pieces)


# What waits its turn ------------------------------------------------------------------------------


def spool() -> IO[str]:
    """Return a file without a name for a member that is written while another goes out."""
    return tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="")


def poured(texts: Sequence[io.StringIO], spools: Sequence[IO[str]]) -> bytes:
    """Return what was written to the first of some texts; what was to the others, their spools get.

    All begin anew. Rows are written there first: a spool takes as long for one as for many.
    """
    first, *others = map(_emptied, texts)
    for waiting, text in zip(spools[1:], others, strict=True):
        waiting.write(text)
    return first.encode()


def _emptied(text: io.StringIO) -> str:
    found = text.getvalue()
    text.seek(0)
    text.truncate()
    return found


def waited(name: str, spool: IO[str]) -> Member:
    """Return what was written to a spool as a member."""
    return Member(name, _spooled(spool), may_be_huge=spool.tell() > HUGE)


def _spooled(spool: IO[str]) -> Iterator[bytes]:
    spool.seek(0)
    while text := spool.read(_PIECE):
        yield text.encode()


# What some system cannot have in a name, and what shows a name as another (`gpj.exe` turned round).
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# Devices of Windows, with whatever ending.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Return a name that stays in its folder on every system."""
    cleaned = _UNSAFE.sub("_", name).strip(" .")
    return f"_{cleaned}" if not cleaned or _DEVICE.match(cleaned) else cleaned


def one_name(name: str) -> str:
    """Return what two names have in common that some system takes for one: case, spelling of ả."""
    return unicodedata.normalize("NFC", name).casefold()
