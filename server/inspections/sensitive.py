"""Which sensitive counts of a form's year one reader gets, and how each prints.

Indicators that speak of the same questions are protected together: the number of cases, and the
share of them that was handled, say the number of cases twice. Together they may add up one part
and one whole, no more: what does not fit is withheld, in the order of the sheet.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from server.communes import locate
from server.communes.crosswalk import Atlas
from server.forms.indicators import Indicator
from server.forms.models import Form
from server.inspections import aggregate, crosswalk, patterns
from server.inspections.aggregate import Visit
from server.inspections.crosswalk import Layout, Plot
from server.inspections.groups import Grouping
from server.inspections.models import Inspection
from server.inspections.printed import HIDDEN, MISSING, Number, Printed, counted, number, plain
from server.inspections.publication import FY, H1, PART, WHOLE, Family, Line, Told, published
from server.inspections.readers import Reader
from server.inspections.subjects import Latest
from server.inspections.suppression import Mark, Shown
from server.inspections.suppression_table import Hide

if TYPE_CHECKING:
    from server.communes.coverages import Coverages

NOT_TOGETHER = "không che được khi công bố cùng các chỉ số khác về những câu hỏi đó"
NO_COUNTS = "có số liệu không phải là số đếm"
NOT_REVIEWED = "chỉ công bố từ hồ sơ đã duyệt (data=approved)"

Measure = tuple[str, ...]  # the questions that are added up, sorted


@dataclass(frozen=True, slots=True)
class Year:
    """What was told about one year, with the units to lay it on."""

    units: Atlas
    year: int
    only_approved: bool
    inspections: Mapping[str, Latest]  # by period
    visits: Mapping[str, Mapping[str, Visit]]  # {period: {key: …}}
    map_: Callable[[], Coverages]

    def layout(self, period: str, on_date: dt.date) -> Layout:
        """Lay what was told about a period on the communes of a day."""
        return crosswalk.laid_out(
            self.units,
            self.inspections[period],
            year=self.year,
            period=period,
            on_date=on_date,
            map_=self.map_,
        )

    def follows(self) -> dict[str, tuple[str, ...]]:
        """Return the inspections of the whole year about the same as each of the half, by key.

        Those on the ground of its commune, or of its workplace if it is of one.
        """
        on = defaultdict[tuple[str, str], list[str]](list)
        for key, inspection in self.inspections[FY].items():
            for place in self._places(inspection):
                on[place].append(key)
        return {
            key: tuple(
                dict.fromkeys(k for place in self._places(inspection) for k in on.get(place, ()))
            )
            for key, inspection in self.inspections[H1].items()
        }

    def commune_of(self) -> dict[str, str]:
        """Return the unit of each inspection of something in it, by key."""
        return {
            key: str(inspection.unit_id)
            for of_period in self.inspections.values()
            for key, inspection in of_period.items()
            if inspection.subject
        }

    def _places(self, inspection: Inspection) -> list[tuple[str, str]]:
        roots = self.units.roots(str(inspection.unit_id))
        return [(root, inspection.subject) for root in sorted(roots)]


def read_year(
    form: Form, units: Atlas, year: int, *, periods: Iterable[str], only_approved: bool
) -> Year:
    """Read the inspections that count about some periods."""
    inspections = {
        period: crosswalk.inspected(
            form, units, year=year, period=period, only_approved=only_approved
        )
        for period in periods
    }
    visits = {
        period: {key: crosswalk.visit(key, each) for key, each in of_period.items()}
        for period, of_period in inspections.items()
    }
    return Year(units, year, only_approved, inspections, visits, cache(locate.current))


@dataclass(frozen=True, slots=True)
class Kin:
    """Indicators that are protected together."""

    part: Measure | None
    whole: Measure
    indicators: tuple[Indicator, ...]

    def side(self, measure: Measure) -> str:
        """Return whether a measure is the part or the whole."""
        return PART if measure == self.part else WHOLE


@dataclass(frozen=True, slots=True)
class Book:
    """How everything about a form's year prints for one reader."""

    indicators: tuple[Indicator, ...]
    reader: Reader
    sensitive: frozenset[str]
    withheld: Mapping[str, str]  # {code: why}
    kin: Mapping[str, Kin]  # by indicator
    shown: Mapping[tuple[Measure, Line], Shown]  # by the whole

    def printed(self, asked: Indicator, period: str, visits: Sequence[Visit]) -> Printed:
        """Return how an indicator of some inspections prints."""
        told = aggregate.told(asked, visits)
        is_sensitive = asked.code in self.sensitive
        if not is_sensitive or all(self.reader.sees(visit.uid) for visit in told):
            figure = plain(aggregate.figure(asked, visits))
            return figure if not is_sensitive else _without_groups(figure)
        sides = [self._side(asked, period, told, measure) for measure in _measures(asked)]
        whole = sides[1] if len(sides) > 1 else _mean_of(asked, told, sides[0])
        # Not how many told it: where a question is asked only of those with a case, that many have
        # one each, and of «<5» told by four there would be four.
        known = len(visits) if told else 0
        return Printed(sides[0], whole, _value(asked, sides[0], whole), known)

    def _side(
        self, asked: Indicator, period: str, told: Sequence[Visit], measure: Measure
    ) -> Number:
        kin = self.kin.get(asked.code)
        if kin is None:
            return HIDDEN
        keys = frozenset(visit.key for visit in told)
        return counted(self.shown[kin.whole, Line(period, kin.side(measure), keys)])


def opened(
    indicators: tuple[Indicator, ...],
    year: Year,
    groupings: Iterable[Grouping],
    reader: Reader,
    *,
    k: int,
    hide: Hide = patterns.hidden,
) -> Book:
    """Return how a form's year prints for one reader.

    year: with both periods, groupings: all that can be asked for, unless the reader sees all. hide:
    what says which cells of a table are hidden.
    """
    sensitive = sensitive_codes(indicators)
    if not sensitive or reader.sees_all:
        return Book(indicators, reader, sensitive, {}, {}, {})
    kins, withheld = _kins([each for each in indicators if each.code in sensitive])
    if not year.only_approved:
        # With and without what nobody approved, the difference would be single inspections.
        kins, withheld = [], dict.fromkeys(sorted(sensitive), NOT_REVIEWED)
    sets = _published_sets(year, list(groupings)) if kins else {}
    follows = year.follows() if kins else {}
    shown, of_code = dict[tuple[Measure, Line], Shown](), dict[str, Kin]()
    for kin in kins:
        told = _told(kin, year)
        if told is None:
            withheld |= {each.code: NO_COUNTS for each in kin.indicators}
            continue
        of_code |= {each.code: kin for each in kin.indicators}
        known = frozenset(
            key
            for period, of_period in told.items()
            for key in of_period
            if reader.sees(year.visits[period][key].uid)
        )
        lines = set(_lines(kin, year, sets))
        found = published(Family(told, follows, known, year.commune_of()), lines, k, hide)
        shown |= {(kin.whole, line): each for line, each in found.items()}
    return Book(indicators, reader, sensitive, withheld, of_code, shown)


def is_any_sensitive(indicators: Iterable[Indicator]) -> bool:
    """Tell whether a form has figures that are not for everybody."""
    return any(each.is_sensitive for each in indicators)


def sensitive_codes(indicators: Sequence[Indicator]) -> frozenset[str]:
    """Return the codes of those that are sensitive, or speak of the questions of one that is."""
    found = {each.code for each in indicators if each.is_sensitive}
    while True:
        asked = {path for each in indicators if each.code in found for path in _questions(each)}
        more = {each.code for each in indicators if asked & _questions(each)}
        if more <= found:
            return frozenset(found)
        found |= more


def _questions(indicator: Indicator) -> set[str]:
    return {*indicator.value, *indicator.of}


def _measures(indicator: Indicator) -> list[Measure]:
    value = tuple(sorted(indicator.value))
    return [value, tuple(sorted(indicator.of))] if indicator.aggregate == "ratio" else [value]


def _kins(sensitive: Sequence[Indicator]) -> tuple[list[Kin], dict[str, str]]:
    """Return what is protected together, and what cannot be, with the reason."""
    withheld: dict[str, str] = {}
    kins: list[Kin] = []
    for each in sensitive:
        related = [k for k in kins if any(_questions(each) & _questions(i) for i in k.indicators)]
        joined = _kin([*(i for kin in related for i in kin.indicators), each])
        if joined is None:
            withheld[each.code] = NOT_TOGETHER
            continue
        kins = [kin for kin in kins if kin not in related] + [joined]
    return kins, withheld


def _kin(indicators: Sequence[Indicator]) -> Kin | None:
    measures = list(dict.fromkeys(m for each in indicators for m in _measures(each)))
    if len(measures) == 1:
        return Kin(None, measures[0], tuple(indicators))
    if len(measures) > 2:
        return None
    shares = {(_measures(i)[0], _measures(i)[1]) for i in indicators if i.aggregate == "ratio"}
    for part, whole in (measures, measures[::-1]):
        if (part, whole) in shares or set(part) < set(whole):
            return Kin(part, whole, tuple(indicators))
    return None


def _published_sets(year: Year, groupings: Sequence[Grouping]) -> dict[str, set[tuple[str, ...]]]:
    """Return the inspections behind each line of every table of the year, by period."""
    found: dict[str, set[tuple[str, ...]]] = {}
    days = {*year.units.days()}
    if year.commune_of():  # points may decide, by the polygons of the day
        days.update(year.map_().days())
    for period in year.visits:
        layouts = [year.layout(period, day) for day in sorted(days)]
        found[period] = {keys for layout in layouts for keys in _sets(layout, groupings) if keys}
    return found


def _sets(layout: Layout, groupings: Sequence[Grouping]) -> Iterator[tuple[str, ...]]:
    yield layout.province
    yield from (plot.counted for plot in layout.plots)
    for each in groupings:
        members = dict[str, list[Plot]]()
        for plot in layout.plots:
            members.setdefault(each.of.get(plot.uid, ""), []).append(plot)
        yield from (layout.together(plots) for plots in members.values())


def _lines(kin: Kin, year: Year, sets: Mapping[str, Iterable[tuple[str, ...]]]) -> Iterator[Line]:
    for period, of_period in sets.items():
        for keys in of_period:
            visits = [year.visits[period][key] for key in keys]
            for each in kin.indicators:
                told = frozenset(visit.key for visit in aggregate.told(each, visits))
                if told:
                    yield from (Line(period, kin.side(m), told) for m in _measures(each))


def _told(kin: Kin, year: Year) -> dict[str, dict[str, Told]] | None:
    """Return the counts of each inspection; None where one is no count, or is told two ways."""
    found: dict[str, dict[str, Told]] = {}
    for period, visits in year.visits.items():
        found[period] = {}
        for key, visit in visits.items():
            counts = dict[str, float]()
            for side, amount in _amounts(kin, visit):
                if amount < 0 or not amount.is_integer() or counts.get(side, amount) != amount:
                    return None
                counts[side] = amount
            if counts:
                sides = [counts.get(side) for side in (PART, WHOLE)]
                found[period][key] = Told(*(None if n is None else int(n) for n in sides))
    return found


def _amounts(kin: Kin, visit: Visit) -> Iterator[tuple[str, float]]:
    for each in kin.indicators:
        if not aggregate.told(each, [visit]):
            continue
        measured = visit.measured[each.code]
        amounts = (measured.numerator, measured.denominator)
        for measure, amount in zip(_measures(each), amounts, strict=False):
            yield kin.side(measure), float(amount or 0)


def _mean_of(asked: Indicator, told: Sequence[Visit], sum_: Number) -> Number:
    if asked.aggregate != "mean" or sum_.mark is Mark.MISSING:
        return MISSING
    return number(float(len(told))) if sum_.mark is Mark.SHOWN else HIDDEN


def _value(asked: Indicator, numerator: Number, denominator: Number) -> Number:
    """Return what a figure comes to, only where all that it comes from is printed."""
    if asked.aggregate not in ("ratio", "mean"):
        return numerator
    if numerator.mark is not Mark.SHOWN or denominator.mark is not Mark.SHOWN:
        return HIDDEN
    return number(aggregate.value(asked, numerator.amount or 0.0, denominator.amount))


def _without_groups(figure: Printed) -> Printed:
    return Printed(figure.numerator, figure.denominator, figure.value, figure.known)
