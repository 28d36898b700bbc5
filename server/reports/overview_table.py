"""The matrix of forms and periods as a table for people: a line a commune, groups, the province."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from server.inspections import outstanding
from server.inspections.commune_rows import LABELS
from server.inspections.expected import NO_DUE_DATE, REPORTED_WORDS, reported_word
from server.inspections.outstanding import Outstanding
from server.inspections.overview import Cell, Column, Overview, OverviewGroup
from server.inspections.subjects import Subjects
from server.reports.summary_table import NO_DATA, PERIOD, SUBJECTS, safe, subjects


def as_csv(table: Overview) -> str:
    """Return the table as CSV text, without byte order mark."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe(cell) for cell in line] for line in lines(table))
    return out.getvalue()


def lines(table: Overview) -> Iterator[list[str]]:
    """Yield the heading, a line a commune, groups, and the province; each as long as the others.

    The cells are text as it stands; `as_csv` makes them safe for a spreadsheet.
    """
    note = table.data.note
    yield [
        "STT",
        "Mã",
        "Xã, phường",
        "Kiến nghị chưa xong",
        "Kiến nghị quá hạn",
        *(text for column in table.columns for text in _headings(column, note)),
    ]
    for number, row in enumerate(table.rows, start=1):
        is_inspected = any(cell.inspections for cell in row.cells)
        word = outstanding.note(row.recommendations, is_inspected=is_inspected)
        yield [
            str(number),
            row.code,
            row.name,
            *_recommendations(row.recommendations, word),
            *(text for cell in row.cells for text in (_result(cell), reported_word(cell.report))),
        ]
    for group in (*table.groups, table.province):
        yield _counted(group)


def _headings(column: Column, note: str) -> tuple[str, str]:
    when = f"{column.form_id} {column.year}, {PERIOD[column.period].lower()}"
    return f"{when} ({note})", f"Báo cáo: {when}"


def _recommendations(count: Outstanding | None, word: str) -> tuple[str, str]:
    return (str(count.open), str(count.overdue)) if count else (word, word)


def _result(cell: Cell) -> str:
    former = (
        f"{unit.name}: {LABELS.get(unit.status, unit.status)}"
        f"{'' if unit.is_certain else ' (tách địa giới, không chắc chắn)'}{_noted(unit.note)}"
        for unit in cell.former_units
    )
    result = LABELS.get(cell.status, cell.status) + _noted(cell.note)
    return "; ".join([result, *_subjects(cell.subjects), *former])


def _subjects(of: Subjects | None) -> tuple[str, ...]:
    """Return how many workplaces or bodies the result is of; nothing for a form about communes."""
    return () if of is None else (f"{SUBJECTS.lower()}: {subjects(of)}",)


def _noted(note: str) -> str:
    return f" ({note})" if note else ""


def _counted(group: OverviewGroup) -> list[str]:
    texts = (
        text
        for counts in group.counts
        for text in (
            "; ".join([_counts(counts.by_status, LABELS), *_subjects(counts.subjects)]),
            _counts(counts.by_report, REPORTED_WORDS) or NO_DUE_DATE,
        )
    )
    return ["", "", group.label, *_recommendations(group.recommendations, NO_DATA), *texts]


def _counts(by_state: Mapping[str, int], words: Mapping[str, str]) -> str:
    return "; ".join(f"{words[state].lower()}: {n}" for state, n in by_state.items() if n)
