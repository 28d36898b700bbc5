"""The indicators of a form: commune by indicator, groups of communes, the province.

The one function behind the API, the command, and later pages and documents (house.md 1.7). What is
sensitive is printed for each reader as `readers` and `publication` allow; what each field means
stands in docs/indicators.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.communes.crosswalk import Atlas, atlas
from server.communes.models import AdminUnit
from server.errors import Problem
from server.forms.indicators import Indicator
from server.forms.models import Form
from server.inspections import aggregate, patterns
from server.inspections.crosswalk import Layout, Plot, indicators_of
from server.inspections.groups import (
    GROUPS,
    Group,
    Grouping,
    GroupUnknown,
    GroupWithoutSource,
    grouping,
)
from server.inspections.printed import Printed, plain
from server.inspections.readers import Reader
from server.inspections.sensitive import Book, Year, is_any_sensitive, opened, read_year
from server.inspections.summary import PeriodUnknown
from server.inspections.suppression import Mark
from server.inspections.suppression_table import Hide

PERIODS = ("h1", "fy")
DATA_NOTE: Mapping[bool, str] = {
    True: "chỉ hồ sơ đã duyệt",
    False: "gồm cả hồ sơ chưa duyệt",
}
# One sentence for all: which of its reasons it is would say more than may be said.
PROVINCE_NOTE = (
    "Số toàn tỉnh ghi «<{k}» hoặc «ẩn» là số không công bố được dù đã che các xã: nếu in ra thì "
    "suy được một số nhỏ hơn {k} – của cả tỉnh, của một xã, phần chênh giữa tử số và mẫu số, "
    "hoặc phần cả năm tăng thêm so với 6 tháng đầu năm."
)


class IndicatorsMissing(Problem):
    """A form without an indicators sheet."""

    code = "indicators.none"
    status = 404
    vi = "Biểu «{form_id}» không có chỉ số nào (trang indicators). Chọn biểu khác."
    en = "Form {form_id!r} has no indicators (sheet `indicators`). Choose another form."
    central = 404.1


@dataclass(frozen=True, slots=True)
class Row:
    """One commune of the day."""

    plot: Plot
    figures: Mapping[str, Printed]  # by indicator; none where it cannot be compared


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Some communes together."""

    group: Group
    communes: int
    not_comparable: int  # of those; their inspections are not in the figures
    figures: Mapping[str, Printed]


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """One form and period in the communes of one day, for one reader."""

    form_id: str
    title: str
    year: int
    period: str
    units_on: dt.date
    only_approved: bool
    k: int
    indicators: tuple[Indicator, ...]
    sensitive: frozenset[str]  # codes printed with small counts hidden, from those out of scope
    withheld: Mapping[str, str]  # {code: why nothing of it is printed outside its units}
    grouping: Grouping | None
    rows: tuple[Row, ...]  # in Vietnamese order
    groups: tuple[GroupRow, ...]
    province: Mapping[str, Printed]  # over all inspected units, split ones too
    inspections: int  # that the province rests on

    @property
    def data_note(self) -> str:
        """Return what a heading says about review."""
        return DATA_NOTE[self.only_approved]

    @property
    def province_note(self) -> str:
        """Return why not all of the province is printed; "" where all is that may be."""
        hidden = {
            number.mark
            for code in self.sensitive - self.withheld.keys()
            for number in (self.province[code].numerator, self.province[code].denominator)
        }
        return PROVINCE_NOTE.format(k=self.k) if hidden & {Mark.SMALL, Mark.HIDDEN} else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which table somebody wants."""

    year: int
    period: str  # h1 or fy
    units_on: dt.date
    group: str | None = None  # one of groups.GROUPS
    only_approved: bool = True


def figures(
    form: Form, asked: Asked, reader: Reader, *, k: int, hide: Hide = patterns.hidden
) -> IndicatorTable:
    """Return the indicators of a form for one reader.

    form: as `summary.published_form` gives it. k: sensitive counts below it are hidden from who
    may not see them. hide: what says which cells of a table are hidden. Raises PeriodUnknown,
    IndicatorsMissing, GroupUnknown, GroupWithoutSource.
    """
    if asked.period not in PERIODS:
        raise PeriodUnknown(period=asked.period)
    indicators = indicators_of(form)
    if not indicators or form.current_version is None:
        raise IndicatorsMissing(form_id=form.form_id)
    year, groupings = _read(
        form, asked, with_all=not reader.sees_all and is_any_sensitive(indicators)
    )
    layout = year.layout(asked.period, asked.units_on)
    book = opened(indicators, year, groupings.values(), reader, k=k, hide=hide)
    chosen = groupings.get(asked.group) if asked.group else None
    return IndicatorTable(
        form_id=form.form_id,
        title=form.current_version.title,
        year=asked.year,
        period=asked.period,
        units_on=asked.units_on,
        only_approved=asked.only_approved,
        k=k,
        indicators=indicators,
        sensitive=book.sensitive,
        withheld=book.withheld,
        grouping=chosen,
        rows=tuple(
            Row(plot, _line(book, year, asked.period, plot.counted) if plot.is_comparable else {})
            for plot in layout.plots
        ),
        groups=_group_rows(book, year, asked.period, layout, chosen),
        province=_line(book, year, asked.period, layout.province),
        inspections=len(layout.province),
    )


def _read(form: Form, asked: Asked, *, with_all: bool) -> tuple[Year, dict[str, Grouping]]:
    """Read what a table needs.

    with_all: and everything else that is ever published about the year, see `publication`.
    """
    units = atlas()
    periods = PERIODS if with_all else (asked.period,)
    year = read_year(form, units, asked.year, periods=periods, only_approved=asked.only_approved)
    return year, _groupings(form, units, asked, with_all=with_all)


def _groupings(form: Form, units: Atlas, asked: Asked, *, with_all: bool) -> dict[str, Grouping]:
    """Return the grouping asked for; all of them where each might be asked for."""
    communes: Sequence[AdminUnit] = units.all_communes()
    if asked.group and asked.group not in GROUPS:
        raise GroupUnknown(group=asked.group, known=", ".join(GROUPS))
    wanted = [asked.group] if asked.group else []
    if with_all:
        wanted += [by for by in GROUPS if by != asked.group]
    found = {}
    for by in wanted:
        try:
            found[by] = grouping(
                form.project_id, by, communes, year=asked.year, only_approved=asked.only_approved
            )
        except GroupWithoutSource:
            if by == asked.group:
                raise
    return found


def _group_rows(
    book: Book, year: Year, period: str, layout: Layout, chosen: Grouping | None
) -> tuple[GroupRow, ...]:
    if chosen is None:
        return ()
    rows = []
    for group in chosen.groups:
        plots = [plot for plot in layout.plots if chosen.of.get(plot.uid) == group.code]
        if plots:
            keys = layout.together(plots)
            left_out = sum(not plot.is_comparable for plot in plots)
            rows.append(GroupRow(group, len(plots), left_out, _line(book, year, period, keys)))
    return tuple(rows)


def _line(book: Book, year: Year, period: str, keys: Sequence[str]) -> dict[str, Printed]:
    visits = [year.visits[period][key] for key in keys]
    return {
        each.code: book.printed(each, period, visits)
        if each.code in book.sensitive
        else plain(aggregate.figure(each, visits))
        for each in book.indicators
    }
