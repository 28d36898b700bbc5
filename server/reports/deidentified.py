"""The de-identified profile of an export: what stays of each answer, and what goes.

Driven by the `sensitivity` column of the workbook. What nobody tagged is refused, never guessed.
Days become months, points the middle of the commune; devices, people, teams and records get names
that mean nothing outside this very file: an HMAC with a key that is drawn for it and forgotten with
it. Whatever somebody could have typed is left out, also where a form lets an answer through that
is none of its choices. Records come in no order that says when they arrived.
"""

from __future__ import annotations

import datetime as dt
import hmac
import random
import re
import secrets
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings

from server.communes.geometry import centres
from server.forms import asking, schema
from server.forms.asking import Asking, Way
from server.forms.models import Form
from server.forms.schema import Field, Schema
from server.reports import anonymity, sensitive_sums
from server.reports.anonymity import Anonymity
from server.reports.problems import SensitivityMissing
from server.reports.records import Beat, Record, Watched, still
from server.reports.rows import Layout, Line

Change = Callable[[str, Record], str]  # an answer as it came, and the record that it is in

RESTRICTED = "restricted"
_STRICTNESS = ("", "public", "internal", RESTRICTED)
_NUMBERS = ("int", "integer", "long", "decimal")
# No zero in front: that is how telephone and identity numbers begin.
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2})-\d{2}(?:[T ].*)?", re.ASCII | re.DOTALL)
_COMPACT_DAY = re.compile(r"(20\d\d)(0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_YEAR_OR_MONTH = re.compile(r"20\d\d(?:-\d\d)?", re.ASCII)
_POINT = re.compile(r"\s*-?\d+\.\d+[ ,;]+-?\d+\.\d+.*", re.ASCII | re.DOTALL)
_LONGEST_COMPUTED = 64  # characters: codes and figures, no sentences
_COMMUNES = "communes.csv"
_PLACES = ("geopoint", "geotrace", "geoshape")
_SHOWN_AS = "string"  # a month, or a name made up, is text


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A question that the file does not have, and why, in Vietnamese."""

    question: Field
    reason: str


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A form as this profile shows it, for one file."""

    schema: Schema
    left_out: tuple[LeftOut, ...]
    keys: array[int]  # of the records, in an order that says nothing
    anonymity: Anonymity
    sums: sensitive_sums.Lines  # of what no record tells; empty for none
    _changes: Mapping[str, Change]  # by path
    _pseudonyms: Pseudonyms

    def read(self, layout: Layout, record: Record) -> list[list[Line]]:
        """Return what a record says, by table, as `Layout.read`; layout: of this schema."""
        if record.is_encrypted:
            return [[layout.empty()], *([] for _ in layout.tables[1:])]
        lines = layout.read(record.xml, self._pseudonyms.of("ho-so", record.instance_id))
        for table, rows in zip(layout.tables, lines, strict=True):
            changes = [
                (at, self._changes[question.path]) for at, question in enumerate(table.fields)
            ]
            for row in rows:
                for at, change in changes:
                    if row[at]:
                        row[at] = change(row[at], record)
        return lines

    def about(self, record: Record) -> Record:
        """Return what is told of a record beside its answers; times still are what they were."""
        named = self._pseudonyms.of
        return replace(
            record,
            instance_id=named("ho-so", record.instance_id),
            submitter_id=None,
            submitter=named("nguoi-gui", f"{record.submitter_id or ''} {record.submitter}".strip()),
            device_id=named("may", record.device_id),
            team=named("doan", record.team),
            expected=0,
            present=0,
        )


class Pseudonyms:
    """Names that mean nothing outside one file: the key is nowhere else."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def of(self, kind: str, text: str) -> str:
        """Return the name of one thing of a kind, the same for the same; "" for nothing."""
        if not text:
            return ""
        digest = hmac.digest(self._key, f"{kind}\0{text}".encode(), "sha256")
        return f"{kind}-{digest[:8].hex()}"


def prepare(
    form: Form, keys: array[int], sums: sensitive_sums.Lines = (), beat: Beat = still
) -> Deidentified:
    """Return how some records of a published form are shown, and how well they hide.

    sums: the table of sensitive counts that goes with them. beat: called again and again.

    Raises SensitivityMissing with every question that says not who may see its answer.
    """
    version = form.current_version
    if version is None:
        raise ValueError(f"form {form.form_id} was never published")
    fields = schema.load(version.schema)
    versions = [schema.load(found) for found in form.versions.values_list("schema", flat=True)]
    ways = asking.read(bytes(version.xform))
    counts = [asking.counts(bytes(one)) for one in form.versions.values_list("xform", flat=True)]
    treatment = _Treatment(strictest(fields, versions), versions, ways, counts)
    _refuse_untagged(form, fields, ways)
    changes, left_out, kept = {}, [], []
    for question, decided in treatment.of_all(fields):
        if isinstance(decided, LeftOut):
            left_out.append(decided)
        elif decided is not None:
            kept.append(decided[0])
            changes[question.path] = decided[1]
    return Deidentified(
        schema=Schema(tuple(kept), fields.choices),
        left_out=tuple(left_out),
        keys=_shuffled(keys),
        anonymity=anonymity.report(Watched(keys, lambda _: beat())),
        sums=sums,
        _changes=changes,
        _pseudonyms=treatment.pseudonyms,
    )


def _shuffled(keys: array[int]) -> array[int]:
    mixed = array("q", keys)
    random.SystemRandom().shuffle(mixed)
    return mixed


def _refuse_untagged(form: Form, fields: Schema, ways: Mapping[str, Asking]) -> None:
    untagged = [
        question.name
        for question in fields.fields
        if not question.sensitivity and _is_answered(question, ways.get(question.path))
    ]
    if untagged:
        raise SensitivityMissing(form_id=form.form_id, questions=", ".join(untagged))


def _is_answered(question: Field, asked: Asking | None) -> bool:
    is_note = asked is not None and asked.way == Way.SHOWN
    return not (question.is_repeat or question.is_meta or is_note)


def strictest(current: Schema, versions: Iterable[Schema]) -> Mapping[str, str]:
    """Return who may see each answer: what was restricted when it was given stays so."""
    found = {question.path: question.sensitivity for question in current.fields}
    for fields in versions:
        for question in fields.fields:
            known = found.get(question.path, "")
            found[question.path] = max(known, question.sensitivity, key=_STRICTNESS.index)
    return found


def _exact(versions: Iterable[Schema]) -> Iterator[str]:
    """Yield the paths of questions that say on which day, or where exactly."""
    for fields in versions:
        for question in fields.fields:
            if question.type in ("date", "dateTime", "time", *_PLACES):
                yield question.path


# What becomes of a question ----------------------------------------------------------------------


_Decided = tuple[Field, Change] | LeftOut | None  # how it is shown; None: not a question


class _Treatment:
    def __init__(
        self,
        sensitivity: Mapping[str, str],
        versions: Iterable[Schema],
        ways: Mapping[str, Asking],
        counts: Sequence[Mapping[str, frozenset[str]]],
    ) -> None:
        """counts: as `asking.counts`, of each version."""
        self.pseudonyms = Pseudonyms()
        self._sensitivity = sensitivity
        self._ways = ways
        self._offered: dict[str, frozenset[str]] = {}
        for fields in versions:
            for question in fields.fields:
                names = fields.choice_names(question)
                self._offered[question.path] = self._offered.get(question.path, names) | names
        restricted = (path for path, one in sensitivity.items() if one == RESTRICTED)
        self._guarded = self._resting_on(restricted, counts)
        self._counted = {path for found in counts for path in found if _name(path) in self._guarded}
        self._exact = self._resting_on(_exact(versions))

    def of_all(self, fields: Schema) -> Iterator[tuple[Field, _Decided]]:
        """Yield each question with what `of` says, but none of a repeat that only counts.

        One row for each case is their number, though the row says nothing.
        """
        decided = [(question, self.of(question)) for question in fields.fields]
        telling = {q.repeat for q, what in decided if isinstance(what, tuple) and not q.is_repeat}
        gone = [
            question.path
            for question in fields.fields
            if question.is_repeat
            and (question.path in self._counted or question.path not in telling)
        ]
        for question, what in decided:
            is_gone = any(f"{question.path}/".startswith(f"{path}/") for path in gone)
            if is_gone and isinstance(what, tuple):
                yield question, LeftOut(question, "số dòng cho biết số trường hợp")
            else:
                yield question, what

    def of(self, question: Field) -> _Decided:
        """Return the question as it is shown and what its answers become; None: not a question."""
        asked = self._ways.get(question.path, Asking(Way.TYPED))
        if question.is_repeat:
            return question, _as_it_is
        if not _is_answered(question, asked):
            return None
        if self._sensitivity[question.path] == RESTRICTED:
            return LeftOut(question, "hạn chế")
        if question.is_binary or asked.way == Way.TAKEN:
            return LeftOut(question, "tệp, ảnh")
        if question.type == "geopoint":
            return question, self._middle
        if question.type in ("date", "dateTime"):
            return replace(question, type=_SHOWN_AS), _month
        if asked.way == Way.DEVICE:
            return question, self._named
        if question.type in _NUMBERS:
            return self._figure(question)
        return self._text(question, asked)

    def _figure(self, question: Field) -> tuple[Field, Change] | LeftOut:
        if question.name in self._guarded:
            return LeftOut(question, "tính từ câu hạn chế")
        if question.name in self._exact:
            return LeftOut(question, "tính từ ngày hoặc vị trí")
        return question, _number

    def _text(self, question: Field, asked: Asking) -> tuple[Field, Change] | LeftOut:
        if asked.way == Way.CHOSEN:
            return question, _offered(self._offered[question.path])
        if asked.way == Way.LISTED:
            return question, _code if asked.file == _COMMUNES else self._listed
        if asked.way == Way.CONFIRMED:
            return question, _offered(frozenset({"OK"}))
        if asked.way != Way.COMPUTED or question.type != "string":
            return LeftOut(question, "chữ tự do")
        if self._sensitivity[question.path] != "public":
            return LeftOut(question, "tính từ câu khác, không công khai")
        if question.name in self._guarded:
            return question, _words
        return question, _coarse if question.name in self._exact else _computed

    def _resting_on(
        self, paths: Iterable[str], counts: Iterable[Mapping[str, frozenset[str]]] = ()
    ) -> frozenset[str]:
        """Return the names of some questions, and of those computed from them at any remove.

        counts: of repeats, which rest on what says how often they stand.
        """
        found = {_name(path) for path in paths}
        rest = {_name(path): asked.names for path, asked in self._ways.items()}
        for repeats in counts:
            for path, names in repeats.items():
                rest[_name(path)] = rest.get(_name(path), names) | names
        while fresh := {n for n, names in rest.items() if n not in found and names & found}:
            found |= fresh
        return frozenset(found)

    @cached_property
    def _centres(self) -> Mapping[str, tuple[float, float]]:
        # Not before there is a place: what draws the communes takes 13 MB.
        return centres()

    def _middle(self, text: str, record: Record) -> str:
        centre = self._centres.get(record.commune_uid)
        return f"{centre[1]} {centre[0]}" if centre else ""

    def _named(self, text: str, record: Record) -> str:
        return self.pseudonyms.of("may", text.strip())

    def _listed(self, text: str, record: Record) -> str:
        return " ".join(self.pseudonyms.of("muc", name) for name in text.split())


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def month(at: dt.datetime) -> str:
    """Return the month of a time, where the inspections are made: 2026-05."""
    return f"{at.astimezone(ZoneInfo(settings.LOCAL_TIME_ZONE)):%Y-%m}"


def _as_it_is(text: str, record: Record) -> str:
    return text


def _month(text: str, record: Record) -> str:
    return _month_of(text.strip())


def _month_of(text: str) -> str:
    """Return the month of a day, or of a time where the inspections are made; "" for neither."""
    found = _DAY.fullmatch(text)
    if found is None:
        return ""
    try:
        at = dt.datetime.fromisoformat(text)
        return month(at) if at.tzinfo else found[1]
    except (ValueError, OverflowError):
        return found[1]


def _number(text: str, record: Record) -> str:
    stripped = text.strip()
    return stripped if _NUMBER.fullmatch(stripped) else ""


def _computed(text: str, record: Record) -> str:
    stripped = text.strip()
    if len(stripped) > _LONGEST_COMPUTED or _POINT.fullmatch(stripped):
        return ""
    if found := _COMPACT_DAY.fullmatch(stripped):
        return f"{found[1]}-{found[2]}"
    return _month_of(stripped) or stripped


def _coarse(text: str, record: Record) -> str:
    """Keep an outcome, a month or a year of what is computed from days and places; no figure."""
    computed = _computed(text, record)
    return computed if _YEAR_OR_MONTH.fullmatch(computed) else _words(text, record)


def _words(text: str, record: Record) -> str:
    """Keep an outcome, and no figure: what rests on a restricted count must not tell it."""
    computed = _computed(text, record)
    return "" if any(letter.isdigit() for letter in computed) else computed


def _code(text: str, record: Record) -> str:
    stripped = text.strip()
    return stripped if re.fullmatch(r"[\w@.\-]{1,32}", stripped, re.ASCII) else ""


def _offered(names: frozenset[str]) -> Change:
    def keep(text: str, record: Record) -> str:
        return " ".join(name for name in text.split() if name in names)

    return keep
