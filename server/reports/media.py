"""The files that came with records, under names that a person can read: xã, ngày, câu hỏi."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from server.forms import schema
from server.forms.models import Form
from server.forms.schema import Schema
from server.reports import records
from server.reports.answers import label
from server.reports.archive import Member, safe_name, written
from server.reports.deidentified import RESTRICTED, strictest
from server.reports.lost_files import LostFiles
from server.reports.problems import SensitivityMissing
from server.reports.records import Keys, Record, SentFile
from server.reports.rows import Layout, merged
from server.submissions.stripping import CannotStrip, stripped

_BATCH = 500  # records
_MOST = 60  # characters of a question in a name
_SUFFIX = re.compile(r"\.\w{1,8}", re.ASCII)
# What a double click only shows or plays, of what phones send; anything else asks with what.
_SHOWN = frozenset(
    f".{ending}"
    for kinds in (
        "jpg jpeg png webp gif heic heif avif bmp tif tiff mp4 m4v mov webm mkv avi",
        "mp3 m4a amr aac wav ogg oga opus flac 3gp 3gpp txt csv json geojson xml enc",
        "pdf doc docx xls xlsx ppt pptx odt ods odp",
    )
    for ending in kinds.split()
)
_LARGEST = 30_000_000  # bytes of a photo that is held in memory to be stripped
_NOWHERE, _NO_DAY = "Chưa rõ xã", "Chưa rõ ngày"


class Names:
    """Gives each file of a record a name, and counts them."""

    def __init__(self, form: Form, *, is_stripped: bool) -> None:
        """is_stripped: as `archive`. Raises SensitivityMissing."""
        version = form.current_version
        if version is None:
            raise ValueError(f"form {form.form_id} was never published")
        fields = schema.load(version.schema)
        self._layout = Layout(fields)
        self.is_stripped = is_stripped
        self.given = 0
        self._kept = {field.path for field in fields.fields if field.is_binary}
        self._withheld: set[str] = set()
        if is_stripped:
            stored = form.versions.order_by("-pk").values_list("schema", flat=True)
            versions = [schema.load(found) for found in stored]
            told = strictest(fields, versions)
            self._withheld = {path for path, one in told.items() if one == RESTRICTED}
            self._kept = set(_tagged(form.form_id, fields)) - self._withheld
            self._layout = Layout(merged(fields, versions))

    def of(self, record: Record, number: int, files: list[SentFile]) -> Iterator[tuple[str, str]]:
        """Yield the name of each file, and its SHA-256.

        number: of the record in this archive, so that two of one commune and day stay apart.
        """
        asked = {} if record.is_encrypted else self._questions(record)
        day = _day(record.visit_date)
        folder = f"{safe_name(record.commune or _NOWHERE)}/{day}"
        taken: set[str] = set()
        for file in files:
            if self.is_stripped and file.name not in asked:
                continue
            question = asked.get(file.name) or PurePosixPath(file.name).stem
            suffix = PurePosixPath(file.name).suffix
            suffix = _harmless(suffix) if _SUFFIX.fullmatch(suffix) else ""
            name, times = f"{number:06d} {safe_name(question[:_MOST])}", 1
            while f"{name}{suffix}".lower() in taken:
                times += 1
                name = f"{number:06d} {safe_name(question[:_MOST])} ({times})"
            taken.add(f"{name}{suffix}".lower())
            yield f"{folder}/{name}{suffix}", file.sha256

    def _questions(self, record: Record) -> dict[str, str]:
        """Return the words of the question that each file answers, by its name.

        Stripped, without what a restricted question answers too, in whichever version.
        """
        found: dict[str, str] = {}
        withheld: set[str] = set()
        lines = self._layout.read(record.xml, record.instance_id)
        for table, rows in zip(self._layout.tables, lines, strict=True):
            for at, question in enumerate(table.fields):
                if question.path in self._kept:
                    found.update({row[at]: label(question) for row in rows if row[at]})
                elif question.path in self._withheld:
                    withheld.update(row[at] for row in rows)
        return {name: words for name, words in found.items() if name not in withheld}


def _harmless(suffix: str) -> str:
    """Return an ending under which no system runs a file: `.exe` is `.exe_`."""
    return suffix if suffix.lower() in _SHOWN else f"{suffix}_"


def archive(names: Names, keys: Keys) -> Iterator[bytes]:
    """Yield a zip of the files of some records, but for the logs of how forms were filled in.

    Stripped, to be shared: photos alone, without what they say of themselves, and none that answers
    a restricted question. One that cannot be read stays out: nobody knows what is in it.
    """
    yield from written(_members(names, keys), dt.datetime.now(dt.UTC))


def _members(names: Names, keys: Keys) -> Iterator[Member]:
    lost = LostFiles()
    for start in range(0, len(keys), _BATCH):
        part = keys[start : start + _BATCH]
        sent = defaultdict(list)
        for file in records.files(part):
            if not file.is_audit:
                sent[file.instance_id].append(file)
        numbered = (record for batch in records.batches(part) for record in batch)
        for number, record in enumerate(numbered, start=start + 1):
            for name, sha256 in names.of(record, number, sent[record.instance_id]):
                pieces: Iterable[bytes] | None = lost.content(sha256, name)
                if pieces is not None and names.is_stripped:
                    pieces = _stripped(pieces)
                if pieces is not None:
                    names.given += 1
                    yield Member(name, pieces, is_packed=True)
    yield from lost.member()


def _tagged(form_id: str, fields: Schema) -> Iterator[str]:
    """Yield the paths of the questions for photos, each tagged. Raises SensitivityMissing."""
    photos = [field for field in fields.fields if field.is_binary]
    untagged = [field.path for field in photos if not field.sensitivity]
    if untagged:
        raise SensitivityMissing(form_id=form_id, questions=", ".join(untagged))
    yield from (field.path for field in photos)


def _day(visited: dt.date | None) -> str:
    return f"{visited:%Y-%m-%d}" if visited else _NO_DAY


def _stripped(pieces: Iterable[bytes]) -> list[bytes] | None:
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > _LARGEST:
            return None
    try:
        return [stripped(bytes(content))]
    except CannotStrip:
        return None
