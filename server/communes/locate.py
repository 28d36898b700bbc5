"""Which commune a point lies in, on a day.

The coverage in force on that day decides, a real one before a schematic one. Days without a
coverage have no answer, rather than the answer of another day.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from server.communes.models import Boundary, Coverage
from server.communes.plane import Array
from server.communes.prepared import Indices, PreparedCoverage

INSIDE, NEAR_BORDER, OUTSIDE, NO_COVERAGE = "inside", "near_border", "outside", "no_coverage"

# Two official sources of the same lines are 37 m apart in the median, so nearer than this a
# point may belong to the neighbour however good its fix was.
LINE_ERROR_M = 50.0

Objects: TypeAlias = npt.NDArray[Any]  # of text, tuples or dates: numpy has no type for them

_CHUNK = 25_000  # points one thread takes at a time
_THREADS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Located:
    """Where one point is."""

    uid: str | None  # of the commune; None outside of all
    code: str | None
    valid_from: dt.date | None  # of the commune's version; None also for "since before 2019-09-11"
    status: str  # inside, near_border, outside, no_coverage
    distance_m: float | None  # geodesic, to the line of the commune, or the nearest when outside
    candidates: tuple[str, ...]  # codes it may belong to, rising
    is_schematic: bool  # drawn from points by us, not a boundary


@dataclass(frozen=True, slots=True)
class LocatedMany:
    """Where many points are: `Located`, as columns of one length."""

    uids: Objects  # str or None
    codes: Objects  # str or None
    valid_from: Objects  # date or None
    statuses: Objects  # str
    distances_m: Array  # NaN without coverage
    candidates: Objects  # tuple of codes
    is_schematic: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Unit:
    uid: str
    code: str
    valid_from: dt.date | None


class _Sheet:
    """One coverage: its days, its units by code, and their polygons."""

    def __init__(
        self,
        days: tuple[dt.date, dt.date | None],
        units: Sequence[_Unit],
        polygons: Sequence[BaseGeometry],
        *,
        is_schematic: bool,
    ) -> None:
        self.valid_from, self.valid_to = days
        self.is_schematic = is_schematic
        self.units = units
        self.index_of = {unit.uid: index for index, unit in enumerate(units)}
        self.prepared = PreparedCoverage(polygons)
        # One more at the end, which OUTSIDE (-1) picks.
        self._uids = _objects([*(unit.uid for unit in units), None])
        self._codes = _objects([*(unit.code for unit in units), None])
        self._starts = _objects([*(unit.valid_from for unit in units), None])
        self._alone = _objects([*((unit.code,) for unit in units), ()])

    def is_in_force(self, on_date: dt.date) -> bool:
        return self.valid_from <= on_date and (self.valid_to is None or on_date < self.valid_to)

    def locate_one(self, lon: float, lat: float, tolerance_m: float) -> Located:
        index = self.prepared.polygon_at(lon, lat)
        distance_m = self.prepared.metres_to_line(lon, lat, index)
        if distance_m < tolerance_m:
            many = self.locate(np.array([lon]), np.array([lat]), np.array([tolerance_m]))
            candidates, status = many.candidates[0], NEAR_BORDER
        else:
            candidates, status = self._alone[index], INSIDE if index >= 0 else OUTSIDE
        return Located(
            uid=self._uids[index],
            code=self._codes[index],
            valid_from=self._starts[index],
            status=status,
            distance_m=distance_m,
            candidates=candidates,
            is_schematic=self.is_schematic,
        )

    def locate(self, lons: Array, lats: Array, tolerances_m: Array) -> LocatedMany:
        index = self.prepared.polygons_at(lons, lats)
        distances_m = self.prepared.metres_to_lines(lons, lats, index)
        is_near = distances_m < tolerances_m
        statuses = np.where(index >= 0, INSIDE, OUTSIDE).astype(object)
        statuses[is_near] = NEAR_BORDER
        candidates = self._alone[index]
        near = np.flatnonzero(is_near)
        candidates[near] = self._candidates(lons[near], lats[near], tolerances_m[near], index[near])
        return LocatedMany(
            uids=self._uids[index],
            codes=self._codes[index],
            valid_from=self._starts[index],
            statuses=statuses,
            distances_m=distances_m,
            candidates=candidates,
            is_schematic=np.full(len(lons), self.is_schematic),
        )

    def _candidates(self, lons: Array, lats: Array, tolerances_m: Array, index: Indices) -> Objects:
        """Return the codes of the polygons whose lines are within reach, and the point's own."""
        found: list[set[str]] = [{*self._alone[own]} for own in index]
        for point, polygon in zip(*self.prepared.near(lons, lats, tolerances_m), strict=True):
            found[point].add(self.units[polygon].code)
        return _objects([tuple(sorted(codes)) for codes in found])


class Coverages:
    """Every coverage there is, ready to be asked. Never changes; threads may share it."""

    def __init__(self, sheets: Sequence[_Sheet]) -> None:
        # Real ones first, and the newest of them, so that the first in force is the one to ask.
        self._sheets = sorted(
            sheets, key=lambda sheet: (sheet.is_schematic, -sheet.valid_from.toordinal())
        )

    def locate_one(
        self, lon: float, lat: float, on_date: dt.date, accuracy_m: float | None = None
    ) -> Located:
        """Return where a point was on a day.

        lon, lat: degrees WGS 84. accuracy_m: of the fix, metres; None when unknown.
        A point on a line gets the lowest code of those that meet there. `near_border` when the
        line is nearer than the larger of the accuracy and LINE_ERROR_M, from either side of it.
        """
        sheet = self._sheet(on_date)
        if sheet is None:
            return Located(None, None, None, NO_COVERAGE, None, (), is_schematic=False)
        return sheet.locate_one(lon, lat, max(accuracy_m or 0.0, LINE_ERROR_M))

    def locate(
        self,
        lons: npt.ArrayLike,
        lats: npt.ArrayLike,
        dates: dt.date | npt.ArrayLike,
        accuracies_m: npt.ArrayLike | None = None,
    ) -> LocatedMany:
        """Return where many points were; as `locate_one`, hundreds of thousands a second.

        lons, lats: n degrees. dates: one day for all, or n `datetime64[D]`.
        accuracies_m: n metres, NaN where unknown. Raises ValueError for coordinates that are
        not finite.
        """
        lons, lats = np.asarray(lons, dtype=float), np.asarray(lats, dtype=float)
        if not (np.isfinite(lons).all() and np.isfinite(lats).all()):
            raise ValueError("coordinates must be finite")
        known = np.zeros(len(lons)) if accuracies_m is None else np.asarray(accuracies_m, float)
        tolerances_m = np.fmax(known, LINE_ERROR_M)
        answer = _unanswered(len(lons))
        for sheet, points in self._by_sheet(dates, len(lons)):
            ask = partial(_ask, sheet, lons, lats, tolerances_m)
            chunks = [points[start : start + _CHUNK] for start in range(0, len(points), _CHUNK)]
            with ThreadPoolExecutor(_THREADS) as threads:
                for chunk, part in zip(chunks, threads.map(ask, chunks), strict=True):
                    _fill(answer, chunk, part)
        return answer

    def distance_outside(self, lon: float, lat: float, uid: str, on_date: dt.date) -> float | None:
        """Return the geodesic metres from a point to a unit's polygon, 0.0 inside or on it.

        None when the unit has no polygon in the coverage of that day.
        """
        sheet = self._sheet(on_date)
        index = sheet.index_of.get(uid) if sheet else None
        if sheet is None or index is None:
            return None
        if sheet.prepared.contains(index, lon, lat):
            return 0.0
        return sheet.prepared.metres_to_line(lon, lat, index)

    def _sheet(self, on_date: dt.date) -> _Sheet | None:
        return next((sheet for sheet in self._sheets if sheet.is_in_force(on_date)), None)

    def _by_sheet(
        self, dates: dt.date | npt.ArrayLike, count: int
    ) -> Iterator[tuple[_Sheet, Indices]]:
        """Yield each coverage that is asked, with the indices of its points."""
        if isinstance(dates, dt.date):
            sheet = self._sheet(dates)
            if sheet:
                yield sheet, np.arange(count)
            return
        days, day_of_point = np.unique(np.asarray(dates, "datetime64[D]"), return_inverse=True)
        sheets = [self._sheet(day) for day in days.astype(object)]
        for sheet in dict.fromkeys(sheet for sheet in sheets if sheet):
            is_asked = np.array([one is sheet for one in sheets])
            yield sheet, np.flatnonzero(is_asked[day_of_point])


def current() -> Coverages:
    """Return the coverages that the tables hold now.

    Made once per process and kept until a row of the table of coverages differs, which costs one
    query to know; a coverage that another process loads is seen at the next call.
    """
    state = Coverage.objects.order_by("pk").values_list(
        "pk", "valid_from", "valid_to", "is_schematic", "loaded_at"
    )
    return _loaded(tuple(state))


@lru_cache(maxsize=1)
def _loaded(_state: tuple[Any, ...]) -> Coverages:  # rows, only compared
    # One statement, so that a coverage being replaced meanwhile is seen whole, old or new.
    rows = Boundary.objects.order_by("coverage", "unit__code").values_list(
        "coverage", "coverage__valid_from", "coverage__valid_to", "coverage__is_schematic",
        "unit", "unit__code", "unit__valid_from", "wkb",
    )  # fmt: skip
    days: dict[int, tuple[dt.date, dt.date | None, bool]] = {}
    units: dict[int, list[_Unit]] = {}
    polygons: dict[int, list[BaseGeometry]] = {}
    for key, start, end, is_schematic, uid, code, valid_from, wkb in rows.iterator():
        days[key] = (start, end, is_schematic)
        units.setdefault(key, []).append(_Unit(uid, code, valid_from))
        polygons.setdefault(key, []).append(shapely.from_wkb(bytes(wkb)))
    return Coverages(
        [
            _Sheet((start, end), units[key], polygons[key], is_schematic=is_schematic)
            for key, (start, end, is_schematic) in days.items()
        ]
    )


def _objects(values: Sequence[object]) -> Objects:
    """Return a one-dimensional array of objects, also of tuples."""
    return np.fromiter(values, dtype=object, count=len(values))


def _unanswered(count: int) -> LocatedMany:
    nothing = _objects([None] * count)
    return LocatedMany(
        uids=nothing,
        codes=nothing.copy(),
        valid_from=nothing.copy(),
        statuses=_objects([NO_COVERAGE] * count),
        distances_m=np.full(count, np.nan),
        candidates=_objects([()] * count),
        is_schematic=np.zeros(count, dtype=bool),
    )


def _ask(
    sheet: _Sheet, lons: Array, lats: Array, tolerances_m: Array, points: Indices
) -> LocatedMany:
    return sheet.locate(lons[points], lats[points], tolerances_m[points])


def _fill(answer: LocatedMany, points: Indices, part: LocatedMany) -> None:
    for column in LocatedMany.__slots__:
        getattr(answer, column)[points] = getattr(part, column)
