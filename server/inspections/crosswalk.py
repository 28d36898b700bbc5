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
from server.communes.crosswalk import Atlas
from server.communes.models import AdminUnit
from server.forms import indicators as sheet
from server.forms.indicators import Indicator
from server.forms.models import Form
from server.inspections import indicators
from server.inspections.aggregate import Figure, Visit, figure
from server.inspections.models import Inspection
from server.inspections.summary import PeriodUnknown, latest_by_unit

LAST_DAY = {"h1": (6, 30), "fy": (12, 31)}  # month and day
NOT_COMPARABLE = "không so sánh được (tách địa giới)"


@dataclass(frozen=True, slots=True)
class Component:
    """An inspected unit on the ground of a row's, with the status it was given."""

    uid: str
    name: str
    status: str
    visit_date: dt.date | None
    is_whole: bool  # all of it lies there


@dataclass(frozen=True, slots=True)
class Plot:
    """One unit of a day, and which inspections tell of its ground."""

    unit: AdminUnit
    is_comparable: bool
    components: tuple[Component, ...]  # in Vietnamese order
    missing: tuple[str, ...]  # uids of the year's first day on its ground that nobody inspected
    counted: tuple[str, ...]  # uids of the inspections that add up to it; none if not comparable

    @property
    def uid(self) -> str:
        """Return the unit's uid."""
        return self.unit.uid

    @property
    def note(self) -> str:
        """Return what stands instead of figures that cannot be had."""
        return "" if self.is_comparable else NOT_COMPARABLE


@dataclass(frozen=True, slots=True)
class Layout:
    """The inspections of one form and period, laid on the units of one day."""

    on_date: dt.date
    plots: tuple[Plot, ...]  # in Vietnamese order
    province: tuple[str, ...]  # uids of all inspections that count, those of split units too

    def together(self, plots: Iterable[Plot]) -> tuple[str, ...]:
        """Return the uids of the inspections that add up to some of the plots."""
        return tuple(dict.fromkeys(uid for plot in plots for uid in plot.counted))


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of the day asked for, with its figures."""

    plot: Plot
    figures: Mapping[str, Figure]  # by indicator; none where the row is not comparable


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
    asked = [each for each in indicators_of(form) if with_sensitive or not each.is_sensitive]
    latest = inspected(form, year=year, period=period, only_approved=only_approved)
    layout = laid_out(crosswalk.atlas(), latest, year=year, period=period, on_date=on_date)
    visits = {uid: visit(uid, inspection) for uid, inspection in latest.items()}
    return Crossed(
        on_date,
        tuple(
            Row(plot, _figures(asked, plot.counted, visits) if plot.is_comparable else {})
            for plot in layout.plots
        ),
        _figures(asked, layout.province, visits),
    )


def indicators_of(form: Form) -> tuple[Indicator, ...]:
    """Return the indicators of a form's current version."""
    if form.current_version is None:
        raise ValueError(f"form {form.form_id} was never published")
    return sheet.load(form.current_version.indicators)


def inspected(form: Form, *, year: int, period: str, only_approved: bool) -> dict[str, Inspection]:
    """Return each unit's latest inspection about a period, by uid. Raises PeriodUnknown."""
    if period not in LAST_DAY:
        raise PeriodUnknown(period=period)
    of_form = Inspection.objects.filter(form=form).of_data(year, period)
    return latest_by_unit(of_form.approved() if only_approved else of_form.counting())


def visit(uid: str, inspection: Inspection) -> Visit:
    """Return what an inspection measured."""
    day = inspection.visit_date or dt.date.min
    return Visit(uid, day, indicators.load(inspection.indicators))


def laid_out(
    units: Atlas,
    latest: Mapping[str, Inspection],
    *,
    year: int,
    period: str,
    on_date: dt.date,
) -> Layout:
    """Lay the inspections of a period on the communes of a day.

    latest: as `inspected` gives it.
    """
    ground = _ground(units, latest, year, period, on_date)
    plots = tuple(_plot(unit, ground) for unit in units.communes(on_date))
    return Layout(on_date, plots, tuple(_once(ground)))


def _ground(
    units: Atlas, latest: Mapping[str, Inspection], year: int, period: str, on_date: dt.date
) -> _Ground:
    on = defaultdict[str, list[tuple[str, bool]]](list)
    for uid, targets in units.onto(latest, on_date).items():
        for target in targets:
            on[target.uid].append((uid, target.is_whole))
    made_of = units.made_of(dt.date(year, 1, 1), on_date)
    return _Ground(
        inspected=latest,
        names=units.units,
        on=on,
        made_of=made_of,
        covered=_covered(units, latest, made_of, dt.date(year, *LAST_DAY[period])),
    )


def _covered(
    atlas: Atlas,
    latest: Mapping[str, Inspection],
    made_of: Mapping[str, crosswalk.Made],
    last: dt.date,
) -> frozenset[str]:
    """Return the units of the year's first day that were inspected, or what they became was."""
    units = {uid for made in made_of.values() for uid in (*made.whole, *made.partly)}
    became = atlas.onto(units, last)
    return frozenset(
        uid
        for uid in units
        if uid in latest or (became[uid] and all(each.uid in latest for each in became[uid]))
    )


def _plot(unit: AdminUnit, ground: _Ground) -> Plot:
    on, made = ground.on.get(unit.uid, ()), ground.made_of.get(unit.uid)
    is_own = unit.uid in ground.inspected
    is_split = any(not whole for _, whole in on) or (made is not None and bool(made.partly))
    is_comparable = is_own or not is_split
    # Its own inspection tells of all its ground: what was found in its parts before is in it.
    counted = [unit.uid] if is_own else [uid for uid, _ in on]
    missing = () if is_own or made is None else sorted({*made.whole, *made.partly} - ground.covered)
    return Plot(
        unit=unit,
        is_comparable=is_comparable,
        components=_components(on, ground),
        missing=tuple(missing),
        counted=tuple(counted) if is_comparable else (),
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


def _once(ground: _Ground) -> list[str]:
    """Return the inspected units without those whose ground a later inspection tells of."""
    told_again = {
        uid
        for row, parts in ground.on.items()
        if row in ground.inspected
        for uid, _ in parts
        if uid != row
    }
    return [uid for uid in ground.inspected if uid not in told_again]


def _figures(
    asked: Sequence[Indicator], uids: Iterable[str], visits: Mapping[str, Visit]
) -> dict[str, Figure]:
    over = [visits[uid] for uid in uids]
    return {each.code: figure(each, over) for each in asked}
