"""A workbook as people fill it in by pen: numbered questions, boxes, lines, tables for repeats.

What only a phone can do is left out: calculations, and notes that show what came of them. Texts
keep their `**bold**` and line feeds. No Django; server.reports.questionnaire_docx makes the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from server.forms import workbook
from server.forms.relevance_told import Named, told
from server.forms.survey import CALCULATION, RELEVANT, original_language
from server.forms.workbook import Row, Sheet, Workbook

_SILENT = (
    "calculate",
    "hidden",
    "start",
    "end",
    "today",
    "deviceid",
    "username",
    "audit",
    "phonenumber",
    "email",
    "simserial",
    "subscriberid",
    "xml-external",
    "csv-external",
)
_REFERENCE = re.compile(r"\$\{\s*([^}\s]+)\s*\}")
_CONSTANT = re.compile(r"\s*(?:'([^']*)'|\"([^\"]*)\"|(\d+(?:\.\d+)?))\s*")
_COUNTED = re.compile(r"\s*count\(instance\('([^']+)'\)")
_DECIDED = re.compile(r"if\(([^,()]+),\s*'([^']*)',\s*'([^']*)'\)")
_GUARD = re.compile(r"if\(\$\{[^}]+\} = '', '', (.*)\)")  # nothing known, nothing decided
_BLANK = "……"
_UNIT_TYPE = "h_unit_type"  # anybody at the table knows it without a phone
# What the phone works out under a name with a meaning (docs/forms.md).
_WORKED_OUT: Mapping[str, Named] = {
    "z_result": Named("kết quả tạm tính"),
    _UNIT_TYPE: Named("loại đơn vị", {"xa": "xã", "phuong": "phường", "thi_tran": "thị trấn"}),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question, or one note without a number."""

    number: int  # from 1 through the whole form; 0 for a note
    text: str
    hint: str
    when: str  # in words; "" when it is always asked
    kind: str  # its type: integer, text, select_one …; "note"
    choices: tuple[str, ...]  # labels, in order; none when they come from a file
    is_long: bool = False  # a text of several lines
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A group with its questions; a repeat is a table with a column for each time."""

    title: str
    level: int  # 1 for a group of the form
    when: str
    is_table: bool
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A questionnaire to print."""

    title: str
    form_id: str
    version: str
    is_restricted: bool  # asks for counts that come from violence or harm
    sections: tuple[Section, ...]


def paper(data: bytes) -> Paper:
    """Return a workbook as a questionnaire, in its default language.

    Raises NotAWorkbook, WorkbookTooBig, WorkbookUnsafe.
    """
    book = workbook.read(data)
    reader = _Reader(book)
    settings = next(iter(book.sheet("settings").rows), Row(2, {}))
    return Paper(
        title=settings.get("form_title"),
        form_id=settings.get("form_id"),
        version=settings.get("version"),
        is_restricted=any(
            row.get("sensitivity") == "restricted" and _kind(row) not in _SILENT
            for row in book.sheet("survey").rows
        ),
        sections=tuple(reader.sections()),
    )


class _Reader:
    """Reads the survey of one workbook; numbers first, because conditions point back to them."""

    def __init__(self, book: Workbook) -> None:
        self._rows = book.sheet("survey").rows
        self._original = original_language(book)
        self._choices = self._lists(book.sheet("choices"))
        self._constants = dict(_constants(self._rows))
        self._numbers = self._numbered()
        self._names = dict(self._named())

    def sections(self) -> Iterator[Section]:
        """Yield the groups that have something to fill in or to read, in order."""
        section, around = _NOTHING, list[bool]()  # whether each group around is a repeat
        for row in self._rows:
            kind = _kind(row)
            if kind.startswith("begin "):
                if any(around):
                    section = _with(section, [self._heading(row)])
                else:
                    yield from _worth_printing(section)
                    section = self._begun(row, kind, level=len(around) + 1)
                around.append(kind == "begin repeat")
            elif kind.startswith("end "):
                around = around[:-1]
                if not any(around):
                    yield from _worth_printing(section)
                    section = replace(_NOTHING, level=len(around) + 1)
            elif kind not in _SILENT:
                section = _with(section, self._question(row, kind))
        yield from _worth_printing(section)

    def _begun(self, row: Row, kind: str, *, level: int) -> Section:
        is_table = kind == "begin repeat"
        return Section(self._text(row, "label"), level, self._when(row), is_table, ())

    def _heading(self, row: Row) -> Question:
        return Question(0, self._text(row, "label"), "", self._when(row), "heading", ())

    def _question(self, row: Row, kind: str) -> list[Question]:
        number = self._numbers.get(row.get("name"), 0)
        if kind == "note" and not self._is_readable(row):
            return []
        return [
            Question(
                number=number,
                text=self._text(row, "label"),
                hint=self._text(row, "hint"),
                when=self._when(row),
                kind=kind,
                choices=tuple(self._choices.get(_list_name(row), {}).values()),
                is_long="multiline" in row.get("appearance").split(),
                is_required=row.get("required").lower() in ("yes", "true", "true()"),
            )
        ]

    def _is_readable(self, row: Row) -> bool:
        """Tell whether a note says something without what the phone works out."""
        said = set(_REFERENCE.findall(row.get(self._header("label"), "label")))
        asked = set(_REFERENCE.findall(row.get(*RELEVANT))) - {_UNIT_TYPE}
        hidden = {row.get("name") for row in self._rows if _kind(row) in _SILENT}
        return not ((said | asked) & hidden) - self._constants.keys()

    def _when(self, row: Row) -> str:
        return told(row.get(*RELEVANT), self._names)

    def _text(self, row: Row, family: str) -> str:
        said = row.get(self._header(family), family)
        return _REFERENCE.sub(lambda match: self._constants.get(match[1], _BLANK), said)

    def _header(self, family: str) -> str:
        return f"{family}::{self._original}" if self._original else family

    def _numbered(self) -> dict[str, int]:
        asked = (
            row.get("name")
            for row in self._rows
            if _kind(row) not in (*_SILENT, "note")
            and not _kind(row).startswith(("begin ", "end "))
        )
        return {name: number for number, name in enumerate(dict.fromkeys(asked), 1)}

    def _named(self) -> Iterator[tuple[str, Named]]:
        for row in self._rows:
            name = row.get("name")
            if name in self._numbers:
                choices = self._choices.get(_list_name(row), {})
                yield name, Named(f"câu {self._numbers[name]}", choices)
            elif name:
                yield name, replace(_worked_out(row), constant=self._constants.get(name))

    def _lists(self, sheet: Sheet) -> dict[str, dict[str, str]]:
        lists: dict[str, dict[str, str]] = {}
        for row in sheet.rows:
            label = row.get(self._header("label"), "label")
            of = lists.setdefault(row.get("list_name", "list name"), {})
            of[row.get("name", "value")] = " ".join(label.split())
        return lists


_NOTHING = Section("", 1, "", is_table=False, questions=())


def _with(section: Section, questions: Sequence[Question]) -> Section:
    return replace(section, questions=(*section.questions, *questions))


def _worth_printing(section: Section) -> Iterator[Section]:
    """Yield a section without headings that stand over nothing, unless nothing is left of it."""
    kept = [
        question
        for question, after in zip(section.questions, (*section.questions[1:], None), strict=False)
        if question.kind != "heading" or (after is not None and after.kind != "heading")
    ]
    if kept:
        yield replace(section, questions=tuple(kept))


def _kind(row: Row) -> str:
    """Return "begin group", "end repeat", or the first word of any other type."""
    words = row.get("type").lower().replace("begin_", "begin ").replace("end_", "end ").split()
    if len(words) > 1 and words[0] in ("begin", "end"):
        return " ".join(words[:2])
    return words[0] if words else "hidden"


def _list_name(row: Row) -> str:
    words = row.get("type").split()
    is_own = len(words) > 1 and words[0] in ("select_one", "select_multiple", "rank")
    return words[1] if is_own else ""


def _constants(rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    for row in rows:
        match = _CONSTANT.fullmatch(row.get(*CALCULATION)) if _kind(row) == "calculate" else None
        if match:
            yield row.get("name"), next(text for text in match.groups() if text is not None)


def _worked_out(row: Row) -> Named:
    """Return how to call what only the phone knows."""
    name, formula = row.get("name"), row.get(*CALCULATION)
    guarded = _GUARD.fullmatch(formula)
    counted = _COUNTED.match(formula)
    decided = _DECIDED.fullmatch(guarded[1] if guarded else formula)
    if counted:
        of = f"trong danh sách «{counted[1]}» trên điện thoại"
        return Named(f"số mục phù hợp {of}", any_said=f"{of} có mục phù hợp")
    if decided:
        return Named(name, decided=(decided[1], decided[2], None if guarded else decided[3]))
    return _WORKED_OUT.get(name, Named(f"giá trị «{name}» do điện thoại tính"))
