"""Which inspections the demonstration plays: who goes where, when, and what they meet there.

Everything is drawn from fixed seeds, so that the same communes give the same visits on every
machine and every day: running the demonstration twice sends the same bytes twice.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sync.demo import project_8
from sync.demo.places import Unit as Unit

MAIN_FORM = "kt_18_5"
SHARE_VISITED = 0.85  # of today's communes; the others stand as «chưa kiểm tra»
SHARE_PASSING, SHARE_FAILING = 0.45, 0.30  # the rest lacks proof
SHARE_UNCHANGED = 0.6  # of visits that meet what the commune is like, year in, year out
SHARE_WITHOUT_POINT, SHARE_FAR = 0.06, 0.04
SHARE_MISSING_PHOTO, SHARE_EDITED, SHARE_MISCALCULATED, SHARE_REPEATED = 0.03, 0.03, 0.01, 0.03
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Round:
    """One season of inspections."""

    year: int  # of the data
    period: str  # h1, fy, adhoc, followup
    first_day: dt.date
    days: int
    visits: int
    is_from_the_end: bool = False  # take the last of the communes to be visited, not the first
    form_id: str = MAIN_FORM
    areas: tuple[str, ...] = ()  # former districts that it goes to; none: all
    types: tuple[str, ...] = ()  # of communes; none: all

    def goes_to(self, unit: Unit) -> bool:
        """Tell whether a unit is one of those that it looks at."""
        return (not self.areas or unit.area in self.areas) and (
            not self.types or unit.type in self.types
        )


ROUNDS = (
    Round(2024, "h1", dt.date(2024, 5, 6), 54, 20),
    Round(2024, "fy", dt.date(2024, 10, 14), 67, 25),
    Round(2025, "h1", dt.date(2025, 5, 5), 54, 25),
    Round(2025, "fy", dt.date(2025, 10, 6), 74, 60),
    Round(2026, "h1", dt.date(2026, 5, 4), 54, 70),
    Round(2026, "adhoc", dt.date(2026, 7, 6), 40, 18),
    Round(2026, "followup", dt.date(2026, 8, 17), 33, 20),
    Round(2026, "fy", dt.date(2026, 9, 28), 53, 62, is_from_the_end=True),
)
_SEASONS = (
    (2024, "fy", dt.date(2024, 10, 14), 60),
    (2025, "h1", dt.date(2025, 5, 12), 46),
    (2025, "fy", dt.date(2025, 10, 6), 67),
    (2026, "h1", dt.date(2026, 5, 11), 46),
    (2026, "fy", dt.date(2026, 10, 5), 46),
)
# Where the firms with many women are.
_INDUSTRIAL = ("pho_yen", "song_cong", "thai_nguyen", "phu_binh", "dai_tu", "dong_hy")
OTHER_ROUNDS = tuple(
    Round(*season, visits, form_id=form_id, areas=areas, types=types)
    for form_id, areas, types, shares in (
        ("kt_da8", project_8.AREAS, ("xa",), (6, 6, 10, 14, 12)),
        ("kt_bdg", (), (), (4, 4, 8, 14, 12)),
        ("kt_ldn", _INDUSTRIAL, (), (0, 0, 6, 12, 12)),
    )
    for season, visits in zip(_SEASONS, shares, strict=True)
    if visits
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One inspection to play."""

    key: str  # seed of everything that is drawn for it, and of its instanceID
    unit: Unit
    day: dt.date
    year: int
    period: str
    inspector: int  # which of the devices
    outcome: str  # dat, khong_dat or chua_du_can_cu: what the inspectors meet there
    point: tuple[float, float] | None  # (lon, lat); None where the phone gets no fix
    accuracy_m: float
    photos: int
    is_photo_missing: bool  # one of the photos never leaves the phone
    is_edited: bool  # sent once, corrected, sent again
    is_miscalculated: bool  # sent by a client whose result is wrong
    repeats: int  # sent so many times more: the answer was lost on the way
    form_id: str = MAIN_FORM
    turn: int = 0  # how many this device has had that day

    @property
    def is_in_scope(self) -> bool:
        """Tell whether the form applies: indicator 18.5 asks a phường or thị trấn little."""
        return self.form_id != MAIN_FORM or self.unit.type == "xa"


def visits(units: Sequence[Unit], *, inspectors: int) -> list[Visit]:
    """Return the inspections of the main form, as `every_visit` does."""
    return [v for v in every_visit(units, inspectors=inspectors) if v.form_id == MAIN_FORM]


def every_visit(units: Sequence[Unit], *, inspectors: int) -> list[Visit]:
    """Return every inspection to play, by day.

    units: all versions of all communes; the order does not matter.
    inspectors: how many devices share the work.
    """
    played = [
        _visit(season, unit, day)
        for season in (*ROUNDS, *OTHER_ROUNDS)
        for unit, day in _journeys(season, units)
    ]
    played.sort(key=lambda visit: (visit.day, visit.key))
    return list(_shared_out(played, inspectors))


def _shared_out(played: Sequence[Visit], inspectors: int) -> Iterator[Visit]:
    """Give the visits of each day to the devices in turn: nobody is in two places at once."""
    for _, of_a_day in groupby(played, key=lambda visit: visit.day):
        for number, visit in enumerate(of_a_day):
            turn, inspector = divmod(number, inspectors)
            yield replace(visit, inspector=inspector, turn=turn)


def _journeys(season: Round, units: Sequence[Unit]) -> list[tuple[Unit, dt.date]]:
    """Return which unit is visited on which day, no unit twice in one round."""
    last_day = season.first_day + dt.timedelta(days=season.days - 1)
    there = [u for u in units if u.is_in_force(season.first_day) and u.is_in_force(last_day)]
    there = [unit for unit in there if season.goes_to(unit)]
    there.sort(key=lambda unit: unit.uid)
    random.Random(f"{_prefix(season)}communes to visit").shuffle(there)  # noqa: S311  (no secret)
    there = there[: math.ceil(len(there) * SHARE_VISITED)]
    chosen = there[-season.visits :] if season.is_from_the_end else there[: season.visits]
    return [
        (unit, _working_day(season, position, len(chosen))) for position, unit in enumerate(chosen)
    ]


def _prefix(season: Round) -> str:
    """Return what sets the seeds of a form apart; the main form came first and has none."""
    return "" if season.form_id == MAIN_FORM else f"{season.form_id} "


def _working_day(season: Round, position: int, visits: int) -> dt.date:
    day = season.first_day + dt.timedelta(days=position * season.days // visits)
    return day - dt.timedelta(days=max(0, day.weekday() - 4))  # Saturday and Sunday: the Friday


def _visit(season: Round, unit: Unit, day: dt.date) -> Visit:
    key = f"{_prefix(season)}{season.year} {season.period} {unit.uid}"
    rng = random.Random(f"visit {key}")  # noqa: S311  (no secret)
    photos = rng.choice((1, 1, 2, 3) if season.form_id == MAIN_FORM else (0, 1, 1, 2))
    visit = Visit(
        key=key,
        unit=unit,
        day=day,
        year=season.year,
        period=season.period,
        inspector=0,
        outcome=_outcome(unit, rng),
        point=_near(unit, rng, metres=rng.uniform(5, 350)),
        accuracy_m=round(rng.uniform(3, 20), 1),
        photos=photos,
        is_photo_missing=False,
        is_edited=False,
        is_miscalculated=False,
        repeats=0,
        form_id=season.form_id,
    )
    return _with_mishaps(visit, rng)


def _outcome(unit: Unit, rng: random.Random) -> str:
    """Draw what the inspectors meet: mostly what they met there before."""
    lasting = random.Random(f"commune {unit.uid}").random()  # noqa: S311  (no secret)
    draw, is_as_before = rng.random(), rng.random() < SHARE_UNCHANGED
    draw = lasting if is_as_before else draw
    if draw < SHARE_PASSING:
        return "dat"
    return "khong_dat" if draw < SHARE_PASSING + SHARE_FAILING else "chua_du_can_cu"


def _with_mishaps(visit: Visit, rng: random.Random) -> Visit:
    """Return the visit with what goes wrong now and then; no visit has two mishaps."""
    draw = rng.random()
    for share, mishap in (
        (SHARE_WITHOUT_POINT, {"point": None}),
        (SHARE_FAR, {"point": _near(visit.unit, rng, metres=rng.uniform(15_000, 30_000))}),
        (SHARE_MISSING_PHOTO, {"is_photo_missing": True}),
        (SHARE_EDITED, {"is_edited": True}),
        (SHARE_MISCALCULATED, {"is_miscalculated": True}),
        (SHARE_REPEATED, {"repeats": 2}),
    ):
        if draw < share:
            return replace(visit, **mishap)
        draw -= share
    return visit


def _near(unit: Unit, rng: random.Random, *, metres: float) -> tuple[float, float]:
    """Return a point at a distance from the unit's own, in any direction."""
    bearing = rng.uniform(0, 2 * math.pi)
    lat = unit.lat + metres * math.cos(bearing) / METRES_PER_DEGREE
    lon = unit.lon + metres * math.sin(bearing) / (
        METRES_PER_DEGREE * math.cos(math.radians(unit.lat))
    )
    return round(lon, 7), round(lat, 7)
