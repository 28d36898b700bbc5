"""The texts of a workbook out to a translator's sheet, and the translations back in.

A text is known by a key - `survey:h/h_date:label` - never by where it stands, so that the workbook
may change while somebody translates. No Django.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server.forms import survey, workbook
from server.forms.problems import Complaint
from server.forms.translation_problems import (
    FormulaInTranslation,
    KeyRepeated,
    LanguageUnusable,
    NotATranslationSheet,
    PlaceholdersDiffer,
    TranslationsRefused,
    TranslationTooLong,
)
from server.forms.workbook import Row, Sheet, Workbook

SHEET = "dich"
KEY, WHERE, ORIGINAL, TRANSLATED = "khóa", "ô", "gốc", "dịch"
MAX_LETTERS = 32_767  # a cell of Excel

_FAMILIES = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
_SHEETS = ("survey", "choices", "findings", "indicators")
_WIDTHS = (36, 14, 60)
_LANGUAGE = re.compile(r"[^\s:()][^:()]* \(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)")
_PLACEHOLDER = re.compile(r"\$\{\s*([^}\s]+)\s*\}")


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a workbook in the language that the others come from."""

    key: str
    sheet: str
    row: int
    family: str  # label, hint, constraint_message …
    original: str
    translations: Mapping[str, str]  # by language; blank ones are absent


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A workbook with translations, and what became of the sheet."""

    workbook: bytes
    written: int  # cells that say something else now
    changed: tuple[str, ...] = ()  # left alone: the original is another by now, or was edited
    left_over: tuple[str, ...] = ()  # left alone: no such text any more
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by language, after it


def texts(book: Workbook) -> Iterator[Text]:
    """Yield every text that can be translated, in the order of the workbook."""
    original = survey.original_language(book)
    for name in _SHEETS:
        sheet = book.sheet(name)
        for key, row in _keyed(book, sheet):
            for family in _FAMILIES:
                own = _own_header(sheet, family, original)
                said = row.get(own)
                if said:
                    found = _translations(sheet, row, family, own)
                    yield Text(f"{name}:{key}:{family}", name, row.number, family, said, found)


def sheet_out(data: bytes, new_languages: Sequence[str] = ()) -> bytes:
    """Return the translator's sheet (.xlsx): key, cell, original, a column for each language.

    new_languages: `Tày (tyz)`; blank columns for languages that the workbook does not have yet.
    Raises LanguageUnusable; NotAWorkbook, WorkbookTooBig, WorkbookUnsafe.
    """
    book = workbook.read(data)
    for language in new_languages:
        _refuse_unusable(language)
    languages = list(dict.fromkeys([*_languages(book), *new_languages]))
    original = survey.original_language(book)
    header = [KEY, WHERE, f"{ORIGINAL}::{original}", *(f"{TRANSLATED}::{x}" for x in languages)]
    rows = [
        [t.key, _where(book, t), t.original, *(t.translations.get(x, "") for x in languages)]
        for t in texts(book)
    ]
    return workbook.written(SHEET, [header, *rows], _WIDTHS)


def taken_in(data: bytes, sheet: bytes) -> TakenIn:
    """Return the workbook with the translations of a sheet; nothing else in it changes.

    A blank cell of the sheet changes nothing. A text whose original is no longer the one that was
    translated is left as it is and named. Raises TranslationsRefused with every wrong cell, and
    then takes nothing; NotATranslationSheet, LanguageUnusable; NotAWorkbook, WorkbookTooBig,
    WorkbookUnsafe of either file.
    """
    book, given = workbook.read(data), workbook.read(sheet).sheet(SHEET)
    languages = _columns(given, book)
    known = {text.key: text for text in texts(book)}
    rows = [row for row in given.rows if row.get(KEY)]
    complaints = _formulas(sheet, given) + _wrong(given, rows, known, languages, book)
    if complaints:
        raise TranslationsRefused(complaints)
    original = next(h for h in given.columns if h.startswith(f"{ORIGINAL}::"))
    live = [row for row in rows if row.get(KEY) in known]
    fresh = [row for row in live if row.get(original) == known[row.get(KEY)].original]
    new = {
        (row.get(KEY), language): row.get(header)
        for row in fresh
        for header, language in languages.items()
        if row.get(header)
    }
    different = {
        (key, language): said
        for (key, language), said in new.items()
        if known[key].translations.get(language) != said
    }
    mended = _filled(data, book, known, different)
    return TakenIn(
        workbook=mended,
        written=len(different),
        changed=tuple(row.get(KEY) for row in live if row not in fresh),
        left_over=tuple(row.get(KEY) for row in rows if row.get(KEY) not in known),
        missing=_missing(workbook.read(mended), languages.values()),
    )


# Reading the workbook ----------------------------------------------------------------------------


def _keyed(book: Workbook, sheet: Sheet) -> Iterator[tuple[str, Row]]:
    paths = {number: path for path, number in survey.read(book).rows.items()}
    times = Counter[str]()
    for row in sheet.rows:
        name = sheet.name.lower()
        if name == "survey":
            key = paths.get(row.number, "")
        elif name == "choices":
            key = f"{row.get('list_name', 'list name')}/{row.get('name', 'value')}"
        else:
            key = row.get("code")
        if key:
            times[key] += 1
            yield (key if times[key] == 1 else f"{key}#{times[key]}"), row


def _own_header(sheet: Sheet, family: str, original: str) -> str:
    """Return the header of the original texts: of its language, by name or by code, or of none."""
    code = _code(original)
    by_code = [
        header
        for header in sheet.columns
        if code and header.startswith(f"{family}::") and header.endswith(f"({code})")
    ]
    return sheet.header(f"{family}::{original}", *by_code, family)


def _translations(sheet: Sheet, row: Row, family: str, own: str) -> dict[str, str]:
    headers = [header for header in sheet.columns if header.startswith(f"{family}::")]
    found = {header.partition("::")[2]: row.get(header) for header in headers if header != own}
    return {language: said for language, said in found.items() if said}


def _languages(book: Workbook) -> list[str]:
    """Return the languages that the workbook has texts in, besides the original."""
    original = survey.original_language(book)
    named = (
        header.partition("::")[2]
        for name in _SHEETS
        for family in _FAMILIES
        for header in book.sheet(name).columns
        if header.startswith(f"{family}::")
        and header != _own_header(book.sheet(name), family, original)
    )
    return list(dict.fromkeys(named))


def _where(book: Workbook, text: Text) -> str:
    sheet = book.sheet(text.sheet)
    header = _own_header(sheet, text.family, survey.original_language(book))
    return f"{text.sheet}!{sheet.columns[header]}{text.row}"


# Reading the sheet -------------------------------------------------------------------------------


def _columns(given: Sheet, book: Workbook) -> dict[str, str]:
    """Return the language of each column with translations, by header."""
    found = {h: h.partition("::")[2] for h in given.columns if h.startswith(f"{TRANSLATED}::")}
    has_original = any(header.startswith(f"{ORIGINAL}::") for header in given.columns)
    if KEY not in given.columns or not has_original or not found:
        raise NotATranslationSheet(sheet=SHEET, columns=f"{KEY}, {ORIGINAL}::…")
    for language in set(found.values()) - set(_languages(book)):
        _refuse_unusable(language)
    return found


def _refuse_unusable(language: str) -> None:
    if not _LANGUAGE.fullmatch(language):
        raise LanguageUnusable(language=language)


def _formulas(sheet: bytes, given: Sheet) -> list[Complaint]:
    names = {column: header for header, column in given.columns.items()}
    return [
        FormulaInTranslation(sheet=SHEET, row=row, column=column, header=names.get(column, ""))
        for name, row, column in workbook.formulas(sheet)
        if name == SHEET
    ]


def _wrong(
    given: Sheet,
    rows: Sequence[Row],
    known: Mapping[str, Text],
    languages: Mapping[str, str],
    book: Workbook,
) -> list[Complaint]:
    found: list[Complaint] = []
    times = Counter(row.get(KEY) for row in rows)
    own = _code(survey.original_language(book))
    for row in rows:
        key = row.get(KEY)
        if times[key] > 1:
            found.append(KeyRepeated(**_at(given, row, KEY), key=key))
        for header, language in languages.items() if key in known else ():
            said, place = row.get(header), {**_at(given, row, header), "key": key}
            if len(said) > MAX_LETTERS:
                found.append(TranslationTooLong(**place, size=len(said), limit=MAX_LETTERS))
            wanted = _placeholders(known[key].original, {own})
            if said and _placeholders(said, {own, _code(language)}) != wanted:
                told = {"wanted": _told(known[key].original), "found": _told(said)}
                found.append(PlaceholdersDiffer(**place, **told))
    return found


def _placeholders(text: str, codes: set[str]) -> Counter[str]:
    """Count the names in a text; `${owner_vi}` and `${owner_en}` are one name."""
    endings = tuple(f"_{code}" for code in codes if code)
    names = _PLACEHOLDER.findall(text)
    return Counter(n.rpartition("_")[0] if n.endswith(endings) else n for n in names)


def _told(text: str) -> str:
    return " ".join(f"${{{name}}}" for name in _PLACEHOLDER.findall(text)) or "–"


def _code(language: str) -> str:
    match = _LANGUAGE.fullmatch(language)
    return match[1] if match else ""


def _at(sheet: Sheet, row: Row, header: str) -> dict[str, object]:
    column = sheet.columns.get(header, "")
    return {"sheet": SHEET, "row": row.number, "column": column, "header": header}


# Writing -----------------------------------------------------------------------------------------


def _filled(
    data: bytes, book: Workbook, known: Mapping[str, Text], said: Mapping[tuple[str, str], str]
) -> bytes:
    """Write each translation under its header; a header that is new goes to the right."""
    for name in _SHEETS:
        sheet, cells = book.sheet(name), dict[str, str]()
        columns, free = dict(sheet.columns), workbook.column_after(sheet)
        for (key, language), translation in said.items():
            text = known[key]
            if text.sheet != name:
                continue
            header = f"{text.family}::{language}"
            if header not in columns:
                columns[header], free = workbook.letters(free), free + 1
                cells[f"{columns[header]}1"] = header
            cells[f"{columns[header]}{text.row}"] = translation
        data = workbook.filled(data, name, cells)
    return data


def _missing(book: Workbook, languages: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found = list(texts(book))
    return {
        language: tuple(text.key for text in found if language not in text.translations)
        for language in languages
    }
