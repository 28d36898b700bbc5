"""Which commune a point lies in, on a day.

The coverage in force on that day decides, a real one before a schematic one. Days without a
coverage have no answer, rather than the answer of another day.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from server.communes.models import Boundary, Coverage
from server.communes.plane import Array
from server.communes.prepared import Indices
from server.communes.sheet import NO_COVERAGE, Located, LocatedMany, Sheet, Unit, objects

# Two official sources of the same lines are 37 m apart in the median, so nearer than this a
# point may belong to the neighbour however good its fix was.
LINE_ERROR_M = 50.0

_CHUNK = 25_000  # points one thread takes at a time
_THREADS = min(4, os.cpu_count() or 1)


class Coverages:
    """Every coverage there is, ready to be asked. Never changes; threads may share it."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
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

    def _sheet(self, on_date: dt.date) -> Sheet | None:
        return next((sheet for sheet in self._sheets if sheet.is_in_force(on_date)), None)

    def _by_sheet(
        self, dates: dt.date | npt.ArrayLike, count: int
    ) -> Iterator[tuple[Sheet, Indices]]:
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
    boundaries = Boundary.objects.select_related("coverage", "unit").order_by(
        "coverage_id", "unit__code"
    )
    by_coverage = groupby(boundaries, key=lambda boundary: boundary.coverage)
    return Coverages([_sheet(coverage, list(group)) for coverage, group in by_coverage])


def _sheet(coverage: Coverage, boundaries: Sequence[Boundary]) -> Sheet:
    """Return a coverage ready to be asked; its boundaries by code."""
    # A reform that became known after the coverage was loaded ends it: a unit that is no more
    # must not be the answer.
    ends = [coverage.valid_to, *(boundary.unit.valid_to for boundary in boundaries)]
    return Sheet(
        (coverage.valid_from, min((day for day in ends if day), default=None)),
        [Unit(b.unit.uid, b.unit.code, b.unit.valid_from) for b in boundaries],
        [shapely.from_wkb(bytes(b.wkb)) for b in boundaries],
        is_schematic=coverage.is_schematic,
    )


def _unanswered(count: int) -> LocatedMany:
    nothing = objects([None] * count)
    return LocatedMany(
        uids=nothing,
        codes=nothing.copy(),
        valid_from=nothing.copy(),
        statuses=objects([NO_COVERAGE] * count),
        distances_m=np.full(count, np.nan),
        candidates=objects([()] * count),
        is_schematic=np.zeros(count, dtype=bool),
    )


def _ask(
    sheet: Sheet, lons: Array, lats: Array, tolerances_m: Array, points: Indices
) -> LocatedMany:
    return sheet.locate(lons[points], lats[points], tolerances_m[points])


def _fill(answer: LocatedMany, points: Indices, part: LocatedMany) -> None:
    for column in LocatedMany.__slots__:
        getattr(answer, column)[points] = getattr(part, column)
