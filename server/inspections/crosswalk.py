"""The figures of any period in the units of any day (domain.md §4.4).

A unit's row adds up the latest inspections of the units that lie wholly on its ground, numerators
and denominators apart: a ratio is made from the sums, never from ratios. Where a unit lies there
with a part only, nothing is divided and the row has no figures. A status is never summed: each
component stands with its own.

Points do not decide here: an inspection tells of its whole commune, and where the inspector stood
says nothing of how its people divide.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.communes import crosswalk
from server.communes.models import AdminUnit
from server.forms import indicators as sheet
from server.forms.indicators import PERCENT, Indicator
from server.forms.models import Form
from server.inspections import indicators
from server.inspections.models import Inspection
from server.inspections.summary import PeriodUnknown, latest_by_unit

_LAST_DAY = {"h1": (6, 30), "fy": (12, 31)}  # month and day
NOT_COMPARABLE = "không so sánh được (tách địa giới)"


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator over some inspections. None: nobody said, which is never zero."""

    numerator: float | None
    denominator: float | None  # of a ratio, summed; of a mean, how many inspections
    known: int  # how many inspections told it
    value: float | None  # as it is shown; a ratio in percent has 0..100


@dataclass(frozen=True, slots=True)
class Component:
    """An inspected unit on the ground of a row's, with the status it was given."""

    uid: str
    name: str
    status: str
    visit_date: dt.date | None
    is_whole: bool  # all of it lies there


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of the day asked for."""

    uid: str
    name: str
    is_comparable: bool
    components: tuple[Component, ...]  # in Vietnamese order
    missing: tuple[str, ...]  # uids of the year's first day on its ground that nobody inspected
    figures: Mapping[str, Figure]  # by indicator; none where the row is not comparable

    @property
    def note(self) -> str:
        """Return what stands instead of figures that cannot be had."""
        return "" if self.is_comparable else NOT_COMPARABLE


@dataclass(frozen=True, slots=True)
class Crossed:
    """One form and period in the units of one day."""

    on_date: dt.date
    rows: tuple[Row, ...]  # in Vietnamese order
    province: Mapping[str, Figure]  # over all inspected units, split ones too


@dataclass(frozen=True, slots=True)
class _Ground:
    """What there is to know of all rows."""

    inspected: Mapping[str, Inspection]
    names: Mapping[str, AdminUnit]
    on: Mapping[str, Sequence[tuple[str, bool]]]  # {row: ((inspected uid, is it whole?), …)}
    made_of: Mapping[str, crosswalk.Made]
    covered: frozenset[str]  # units of the year's first day that an inspection tells of


def crossed(
    form: Form,
    *,
    year: int,
    period: str,
    on_date: dt.date,
    only_approved: bool = True,
    with_sensitive: bool = False,
) -> Crossed:
    """Return a form's figures of one period (`h1` or `fy`) in the communes of a day.

    form: as `summary.published_form` gives it. with_sensitive: for those only who supervise the
    units; small counts are in it as they are. Raises PeriodUnknown.
    """
    if period not in _LAST_DAY:
        raise PeriodUnknown(period=period)
    if form.current_version is None:
        raise ValueError(f"form {form.form_id} was never published")
    asked = [
        each
        for each in sheet.load(form.current_version.indicators)
        if with_sensitive or not each.is_sensitive
    ]
    of_form = Inspection.objects.filter(form=form).of_data(year, period)
    latest = latest_by_unit(of_form.approved() if only_approved else of_form.counting())
    ground = _ground(latest, year, period, on_date)
    units = AdminUnit.objects.communes().in_force(on_date).in_vietnamese_order()
    return Crossed(
        on_date,
        tuple(_row(unit, ground, asked) for unit in units),
        _figures(asked, _once(ground)),
    )


def _ground(latest: Mapping[str, Inspection], year: int, period: str, on_date: dt.date) -> _Ground:
    on = defaultdict[str, list[tuple[str, bool]]](list)
    for uid, targets in crosswalk.onto(latest, on_date).items():
        for target in targets:
            on[target.uid].append((uid, target.is_whole))
    made_of = crosswalk.made_of(dt.date(year, 1, 1), on_date)
    return _Ground(
        inspected=latest,
        names=AdminUnit.objects.in_bulk(list(latest)),
        on=on,
        made_of=made_of,
        covered=_covered(latest, made_of, dt.date(year, *_LAST_DAY[period])),
    )


def _covered(
    latest: Mapping[str, Inspection], made_of: Mapping[str, crosswalk.Made], last: dt.date
) -> frozenset[str]:
    """Return the units of the year's first day that were inspected, or what they became was."""
    units = {uid for made in made_of.values() for uid in (*made.whole, *made.partly)}
    became = crosswalk.onto(units, last)
    return frozenset(
        uid
        for uid in units
        if uid in latest or (became[uid] and all(each.uid in latest for each in became[uid]))
    )


def _row(unit: AdminUnit, ground: _Ground, asked: Sequence[Indicator]) -> Row:
    on, made = ground.on.get(unit.uid, ()), ground.made_of.get(unit.uid)
    is_own = unit.uid in ground.inspected
    is_split = any(not whole for _, whole in on) or (made is not None and bool(made.partly))
    is_comparable = is_own or not is_split
    # Its own inspection tells of all its ground: what was found in its parts before is in it.
    counted = [unit.uid] if is_own else [uid for uid, _ in on]
    missing = () if is_own or made is None else sorted({*made.whole, *made.partly} - ground.covered)
    return Row(
        uid=unit.uid,
        name=unit.name,
        is_comparable=is_comparable,
        components=_components(on, ground),
        missing=tuple(missing),
        figures=_figures(asked, [ground.inspected[u] for u in counted]) if is_comparable else {},
    )


def _components(on: Iterable[tuple[str, bool]], ground: _Ground) -> tuple[Component, ...]:
    in_order = sorted(on, key=lambda part: (ground.names[part[0]].sort_key, part[0]))
    return tuple(
        Component(
            uid=uid,
            name=ground.names[uid].name,
            status=ground.inspected[uid].result,
            visit_date=ground.inspected[uid].visit_date,
            is_whole=whole,
        )
        for uid, whole in in_order
    )


def _once(ground: _Ground) -> list[Inspection]:
    """Return the inspections without those whose ground a later one tells of."""
    told_again = {
        uid
        for row, parts in ground.on.items()
        if row in ground.inspected
        for uid, _ in parts
        if uid != row
    }
    return [i for uid, i in ground.inspected.items() if uid not in told_again]


def _figures(asked: Sequence[Indicator], over: Sequence[Inspection]) -> dict[str, Figure]:
    measured = [(i.visit_date or dt.date.min, indicators.load(i.indicators)) for i in over]
    return {each.code: _figure(each, measured) for each in asked}


def _figure(
    asked: Indicator, measured: Sequence[tuple[dt.date, Mapping[str, indicators.Measured]]]
) -> Figure:
    told = [
        (day, found[asked.code].numerator or 0.0, found[asked.code].denominator or 0.0)
        for day, found in measured
        if asked.code in found and found[asked.code].numerator is not None
    ]
    if not told:
        return Figure(None, None, 0, None)
    if asked.aggregate == "latest":
        told = [max(told)]
    top = sum(numerator for _, numerator, _ in told)
    if asked.aggregate not in ("ratio", "mean"):
        return Figure(top, None, len(told), top)
    whole = float(len(told)) if asked.aggregate == "mean" else sum(of for _, _, of in told)
    scale = 100 if asked.aggregate == "ratio" and asked.unit == PERCENT else 1
    return Figure(top, whole, len(told), scale * top / whole if whole else None)
