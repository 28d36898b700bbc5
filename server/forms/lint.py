"""What no form of ours may ask, checked on the workbook before phones get it (domain.md §5.1).

Data about violence must not lead to anybody: no names, no single cases, no points or photos at
shelters, no counts below the commune. It is a net of words, no proof: a person still reads every
question. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from server.forms import lint_words as words
from server.forms.indicators import Indicators
from server.forms.lint_problems import (
    AsksIdentity,
    IncidentsTooLocal,
    KindUnsafe,
    LanguageMissing,
    NotRestricted,
    PersonLevel,
    PhotoOfPeople,
    RestrictedCopied,
    SensitiveExposed,
    SensitiveSplit,
    SensitivityMissing,
    ShelterLocated,
    Untranslated,
    WarningMissing,
)
from server.forms.problems import ColumnMissing, Complaint
from server.forms.survey import CALCULATION
from server.forms.workbook import Row, Sheet, Workbook

LANGUAGES = ("Tiếng Việt (vi)", "English (en)")  # of every form in forms/

_SILENT = ("note", "calculate", "hidden", "start", "end", "today", "deviceid", "username", "audit")
_SILENT_FIRST = ("begin", "end")
_WRITTEN = ("text", "integer", "int", "decimal", "range", "date", "datetime", "time", "barcode")
_COUNTS = ("integer", "int", "decimal", "range")
_POINTS = ("geopoint",)
_PHOTOS = ("image", "photo")
_PERSONAL = ("phonenumber", "phone_number", "subscriberid", "simserial", "email")
_UNSAFE = ("audio", "background-audio", "video", "file", "start-geopoint", "geotrace", "geoshape")
_DRAWN = ("signature", "draw")
_TRANSLATED = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
_REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^}\s]+)\s*\}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One row of the survey with what stands around it."""

    row: Row
    kind: str  # first word of its type, in lower case
    name: str
    texts: str  # labels and hints, without what they forbid
    around: str  # those of the groups around it
    is_repeated: bool
    is_answered: bool  # somebody is asked for an answer


@dataclass(frozen=True, slots=True)
class _Around:
    texts: str = ""
    is_repeat: bool = False


def check(book: Workbook, indicators: Indicators) -> list[Complaint]:
    """Return everything that a form may not ask or fails to say; nothing for a good one."""
    sheet = book.sheet("survey")
    rows = list(_walk(sheet))
    found = [complaint for asked in rows for complaint in _about(sheet, asked)]
    found += _incidents(sheet, rows)
    found += _sensitivities(book, sheet, rows)
    found += _copies(book, sheet, rows)
    found += _splits(book.sheet("indicators"), indicators)
    found += _exposed(sheet, rows, indicators)
    for name in ("survey", "choices", "findings", "indicators"):
        found += _translations(book.sheet(name))
    return found


def check_languages(book: Workbook) -> list[Complaint]:
    """Return a complaint for each language of ours that a sheet with texts lacks."""
    return [
        LanguageMissing(sheet=name, row=1, header=f"label::{language}", language=language)
        for name in ("survey", "choices", "findings", "indicators")
        if book.sheet(name).rows
        for language in LANGUAGES
        if f"label::{language}" not in book.sheet(name).columns
    ]


# The rows ----------------------------------------------------------------------------------------


def _walk(sheet: Sheet) -> Iterator[_Asked]:
    groups = [_Around()]
    for row in sheet.rows:
        kinds = row.get("type").lower().replace("begin_", "begin ").replace("end_", "end ").split()
        if not kinds:
            continue
        if kinds[0] == "end" and len(kinds) > 1:
            groups = groups[:-1] or [_Around()]
            continue
        texts = words.plain(*_texts(row, ("label", "hint", "guidance_hint")))
        yield _Asked(
            row=row,
            kind=" ".join(kinds) if kinds[0] == "begin" else kinds[0],
            name=row.get("name"),
            texts=texts,
            around=" ".join(group.texts for group in groups),
            is_repeated=any(group.is_repeat for group in groups),
            is_answered=kinds[0] not in (*_SILENT, *_SILENT_FIRST),
        )
        if kinds[0] == "begin":
            groups.append(_Around(words.plain(*_texts(row, ("label",))), "repeat" in kinds))


def _texts(row: Row, families: Sequence[str]) -> list[str]:
    return [text for header, text in row.cells.items() if header.partition("::")[0] in families]


def _at(sheet: Sheet, row: Row, header: str, **details: object) -> dict[str, object]:
    place = {"sheet": sheet.name.lower(), "row": row.number, "header": header}
    return {**place, "column": sheet.columns.get(header, ""), "name": row.get("name"), **details}


def _label_header(sheet: Sheet) -> str:
    return next((h for h in sheet.columns if h.partition("::")[0] == "label"), "label")


# One question ------------------------------------------------------------------------------------


def _about(sheet: Sheet, asked: _Asked) -> Iterator[Complaint]:
    place = _at(sheet, asked.row, _label_header(sheet))
    for judge in (_identity, _one_person, _shelter, _photo):
        for kind, found in judge(asked):
            yield kind(**place, found=found)
    yield from _unsafe(sheet, asked)
    if "or_other" in asked.row.get("type").lower().split():
        yield WarningMissing(**_at(sheet, asked.row, "type"))
    if asked.kind == "text" and words.WARNING not in words.raw(
        *_texts(asked.row, ("hint", "label"))
    ):
        header = next((h for h in sheet.columns if h.startswith("hint") and "vi" in h), "hint")
        yield WarningMissing(**_at(sheet, asked.row, header))


_Found = Iterator[tuple[type[Complaint], str]]


def _identity(asked: _Asked) -> _Found:
    if asked.kind in _PERSONAL:
        yield AsksIdentity, asked.kind
    if asked.kind not in _WRITTEN:
        return
    found = words.IDENTITY.search(asked.texts) or words.IDENTITY_NAME.search(asked.name.lower())
    if found is None and asked.kind in ("text", "barcode"):
        found = words.CASE_NUMBER.search(asked.texts)
    if found:
        yield AsksIdentity, found[0].strip("_")


def _one_person(asked: _Asked) -> _Found:
    if asked.kind == "begin repeat":
        found = words.ONE_ROW_EACH.search(asked.texts)
    elif asked.is_answered:
        found = words.DETAIL_OF_ONE.search(asked.texts)
    else:
        return
    if found:
        yield PersonLevel, found[0]


def _shelter(asked: _Asked) -> _Found:
    if asked.kind in (*_POINTS, *_PHOTOS):
        found = words.SHELTER.search(f"{asked.texts} {asked.around}")
        if found:
            yield ShelterLocated, found[0]


def _photo(asked: _Asked) -> _Found:
    if asked.kind not in _PHOTOS:
        return
    people = words.PEOPLE.search(asked.texts)
    if people:
        yield PhotoOfPeople, f" («{people[0]}»)"
    elif not words.NO_PEOPLE.search(words.raw(*_texts(asked.row, ("label", "hint")))):
        yield PhotoOfPeople, ""


def _unsafe(sheet: Sheet, asked: _Asked) -> Iterator[Complaint]:
    drawn = [word for word in _DRAWN if word in asked.row.get("appearance").lower().split()]
    is_tracking = asked.kind == "audit" and "location" in asked.row.get("parameters").lower()
    if asked.kind in _UNSAFE or is_tracking or (drawn and asked.kind == "image"):
        kind = " ".join([asked.row.get("type"), *drawn, *(["location"] if is_tracking else [])])
        yield KindUnsafe(**_at(sheet, asked.row, "type", kind=kind))


# Counts of violence ------------------------------------------------------------------------------


def _incidents(sheet: Sheet, rows: Iterable[_Asked]) -> Iterator[Complaint]:
    before = ""  # what the question before counted: «trong đó …» goes on with it
    for asked in rows:
        if not asked.is_answered:
            continue
        label = words.plain(*_texts(asked.row, ("label",)))
        found = words.incident(label)
        if not found and words.FOLLOWS.search(label):
            found = before
        before = found if asked.kind in _COUNTS else ""
        is_asked = asked.kind in _COUNTS or asked.kind.startswith("select")
        is_local = asked.is_repeated or words.VILLAGE.search(f"{label} {asked.around}")
        place = _at(sheet, asked.row, _label_header(sheet), found=found)
        if found and is_asked and is_local:
            yield IncidentsTooLocal(**place)
        elif found and asked.kind in _COUNTS and asked.row.get("sensitivity") != "restricted":
            yield NotRestricted(**_at(sheet, asked.row, "sensitivity", found=found))


def _sensitivities(book: Workbook, sheet: Sheet, rows: Iterable[_Asked]) -> Iterator[Complaint]:
    """Complain about questions that do not say who may see them; a form that judges must."""
    if "sensitivity" not in sheet.columns:
        if book.sheet("findings").rows:
            yield ColumnMissing(sheet="survey", row=1, header="sensitivity")
        return
    for asked in rows:
        if asked.is_answered and not asked.row.get("sensitivity"):
            yield SensitivityMissing(**_at(sheet, asked.row, "sensitivity"))


def _copies(book: Workbook, sheet: Sheet, rows: Sequence[_Asked]) -> Iterator[Complaint]:
    """Complain about restricted answers in calculations, names of instances, and entities."""
    hidden = {a.name for a in rows if a.row.get("sensitivity") == "restricted"}
    # A condition's outcome may be known; its figures may not (domain.md §5.1, 8).
    shown = {f"f_{row.get('code').lower()}" for row in book.sheet("findings").rows} | {"z_result"}
    header = sheet.header(*CALCULATION)
    for asked in rows:
        if asked.name in hidden and asked.row.get("save_to"):
            yield RestrictedCopied(**_at(sheet, asked.row, "save_to", found=asked.name))
        if asked.kind == "calculate" and asked.name not in hidden | shown and header:
            yield from _referring(sheet, asked.row, (header,), hidden)
    for name, headers in (("settings", ("instance_name",)), ("entities", ("label", "entity_id"))):
        for row in book.sheet(name).rows:
            yield from _referring(book.sheet(name), row, headers, hidden)


def _referring(
    sheet: Sheet, row: Row, headers: Iterable[str], hidden: set[str]
) -> Iterator[Complaint]:
    for header in headers:
        for name in _REFERENCE.findall(row.get(header)):
            if name in hidden:
                yield RestrictedCopied(**_at(sheet, row, header, found=name))


def _splits(sheet: Sheet, indicators: Indicators) -> Iterator[Complaint]:
    split = {i.code for i in indicators if i.is_sensitive and i.disaggregate}
    for row in sheet.rows:
        if row.get("code") in split:
            yield SensitiveSplit(**_at(sheet, row, "disaggregate", value=row.get("code")))


def _exposed(sheet: Sheet, rows: Iterable[_Asked], indicators: Indicators) -> Iterator[Complaint]:
    """Complain about answers behind a sensitive figure that files of records would show."""
    codes = {
        path.rpartition("/")[2]: each.code
        for each in indicators
        if each.is_sensitive
        for path in (*each.value, *each.of)
    }
    for asked in rows:
        # What says nothing is complained about as such, and is in no such file.
        if asked.name in codes and asked.row.get("sensitivity") not in ("", "restricted"):
            yield SensitiveExposed(**_at(sheet, asked.row, "sensitivity", value=codes[asked.name]))


# Languages ---------------------------------------------------------------------------------------


def _translations(sheet: Sheet) -> Iterator[Complaint]:
    languages = [h.partition("::")[2] for h in sheet.columns if h.startswith("label::")]
    for row in sheet.rows:
        for family in _TRANSLATED:
            headers = [f"{family}::{language}" for language in languages]
            if any(row.get(header) for header in headers):
                for header in headers:
                    if not row.get(header):
                        yield Untranslated(**_at(sheet, row, header))
