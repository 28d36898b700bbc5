"""The figures of any period in the units of any day (domain.md §4.4).

A unit's row adds up the latest inspections of the units that lie wholly on its ground, numerators
and denominators apart: a ratio is made from the sums, never from ratios. Where a unit lies there
with a part only, nothing is divided and the row has no figures. A status is never summed: each
component stands with its own.

Points do not decide where an inspection tells of its whole commune: where the inspector stood says
nothing of how its people divide. A workplace is not divided: it stands on one side of a new line
or the other, and where its point surely says on which, it is counted there. While one of a split
unit's workplaces may be on either side, both sides have no figures.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.communes import crosswalk, locate
from server.communes.crosswalk import Atlas, Lies
from server.communes.models import AdminUnit
from server.forms import indicators as sheet
from server.forms.indicators import Indicator
from server.forms.models import Form
from server.inspections import indicators
from server.inspections.aggregate import Figure, Visit, figure
from server.inspections.commune_rows import note_of
from server.inspections.models import Inspection
from server.inspections.subjects import (
    Latest,
    latest_by_subject,
    latest_by_unit,
    stands_in,
    without_retold,
)
from server.inspections.summary import PeriodUnknown

if TYPE_CHECKING:
    from server.communes.coverages import Coverages

LAST_DAY = {"h1": (6, 30), "fy": (12, 31)}  # month and day
NOT_COMPARABLE = "không so sánh được (tách địa giới)"


@dataclass(frozen=True, slots=True)
class Component:
    """An inspected unit on the ground of a row's, with the status it was given."""

    uid: str
    name: str
    status: str  # of several workplaces that of the latest visit
    visit_date: dt.date | None
    is_whole: bool  # all of it lies there
    note: str  # why its status is only for now; "" where the set in force gave it


@dataclass(frozen=True, slots=True)
class Plot:
    """One unit of a day, and which inspections tell of its ground."""

    unit: AdminUnit
    is_comparable: bool
    components: tuple[Component, ...]  # in Vietnamese order
    missing: tuple[str, ...]  # uids of the year's first day on its ground that nobody inspected
    counted: tuple[str, ...]  # keys of the inspections that add up to it; none if not comparable

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
    province: tuple[str, ...]  # keys of all inspections that count, those of split units too

    def together(self, plots: Iterable[Plot]) -> tuple[str, ...]:
        """Return the keys of the inspections that add up to some of the plots."""
        return tuple(dict.fromkeys(key for plot in plots for key in plot.counted))


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

    inspected: Mapping[str, Inspection]  # {unit: its latest}
    keys: Mapping[str, Sequence[str]]  # {inspected unit: the inspections that count}
    itself: frozenset[str]  # units with an inspection of all of them
    names: Mapping[str, AdminUnit]
    on: Mapping[str, Sequence[tuple[str, bool]]]  # {row: ((inspected uid, is it whole?), …)}
    # {key: the row it surely stands in}, of workplaces whose unit lies in several
    stands: Mapping[str, str | None]
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
    units = crosswalk.atlas()
    latest = inspected(form, units, year=year, period=period, only_approved=only_approved)
    layout = laid_out(units, latest, year=year, period=period, on_date=on_date)
    visits = {key: visit(key, inspection) for key, inspection in latest.items()}
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


def inspected(
    form: Form, units: Atlas, *, year: int, period: str, only_approved: bool
) -> dict[str, Inspection]:
    """Return the inspections that count about a period, by key. Raises PeriodUnknown.

    Of each unit the latest, and of each workplace in it.
    """
    if period not in LAST_DAY:
        raise PeriodUnknown(period=period)
    of_form = Inspection.objects.filter(form=form).of_data(year, period)
    counting = of_form.approved() if only_approved else of_form.counting()
    return without_retold(latest_by_subject(counting), units)


def visit(key: str, inspection: Inspection) -> Visit:
    """Return what an inspection measured."""
    day = inspection.visit_date or dt.date.min
    return Visit(key, str(inspection.unit_id), day, indicators.load(inspection.indicators))


def laid_out(
    units: Atlas,
    latest: Latest,
    *,
    year: int,
    period: str,
    on_date: dt.date,
    map_: Callable[[], Coverages] = locate.current,
) -> Layout:
    """Lay the inspections of a period on the communes of a day.

    latest: as `inspected` gives it. map_: asked only where points decide.
    """
    ground = _ground(
        units,
        latest,
        year=year,
        last=dt.date(year, *LAST_DAY[period]),
        on_date=on_date,
        map_=map_,
    )
    plots = tuple(_plot(unit, ground) for unit in units.communes(on_date))
    return Layout(on_date, plots, tuple(_once(ground)))


def _ground(
    units: Atlas,
    latest: Latest,
    *,
    year: int,
    last: dt.date,
    on_date: dt.date,
    map_: Callable[[], Coverages],
) -> _Ground:
    keys = defaultdict[str, list[str]](list)
    for key, inspection in latest.items():
        keys[str(inspection.unit_id)].append(key)
    on = defaultdict[str, list[tuple[str, bool]]](list)
    lies = units.onto(keys, on_date)
    for uid, targets in lies.items():
        for target in targets:
            on[target.uid].append((uid, target.is_whole))
    made_of = units.made_of(dt.date(year, 1, 1), on_date)
    return _Ground(
        inspected=latest_by_unit(latest.values()),
        keys=keys,
        itself=frozenset(uid for uid in keys if uid in latest),
        names=units.units,
        on=on,
        stands=_stands(latest, lies, on_date, map_),
        made_of=made_of,
        covered=_covered(units, keys, made_of, last),
    )


def _stands(
    latest: Latest,
    lies: Mapping[str, Sequence[Lies]],
    on_date: dt.date,
    map_: Callable[[], Coverages],
) -> dict[str, str | None]:
    """Return where the workplaces of split units stand, by key."""
    split = {
        uid: {target.uid for target in targets}
        for uid, targets in lies.items()
        if not all(target.is_whole for target in targets)
    }
    of_split = {
        key: inspection
        for key, inspection in latest.items()
        if inspection.subject and str(inspection.unit_id) in split
    }
    if not of_split:
        return {}
    polygons = map_()
    return {
        key: stands_in(inspection, on_date, split[str(inspection.unit_id)], polygons)
        for key, inspection in of_split.items()
    }


def _covered(
    atlas: Atlas,
    inspected: Collection[str],
    made_of: Mapping[str, crosswalk.Made],
    last: dt.date,
) -> frozenset[str]:
    """Return the units of the year's first day that were inspected, or what they became was."""
    units = {uid for made in made_of.values() for uid in (*made.whole, *made.partly)}
    became = atlas.onto(units, last)
    return frozenset(
        uid
        for uid in units
        if uid in inspected or (became[uid] and all(each.uid in inspected for each in became[uid]))
    )


def _plot(unit: AdminUnit, ground: _Ground) -> Plot:
    on, made = ground.on.get(unit.uid, ()), ground.made_of.get(unit.uid)
    is_own = unit.uid in ground.keys
    is_unknown = not is_own and made is not None and not ground.keys.keys() >= {*made.partly}
    counted, is_doubtful = _counted(unit.uid, ground)
    is_comparable = not (is_doubtful or is_unknown)
    missing = () if is_own or made is None else sorted({*made.whole, *made.partly} - ground.covered)
    return Plot(
        unit=unit,
        is_comparable=is_comparable,
        components=_components(on, ground),
        missing=tuple(missing),
        counted=tuple(counted) if is_comparable else (),
    )


def _counted(row: str, ground: _Ground) -> tuple[list[str], bool]:
    """Return the inspections on a row's ground, and whether others may be of it too."""
    found, is_doubtful = list[str](), False
    is_told = row in ground.itself
    for uid, is_whole in ground.on.get(row, ()):
        for key in ground.keys[uid]:
            # Its own inspection tells of all its ground: what was found in its parts before is in
            # it. Not of the workplaces there: they have inspections of their own.
            if key == uid and is_told and key != row:
                continue
            stands = row if is_whole else ground.stands.get(key)
            if stands == row:
                found.append(key)
            is_doubtful |= stands is None
    return found, is_doubtful


def _components(on: Iterable[tuple[str, bool]], ground: _Ground) -> tuple[Component, ...]:
    in_order = sorted(on, key=lambda part: (ground.names[part[0]].sort_key, part[0]))
    return tuple(
        Component(
            uid=uid,
            name=ground.names[uid].name,
            status=ground.inspected[uid].result,
            visit_date=ground.inspected[uid].visit_date,
            is_whole=whole,
            note=note_of(ground.inspected[uid]),
        )
        for uid, whole in in_order
    )


def _once(ground: _Ground) -> list[str]:
    """Return the inspections without those of units whose ground a later one tells of."""
    told_again = {
        uid
        for row, parts in ground.on.items()
        if row in ground.itself
        for uid, _ in parts
        if uid != row
    }
    return [key for keys in ground.keys.values() for key in keys if key not in told_again]


def _figures(
    asked: Sequence[Indicator], keys: Iterable[str], visits: Mapping[str, Visit]
) -> dict[str, Figure]:
    over = [visits[key] for key in keys]
    return {each.code: figure(each, over) for each in asked}
