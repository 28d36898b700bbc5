"""A form's records as tables for people: Vietnamese headings, labels, numbers and dates.

One table of the records, and one for each repeat, whose rows say of which commune, day and team
they are. What becomes of them, a workbook or CSV, is the writers' part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from server.forms import schema
from server.forms.models import Form
from server.inspections.commune_rows import LABELS
from server.reports import records, sensitive_sums
from server.reports.answers import Asked, Cell, Column, Kind, asked, choices_told, label, local
from server.reports.archive import one_name, safe_name
from server.reports.deidentified import Deidentified, month
from server.reports.records import Keys, Record
from server.reports.rows import ROOT, Layout, Line, Table
from server.reports.sensitive_sums import Lines
from server.reports.summary_table import PERIOD, judged_by
from server.submissions.models import ReviewState

_STATES = {
    ReviewState.RECEIVED: "mới nhận",
    ReviewState.EDITED: "đã sửa, chờ duyệt",
    ReviewState.HAS_ISSUES: "cần bổ sung",
    ReviewState.APPROVED: "đã duyệt",
    ReviewState.REJECTED: "bị từ chối",
}
_SEALED = "đã mã hóa, không đọc được"
_CONTEXT = (
    Column("Xã, phường"),
    Column("Ngày kiểm tra", Kind.DATE),
    Column("Đoàn"),
)
_OUTCOME = (
    Column("Năm số liệu", Kind.WHOLE),
    Column("Kỳ"),
    Column("Kết quả"),
    Column("Bộ tiêu chí"),
    Column("Trạng thái duyệt"),
)
_CAME = Column("Ngày giờ nhận", Kind.TIME)
# De-identified.
_MONTHS = (Column("Xã, phường"), Column("Tháng kiểm tra"), Column("Đoàn"))
_CAME_IN = Column("Tháng nhận")
_KEY = Column("Mã hồ sơ")
_ROW_KEY = (Column("Mã dòng trên"), Column("Mã dòng"))
_DICTIONARY = ("Bảng", "Cột", "Tên câu hỏi", "Kiểu", "Các lựa chọn", "Mức nhạy cảm")
RECORDS, DICTIONARY = "Hồ sơ", "Từ điển"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name, and its columns from left to right."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one of the sheets."""

    sheet: int
    cells: list[Cell]


class Book:
    """All tables of a form."""

    def __init__(self, form: Form, hidden: Deidentified | None = None) -> None:
        """hidden: how the records are de-identified; None for as they came."""
        version = form.current_version
        if version is None:
            raise ValueError(f"form {form.form_id} was never published")
        self._zone = ZoneInfo(settings.LOCAL_TIME_ZONE)
        self._hidden = hidden
        self._context = _CONTEXT if hidden is None else _MONTHS
        self._record = (*self._context, *_OUTCOME, _CAME if hidden is None else _CAME_IN)
        self._fields = schema.load(version.schema) if hidden is None else hidden.schema
        self.layout = Layout(self._fields)
        self._asked = [self._shown(table) for table in self.layout.tables]
        self.form_id = form.form_id
        self.title = version.title
        self.sheets = self._sheets()

    def rows(self, keys: Keys) -> Iterator[Row]:
        """Yield the rows of some records; a sheet's come in their order, among those of others."""
        for batch in records.batches(keys):
            for record in batch:
                yield from self._of(record)

    def dictionary(self) -> Iterator[tuple[str, ...]]:
        """Yield the heading, and a line for each column that is an answer."""
        yield _DICTIONARY
        for sheet, shown in zip(self.sheets, self._asked, strict=True):
            for one in shown:
                for column in one.columns:
                    question = one.question
                    offered = choices_told(question, self._fields)
                    yield (
                        sheet.name,
                        column.heading,
                        question.path,
                        str(column.kind),
                        offered,
                        question.sensitivity,
                    )
        if self._hidden is not None:
            yield from _what_is_hidden(self._hidden)

    @property
    def sums(self) -> Lines:
        """Return the table of sensitive counts that goes with de-identified records, or none."""
        return self._hidden.sums if self._hidden is not None else ()

    def _shown(self, table: Table) -> list[_Shown]:
        shown = [
            _Shown(at, asked(question, self._fields, self._zone))
            for at, question in enumerate(table.fields)
            if not question.is_meta
        ]
        beside = (*self._context, _KEY, *_ROW_KEY) if table.path else (*self._record, _KEY)
        often = Counter(column.heading for column in beside)
        often.update(column.heading for one in shown for column in one.columns)
        return [one.told_apart(often) for one in shown]

    def _sheets(self) -> tuple[Sheet, ...]:
        names = _names([RECORDS, *map(_table_name, self.layout.tables[1:])])
        answers = [tuple(c for one in shown for c in one.columns) for shown in self._asked]
        root = Sheet(names[ROOT], (*self._record, *answers[ROOT], _KEY))
        repeats = (
            Sheet(name, (*self._context, *columns, _KEY, *_ROW_KEY))
            for name, columns in zip(names[1:], answers[1:], strict=True)
        )
        return (root, *repeats)

    def _of(self, record: Record) -> Iterator[Row]:
        lines, record = self._read(record)
        context: list[Cell] = [record.commune or None, record.visit_date, record.team or None]
        if self._hidden is not None and record.visit_date is not None:
            context[1] = f"{record.visit_date:%Y-%m}"
        yield Row(
            ROOT,
            [
                *context,
                *self._about(record),
                *_answers(self._asked[ROOT], lines[ROOT][0]),
                record.instance_id,
            ],
        )
        for sheet, found in enumerate(lines[1:], start=1):
            shown = self._asked[sheet]
            for line in found:
                answers = _answers(shown, line)
                yield Row(sheet, [*context, *answers, record.instance_id, *line[-2:]])

    def _read(self, record: Record) -> tuple[list[list[Line]], Record]:
        """Return the answers by table, and the record as it is told of."""
        if self._hidden is not None:
            return self._hidden.read(self.layout, record), self._hidden.about(record)
        if record.is_encrypted:
            return [[self.layout.empty()]], record
        return self.layout.read(record.xml, record.instance_id), record

    def _about(self, record: Record) -> list[Cell]:
        came: Cell = local(record.created_at, self._zone).replace(microsecond=0)
        if self._hidden is not None:
            came = month(record.created_at)
        state = _STATES[ReviewState(record.review_state)]
        return [
            record.year,
            PERIOD.get(record.period, record.period) or None,
            LABELS.get(record.result, record.result) or None,
            judged_by(record.criteria_set, record.note) or None,
            f"{state}; {_SEALED}" if record.is_encrypted else state,
            came,
        ]


def _what_is_hidden(hidden: Deidentified) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the dictionary on what a de-identified file does not tell."""
    for left in hidden.left_out:
        question = left.question
        words = f"bỏ ra khỏi tệp: {left.reason}"
        yield "", label(question), question.path, words, "", question.sensitivity
    yield "", "Mức ẩn danh (k)", "", hidden.anonymity.sentence(), "", ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A question, and where its answer stands in a line."""

    at: int
    asked: Asked

    @property
    def question(self) -> schema.Field:
        return self.asked.question

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.asked.columns

    def told_apart(self, often: Counter[str]) -> _Shown:
        """Put the question's name behind headings that others have as well."""
        name = self.question.name
        columns = tuple(
            Column(f"{c.heading} ({name})", c.kind) if often[c.heading] > 1 else c
            for c in self.columns
        )
        return _Shown(self.at, Asked(self.question, columns, self.asked.read))


def _answers(shown: Sequence[_Shown], line: Line) -> list[Cell]:
    cells: list[Cell] = []
    for one in shown:
        cells += one.asked.read(line[one.at])
    return cells


def _table_name(table: Table) -> str:
    return label(schema.Field(table.path, table.name, "repeat", label=table.label))


def _names(wanted: Sequence[str]) -> list[str]:
    """Return names for the tables, each another one, also as the name of a file on any system."""
    taken = {one_name(safe_name(name)) for name in (DICTIONARY, sensitive_sums.NAME)}
    names = []
    for name in wanted:
        number, told = 1, name
        while one_name(safe_name(told)) in taken:
            number += 1
            told = f"{name} {number}"
        taken.add(one_name(safe_name(told)))
        names.append(told)
    return names
