"""The indicator table for people: Vietnamese headings, communes, groups, the province last."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from server.forms.indicators import Indicator
from server.inspections.aggregate import Figure
from server.inspections.crosswalk import Plot
from server.inspections.figures import IndicatorTable
from server.inspections.printed import Number, Printed, number
from server.reports.summary_table import safe

KINDS: Mapping[str, str] = {"ratio": "tử số", "mean": "tổng"}
WHOLES: Mapping[str, str] = {"ratio": "mẫu số", "mean": "số lượt"}


def as_csv(table: IndicatorTable) -> str:
    """Return the table as CSV text, without byte order mark."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe(cell) for cell in line] for line in lines(table))
    return out.getvalue()


def lines(table: IndicatorTable) -> Iterator[list[str]]:
    """Yield the heading, a line a commune and group, and the province; each as long as the others.

    A ratio or mean has its value first, then what it was made of, then how many inspections told
    it; a figure that is split has a column for each answer. Decimals have a comma, one place.
    """
    answers = {each.code: _answers(table, each) for each in table.indicators}
    yield [
        "STT",
        "Mã",
        "Xã, phường",
        f"Ghi chú ({table.data_note})",
        *(head for each in table.indicators for head in _heads(each, answers[each.code])),
    ]
    for position, row in enumerate(table.rows, start=1):
        unit = row.plot.unit
        note = row.plot.note or _missing(row.plot, table.year)
        yield [
            str(position),
            unit.code,
            unit.name,
            note,
            *_cells(table, row.figures, answers),
        ]
    for group in table.groups:
        note = _left_out(group.not_comparable)
        label = f"{group.group.label} ({group.communes} xã, phường)"
        yield ["", "", label, note, *_cells(table, group.figures, answers)]
    note = "; ".join(filter(None, (f"{table.inspections} lượt kiểm tra", table.province_note)))
    yield ["", "", "Toàn tỉnh", note, *_cells(table, table.province, answers)]


def words(shown: Number, k: int) -> str:
    """Return what stands in a cell: the number as Vietnamese readers write it, or its mark."""
    if shown.amount is None:
        return shown.words(k)
    if float(shown.amount).is_integer():
        return str(int(shown.amount))
    return f"{shown.amount:.1f}".replace(".", ",")


def heading(indicator: Indicator) -> str:
    """Return an indicator's label with its unit."""
    label = indicator.label.get("vi") or indicator.code
    return f"{label} ({indicator.unit})" if indicator.unit else label


def _missing(plot: Plot, year: int) -> str:
    """Return which units of the year's first day nobody inspected, be it the commune itself."""
    others = len(set(plot.missing) - {plot.uid})
    said = ["chưa được kiểm tra"] if plot.uid in plot.missing else []
    if others:
        said.append(f"{others} đơn vị theo địa giới đầu năm {year} chưa được kiểm tra")
    return "; ".join(said)


def _left_out(communes: int) -> str:
    return f"không tính {communes} xã không so sánh được" if communes else ""


def _answers(table: IndicatorTable, indicator: Indicator) -> list[str]:
    lines = [row.figures for row in table.rows] + [table.province]
    found = {a for of in lines if indicator.code in of for a in of[indicator.code].groups}
    return sorted(found)


def _heads(indicator: Indicator, answers: list[str]) -> Iterator[str]:
    head = heading(indicator)
    yield head
    if indicator.aggregate in KINDS:
        yield f"{head} – {KINDS[indicator.aggregate]}"
        yield f"{head} – {WHOLES[indicator.aggregate]}"
    yield f"{head} – số lượt có số liệu"
    yield from (f"{head} – {answer or 'không ghi'}" for answer in answers)


def _cells(
    table: IndicatorTable, figures: Mapping[str, Printed], answers: Mapping[str, list[str]]
) -> Iterator[str]:
    for each in table.indicators:
        printed = figures.get(each.code)
        if printed is None:  # it cannot be compared
            yield from [""] * len(list(_heads(each, answers[each.code])))
            continue
        yield words(printed.value, table.k)
        if each.aggregate in KINDS:
            yield words(printed.numerator, table.k)
            yield words(printed.denominator, table.k)
        yield str(printed.known)
        for answer in answers[each.code]:
            yield _of_answer(printed.groups.get(answer), table.k)


def _of_answer(figure: Figure | None, k: int) -> str:
    return "" if figure is None or figure.value is None else words(number(figure.value), k)
