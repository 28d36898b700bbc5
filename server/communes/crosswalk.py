"""The units of one day in the units of another, in both directions.

`succession` says what a unit became. Here also what it was: data of 2026 can be read in the units
of 2024, as far as the ground of the one lies wholly in the other. Where it does not, the table
cannot tell how much of a count belongs where, and area is no measure of people: nothing is ever
divided (domain.md §4.4).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.communes.models import AdminUnit, Level
from server.communes.problems import UnitUnknown
from server.communes.succession import Links, follow, links_ahead


@dataclass(frozen=True, slots=True)
class Lies:
    """A unit of the day asked for, on whose ground a unit lies, wholly or in part."""

    uid: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Made:
    """What the ground of one unit consists of, in units of another day."""

    whole: tuple[str, ...]  # uids of those that lie in it wholly, sorted
    partly: tuple[str, ...]  # and of those that lie in it with a part only

    @property
    def is_comparable(self) -> bool:
        """Tell whether counts of the parts add up to counts of the whole."""
        return bool(self.whole) and not self.partly


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One commune of a day, and those of another day on its ground."""

    unit: AdminUnit
    whole: tuple[AdminUnit, ...]  # lie in it wholly
    partly: tuple[AdminUnit, ...]  # and with a part only

    @property
    def is_comparable(self) -> bool:
        """Tell whether counts of the parts add up to counts of the whole."""
        return bool(self.whole) and not self.partly


@dataclass(frozen=True, slots=True)
class Compared:
    """The communes of one day in those of another."""

    of_day: dt.date
    on_date: dt.date
    rows: tuple[ComparedRow, ...]  # in Vietnamese order
    gone: tuple[AdminUnit, ...]  # of `of_day`, and on no row's ground


@dataclass(frozen=True, slots=True)
class Atlas:
    """All units and what became of them, read once: for whoever asks about many days."""

    units: Mapping[str, AdminUnit]
    ahead: Links
    back: Links

    def communes(self, on_date: dt.date) -> tuple[AdminUnit, ...]:
        """Return the communes of a day in Vietnamese order."""
        in_force = [unit for unit in self.all_communes() if _is_in_force(unit, on_date)]
        return tuple(sorted(in_force, key=lambda unit: (unit.sort_key, unit.code, unit.uid)))

    def all_communes(self) -> tuple[AdminUnit, ...]:
        """Return the communes of all days."""
        return tuple(unit for unit in self.units.values() if unit.level == Level.COMMUNE)

    def roots(self, uid: str) -> frozenset[str]:
        """Return the units without a predecessor that a unit's ground goes back to."""
        first = self.units.keys() - self.back.keys()
        return frozenset(root for root, _ in follow(uid, self.back, first))

    def came_from(self, uid: str) -> frozenset[str]:
        """Return the units that a unit came from, wholly or in part, at any time; not itself."""
        found = set[str]()
        steps = [uid]
        while steps:
            came = {old for old, _ in self.back.get(steps.pop(), ())} - found - {uid}
            found |= came
            steps += came
        return frozenset(found)

    def days(self) -> tuple[dt.date, ...]:
        """Return a day of each time that the communes were others, the earliest first."""
        communes = self.all_communes()
        starts = {u.valid_from for u in communes if u.valid_from is not None}
        starts |= {u.valid_to for u in communes if u.valid_to is not None}
        before = [min(starts) - dt.timedelta(days=1)] if starts else [dt.date(2020, 1, 1)]
        return (*before, *sorted(starts))

    def onto(self, uids: Iterable[str], on_date: dt.date) -> dict[str, tuple[Lies, ...]]:
        """Return where units lie in the units of a day: see the function `onto`."""
        in_force = {uid for uid, unit in self.units.items() if _is_in_force(unit, on_date)}
        found = {}
        for uid in uids:
            unit = self.units.get(uid)
            is_younger = (
                unit is not None and unit.valid_from is not None and unit.valid_from > on_date
            )
            lies = follow(uid, self.back if is_younger else self.ahead, in_force)
            found[uid] = tuple(Lies(to, whole and len(lies) == 1) for to, whole in lies)
        return found

    def made_of(self, of_day: dt.date, on_date: dt.date) -> dict[str, Made]:
        """Return what communes consist of: see the function `made_of`."""
        sources = [unit.uid for unit in self.communes(of_day)]
        whole, partly = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for source, targets in self.onto(sources, on_date).items():
            for target in targets:
                (whole if target.is_whole else partly)[target.uid].append(source)
        return {
            uid: Made(tuple(sorted(whole[uid])), tuple(sorted(partly[uid])))
            for uid in {*whole, *partly}
        }


def compared(of_day: dt.date, on_date: dt.date, *, unit: str | None = None) -> Compared:
    """Return what each commune of `on_date` consists of, in communes of `of_day`.

    unit: a uid; only the rows that it is, or that it lies in. Raises UnitUnknown.
    """
    table = atlas()
    if unit is not None and unit not in table.units:
        raise UnitUnknown(unit=unit)
    made, placed = table.made_of(of_day, on_date), set[str]()
    rows = []
    for commune in table.communes(on_date):
        parts = made.get(commune.uid, Made((), ()))
        placed.update(parts.whole, parts.partly)
        if unit in (None, commune.uid, *parts.whole, *parts.partly):
            whole = tuple(table.units[uid] for uid in parts.whole)
            partly = tuple(table.units[uid] for uid in parts.partly)
            rows.append(ComparedRow(commune, whole, partly))
    sources = table.communes(of_day)
    gone = tuple(u for u in sources if u.uid not in placed and unit in (None, u.uid))
    return Compared(of_day, on_date, tuple(rows), gone)


def atlas() -> Atlas:
    """Read all units and successions, in two queries."""
    ahead = links_ahead()
    return Atlas({unit.uid: unit for unit in AdminUnit.objects.all()}, ahead, _back(ahead))


def onto(uids: Iterable[str], on_date: dt.date) -> dict[str, tuple[Lies, ...]]:
    """Return where units lie in the units of a day, by uid; itself where it is in force.

    Empty for a unit that nothing followed, or that had no predecessor. More than one, none of them
    whole, for a unit that was split on the way, or joined when one looks back.
    """
    return atlas().onto(uids, on_date)


def made_of(of_day: dt.date, on_date: dt.date) -> dict[str, Made]:
    """Return what each commune of `on_date` consists of, in communes of `of_day`, by uid."""
    return atlas().made_of(of_day, on_date)


def _is_in_force(unit: AdminUnit, on_date: dt.date) -> bool:
    has_begun = unit.valid_from is None or unit.valid_from <= on_date
    return has_begun and (unit.valid_to is None or on_date < unit.valid_to)


def _back(ahead: Links) -> Links:
    """Return what each unit came from; all of it lies there if it came from one unit only."""
    olds = defaultdict[str, list[str]](list)
    for old, news in ahead.items():
        for new, _ in news:
            olds[new].append(old)
    return {new: tuple((old, len(came) == 1) for old in came) for new, came in olds.items()}
