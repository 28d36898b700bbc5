"""One coverage being asked: its days, its units, and where points are among them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from server.communes.plane import Array, Indices
from server.communes.prepared import PreparedCoverage

INSIDE, NEAR_BORDER, OUTSIDE, NO_COVERAGE = "inside", "near_border", "outside", "no_coverage"

Objects: TypeAlias = npt.NDArray[Any]  # of text, tuples or dates: numpy has no type for them


@dataclass(frozen=True, slots=True)
class Located:
    """Where one point is."""

    uid: str | None  # of the commune; None outside of all
    code: str | None
    valid_from: dt.date | None  # of the commune's version; None also for "since before 2019-09-11"
    status: str  # inside, near_border, outside, no_coverage
    distance_m: float | None  # geodesic, to the nearest line
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


_STATUSES: Objects = np.array([INSIDE, OUTSIDE, NEAR_BORDER], dtype=object)


@dataclass(frozen=True, slots=True)
class Unit:
    """A commune that has a polygon."""

    uid: str
    code: str
    valid_from: dt.date | None


class Sheet:
    """One coverage: its days, its units by code, and their polygons."""

    def __init__(
        self,
        days: tuple[dt.date, dt.date | None],
        units: Sequence[Unit],
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
        self._uids = objects([*(unit.uid for unit in units), None])
        self._codes = objects([*(unit.code for unit in units), None])
        self._starts = objects([*(unit.valid_from for unit in units), None])
        self._alone = objects([*((unit.code,) for unit in units), ()])

    def is_in_force(self, on_date: dt.date) -> bool:
        """Tell whether this coverage answers for a day."""
        return self.valid_from <= on_date and (self.valid_to is None or on_date < self.valid_to)

    def locate_one(self, lon: float, lat: float, tolerance_m: float) -> Located:
        """Return where a point is; near a line when it is nearer than the tolerance."""
        index, distance_m = self.prepared.find(lon, lat)
        if distance_m < tolerance_m:
            near = (self.units[n].code for n in self.prepared.near(lon, lat, tolerance_m))
            candidates, status = tuple(sorted({*near, *self._alone[index]})), NEAR_BORDER
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
        """Return where points are, each with its own tolerance."""
        index, distances_m = self.prepared.find_many(lons, lats)
        is_near = distances_m < tolerances_m
        statuses = _STATUSES[np.where(is_near, 2, index < 0)]
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
        for point, polygon in zip(*self.prepared.near_many(lons, lats, tolerances_m), strict=True):
            found[point].add(self.units[polygon].code)
        return objects([tuple(sorted(codes)) for codes in found])


def objects(values: Sequence[object]) -> Objects:
    """Return a one-dimensional array of objects, also of tuples."""
    return np.fromiter(values, dtype=object, count=len(values))
