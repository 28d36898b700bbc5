"""`submissions.csv.zip` as ODK Central lays it out (openrosa.md §6.6), so that scripts read on."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from server.csv_rows import RowWriter
from server.forms import schema
from server.forms.models import Form
from server.forms.schema import Field, Schema
from server.reports import records, rows
from server.reports.archive import MANY, Member, one_name, poured, safe_name, spool, waited, written
from server.reports.cells import guard_all
from server.reports.deidentified import Deidentified, month
from server.reports.lost_files import LostFiles
from server.reports.records import Keys, Record, SentFile
from server.reports.rows import ROOT, Layout, Line, Table
from server.submissions.models import ReviewState

_ABOUT = (
    "KEY",
    "SubmitterID",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "Status",
    "ReviewState",
    "DeviceID",
    "Edits",
    "FormVersion",
)
_POINT = ("Latitude", "Longitude", "Altitude", "Accuracy")
_AUDIT = (
    "event",
    "node",
    "start",
    "end",
    "latitude",
    "longitude",
    "accuracy",
    "old-value",
    "new-value",
    "user",
    "change-reason",
)


@dataclass(frozen=True, slots=True)
class Options:
    """What may be asked of the archive, with Central's names in the comments."""

    splits_multiples: bool = False  # splitSelectMultiples
    has_group_paths: bool = True  # groupPaths
    has_deleted_fields: bool = False  # deletedFields
    has_attachments: bool = True  # attachments


def archive(tables: Tables, keys: Keys) -> Iterator[bytes]:
    """Yield the archive of some submissions, as `records.chosen` gives them.

    The records' own table goes out while it is made. Those of repeats wait in files without a
    name until it is done; nothing else grows with the data.
    """
    with ExitStack() as open_files:
        members = _members(tables, keys, open_files)
        yield from written(members, dt.datetime.now(dt.UTC))


def root_table(tables: Tables, keys: Keys) -> Iterator[bytes]:
    """Yield the records' own table alone."""
    with ExitStack() as open_files:
        yield from _root(tables, keys, _spools(1, open_files))


class Tables:
    """The tables of a published form, and the columns of each."""

    def __init__(self, form: Form, options: Options, hidden: Deidentified | None = None) -> None:
        """hidden: how the records are de-identified; None for as they came, with their files."""
        self.options = options
        self.hidden = hidden
        fields = hidden.schema if hidden else _asked(form, is_all=options.has_deleted_fields)
        self.form_id = form.form_id
        self.layout = Layout(fields)
        self.columns = [_Columns(table, fields, options) for table in self.layout.tables]

    def names(self) -> Iterator[str]:
        """Yield the name of each table's file; repeats of the same name are counted."""
        repeats = [table.name for table in self.layout.tables[1:]]
        often, so_far = Counter(repeats), Counter[str]()
        yield f"{safe_name(self.form_id)}.csv"
        for name in repeats:
            so_far[name] += 1
            number = f"~{so_far[name]}" if often[name] > 1 else ""
            yield f"{safe_name(self.form_id)}-{name}{number}.csv"

    def lines(self, record: Record) -> list[list[Line]]:
        """Return what a record says, by table."""
        if self.hidden is not None:
            return self.hidden.read(self.layout, record)
        if record.is_encrypted:
            return [[self.layout.empty()], *([] for _ in self.layout.tables[1:])]
        return self.layout.read(record.xml, record.instance_id)

    def came(self, record: Record) -> str:
        """Return when a record came: Central's time, or the month."""
        return _time(record.created_at) if self.hidden is None else month(record.created_at)

    def about(self, record: Record) -> Line:
        """Return what is told of a record beside its answers."""
        return _about(record if self.hidden is None else self.hidden.about(record))


def _asked(form: Form, *, is_all: bool) -> Schema:
    version = form.current_version
    if version is None:
        raise ValueError(f"form {form.form_id} was never published")
    current = schema.load(version.schema)
    if not is_all:
        return current
    earlier = form.versions.exclude(pk=version.pk).order_by("-published_at", "-pk")
    return rows.merged(
        current, [schema.load(found) for found in earlier.values_list("schema", flat=True)]
    )


# Columns -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wide:
    """A question that takes more columns than one."""

    at: int
    widen: Callable[[str], list[str]]


class _Columns:
    """The heading of a table, and how its rows come under it."""

    def __init__(self, table: Table, fields: Schema, options: Options) -> None:
        self.heading: list[str] = []
        self._wide: list[_Wide] = []
        for at, question in enumerate(table.fields):
            path = table.path_of(question) if options.has_group_paths else question.name
            name = path.replace("/", "-")
            if question.type == "geopoint":
                self.heading += [f"{name}-{part}" for part in _POINT]
                self._wide.append(_Wide(at, _point))
            elif question.is_multiple and options.splits_multiples:
                offered = _offered(question, fields)
                self.heading += [name, *(f"{name}/{choice}" for choice in offered)]
                self._wide.append(_Wide(at, _split(offered)))
            else:
                self.heading.append(name)

    def laid_out(self, cells: Line) -> Line:
        """Return a row with each answer under its heading, safe for a spreadsheet."""
        if not self._wide:
            guard_all(cells)
            return cells
        out: Line = []
        start = 0
        for wide in self._wide:
            out += cells[start : wide.at]
            out += wide.widen(cells[wide.at])
            start = wide.at + 1
        out += cells[start:]
        guard_all(out)
        return out


def _point(text: str) -> list[str]:
    parts = text.split()[: len(_POINT)]
    return parts + [""] * (len(_POINT) - len(parts))


def _offered(question: Field, fields: Schema) -> tuple[str, ...]:
    return tuple(choice.name for choice in fields.choices.get(question.choice_list, ()))


def _split(offered: Sequence[str]) -> Callable[[str], list[str]]:
    def split(text: str) -> list[str]:
        chosen = frozenset(text.split())
        return [text, *("1" if choice in chosen else "0" for choice in offered)]

    return split


# Members -----------------------------------------------------------------------------------------


def _members(tables: Tables, keys: Keys, open_files: ExitStack) -> Iterator[Member]:
    spools = _spools(len(tables.layout.tables), open_files)
    name, *names = tables.names()
    yield Member(name, _root(tables, keys, spools), may_be_huge=len(keys) > MANY)
    for name, waiting in zip(names, spools[1:], strict=True):
        yield waited(name, waiting)
    if tables.hidden is not None:  # files show people and places, logs show the inspector's way
        return
    audits, lost = open_files.enter_context(spool()), LostFiles()
    if tables.options.has_attachments:
        yield from _media(keys, audits, lost)
    else:
        _gather_audits(keys, audits, lost)
    if audits.tell():
        yield waited(f"{safe_name(tables.form_id)} - audit.csv", audits)
    yield from lost.member()


def _spools(many: int, open_files: ExitStack) -> list[IO[str]]:
    return [open_files.enter_context(spool()) for _ in range(many)]


def _root(tables: Tables, keys: Keys, spools: Sequence[IO[str]]) -> Iterator[bytes]:
    """Yield the records' own table; the rows of repeats go into their spools meanwhile."""
    outs = [io.StringIO(newline="") for _ in spools]
    writers = [RowWriter(out) for out in outs]
    columns = tables.columns[: len(writers)]
    writers[ROOT].row(["SubmissionDate", *columns[ROOT].heading, *_ABOUT])
    for writer, of in zip(writers[1:], columns[1:], strict=False):
        writer.row([*of.heading, "PARENT_KEY", "KEY"])
    for batch in records.batches(keys):
        for record in batch:
            root, *repeats = tables.lines(record)
            writers[ROOT].row(
                [tables.came(record), *columns[ROOT].laid_out(root[0]), *tables.about(record)]
            )
            for writer, of, lines in zip(writers[1:], columns[1:], repeats):  # noqa: B905
                if lines:
                    writer.rows(map(of.laid_out, lines))
        yield poured(outs, spools)
    yield poured(outs, spools)


def _about(record: Record) -> Line:
    about = [
        record.instance_id,
        "" if record.submitter_id is None else str(record.submitter_id),
        record.submitter,
        str(record.present),
        str(record.expected),
        _status(record),
        "" if record.review_state == ReviewState.RECEIVED else record.review_state,
        record.device_id,
        str(record.edits),
        record.form_version,
    ]
    guard_all(about)
    return about


def _status(record: Record) -> str:
    if not record.is_encrypted:
        return ""
    return "not decrypted" if record.has_encrypted_xml else "missing encrypted form data"


def _time(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Files -------------------------------------------------------------------------------------------


def _media(keys: Keys, audits: IO[str], lost: LostFiles) -> Iterator[Member]:
    """Yield the files; the logs of how forms were filled in go into their table instead."""
    taken: dict[str, tuple[str, str]] = {}  # name and SHA-256, by what names have in common
    for file in records.files(keys):
        if file.is_audit:
            _gather(file, audits, lost)
            continue
        name = safe_name(file.name)
        this = (name, file.sha256)
        if taken.get(one_name(name)) == this:
            continue
        if taken.setdefault(one_name(name), this) != this:
            # Another record's file of this name has it already; neither may be lost.
            name = f"{safe_name(file.instance_id)}/{name}"
        pieces = lost.content(file.sha256, f"media/{name}")
        if pieces is not None:
            yield Member(f"media/{name}", pieces, is_packed=True)


def _gather_audits(keys: Keys, audits: IO[str], lost: LostFiles) -> None:
    for file in records.files(keys):
        if file.is_audit:
            _gather(file, audits, lost)


def _gather(file: SentFile, audits: IO[str], lost: LostFiles) -> None:
    """Add a log to the table of all, under its heading; a short row is filled up."""
    opened = lost.opened(file.sha256, f"{file.instance_id}/{file.name}")
    if opened is None:
        return
    writer = RowWriter(audits)
    if not audits.tell():
        writer.row(["instance ID", *_AUDIT])
    with opened as log:
        text = io.TextIOWrapper(log, encoding="utf-8-sig", errors="replace", newline="")
        for row in csv.DictReader((line.replace("\0", "") for line in text), restval=""):
            cells = [file.instance_id, *(row.get(name) or "" for name in _AUDIT)]
            guard_all(cells)
            writer.row(cells)
