"""Keep the files that came with an instance: bytes as blobs, names as nothing but text."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any  # of JSON

from server import blobs
from server.blobs import Blob
from server.communes.vietnamese import composed

MAX_NAME = 255  # characters; no phone's file system has longer names
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")
_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file part of a post."""

    name: str  # of the multipart part, which is what the XML refers to (openrosa.md §4.3)
    file: IO[bytes]
    content_type: str  # as declared; may be ""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file whose bytes are stored."""

    name: str
    blob: Blob
    content_type: str
    is_expected: bool  # the XML refers to it

    def as_json(self) -> dict[str, Any]:
        """Return what a row says of it that keeps its files in one column."""
        return {
            "name": self.name,
            "sha256": self.blob.sha256,
            "size": self.blob.size,
            "content_type": self.content_type,
        }


def keep(
    files: Sequence[SentFile], expected: Sequence[str], *, is_encrypted: bool
) -> tuple[KeptFile, ...]:
    """Store the bytes of `files`, durably; return each distinct (name, content) once.

    Files that the XML does not name are kept too, marked: a phone deletes its copy on our 201.
    Beside an encrypted instance they may be the plain text of what was encrypted, and are not
    stored at all (openrosa.md §4.9). Raises StorageFull.
    """
    spelled = Spelling(expected)
    kept: dict[tuple[str, str], KeptFile] = {}
    for sent in files:
        name = spelled.as_expected(storable(sent.name, MAX_NAME))
        is_expected = name in expected
        if is_encrypted and not is_expected:
            continue
        blob = blobs.put(sent.file)
        kept.setdefault(
            (name, blob.sha256), KeptFile(name, blob, _content_type(sent, name), is_expected)
        )
    return tuple(kept.values())


class Spelling:
    """The names of files as an instance spells them.

    A client may compose a name otherwise than the XML that it sends: á is one letter or two. The
    XML's spelling is kept, so that everybody after us can compare plainly.
    """

    def __init__(self, expected: Sequence[str]) -> None:
        self._spelled = {_comparable(name): name for name in expected}

    def as_expected(self, name: str) -> str:
        """Return the XML's spelling of a name, or the name itself."""
        return self._spelled.get(_comparable(name), name)


def storable(text: str, most: int) -> str:
    """Return `text` as PostgreSQL can keep it: no NUL, no half characters, cut to `most`."""
    whole = text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return whole[:most]


def _comparable(name: str) -> str:
    return composed(name)[:MAX_NAME]


def _content_type(sent: SentFile, name: str) -> str:
    # Only what can stand in a header again when the file is served: the words are a stranger's.
    declared = sent.content_type.partition(";")[0].strip().lower()
    if _TYPE.fullmatch(declared):
        return declared
    return mimetypes.guess_type(name)[0] or _UNKNOWN_TYPE
