"""Every coverage there is, and which of them answers for a day.

No Django here, so that a table of points or a bench needs no database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from server.communes.plane import Indices
from server.communes.sheet import NO_COVERAGE, Located, LocatedMany, Objects, Sheet

# Two official sources of the same lines are 37 m apart in the median, so nearer than this a
# point may belong to the neighbour however good its fix was.
LINE_ERROR_M = 50.0

_CHUNK = 100_000  # points turned into geometries at a time


class Coverages:
    """Every coverage there is, ready to be asked. Never changes; threads may share it."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        # Real ones first, and the newest of them, so that the first in force is the one to ask.
        self._sheets = sorted(
            sheets, key=lambda sheet: (sheet.is_schematic, -sheet.valid_from.toordinal())
        )

    def days(self) -> tuple[dt.date, ...]:
        """Return the days on which another coverage may begin to answer, the earliest first."""
        starts = {sheet.valid_from for sheet in self._sheets}
        ends = {sheet.valid_to for sheet in self._sheets if sheet.valid_to is not None}
        return tuple(sorted(starts | ends))

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
            for start in range(0, len(points), _CHUNK):
                chunk = _as_slice(points[start : start + _CHUNK])
                _fill(answer, chunk, sheet.locate(lons[chunk], lats[chunk], tolerances_m[chunk]))
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


def _as_slice(points: Indices) -> Indices | slice:
    """Return rising indices as a slice where none is left out, which copies much quicker."""
    is_whole = len(points) and points[-1] - points[0] == len(points) - 1
    return slice(int(points[0]), int(points[-1]) + 1) if is_whole else points


def _unanswered(count: int) -> LocatedMany:
    return LocatedMany(
        uids=np.full(count, None, dtype=object),
        codes=np.full(count, None, dtype=object),
        valid_from=np.full(count, None, dtype=object),
        statuses=np.full(count, NO_COVERAGE, dtype=object),
        distances_m=np.full(count, np.nan),
        candidates=_no_candidates(count),
        is_schematic=np.zeros(count, dtype=bool),
    )


def _no_candidates(count: int) -> Objects:
    column = np.empty(count, dtype=object)
    column.fill(())
    return column


def _fill(answer: LocatedMany, points: Indices | slice, part: LocatedMany) -> None:
    for column in LocatedMany.__slots__:
        getattr(answer, column)[points] = getattr(part, column)
