"""Which commune an inspection was made in, and which it speaks for.

The declared commune is what the inspection counts for; the point is evidence for or against it
and never moves an inspection by itself (domain.md §6.1: a supervisor's flag, not a rejection).
Only where nothing was declared does the point decide.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from server.communes import locate
from server.communes.changes import last_change
from server.communes.models import AdminUnit


@dataclass(frozen=True, slots=True)
class Point:
    """Where a phone says it was: degrees WGS 84, metres."""

    lon: float
    lat: float
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class Place:
    """What the point and the declaration of one inspection come to."""

    # uid it counts for: the declared one; where none was declared the located one; None where the
    # declared code named no commune that day
    unit: str | None
    declared: str | None
    located: str | None
    status: str  # a GpsStatus
    distance_m: float | None  # to the nearest commune line
    outside_m: float | None  # from the point to the declared commune; 0 inside
    is_schematic: bool


@dataclass(frozen=True, slots=True)
class UnitVersion:
    """One version of a commune, as far as a declaration needs it."""

    uid: str
    type: str
    valid_from: dt.date  # date.min: since before the series
    valid_to: dt.date  # date.max: still


Units = Mapping[str, tuple[UnitVersion, ...]]  # by code


class Geography(Protocol):
    """What geotagging asks of the map."""

    def place(self, point: Point | None, code: str, on_date: dt.date) -> Place:
        """Return what a point and a declared code come to on a day."""

    def unit_type(self, code: str, on_date: dt.date) -> str:
        """Return the type (xa, phuong …) of the commune that had `code` on a day, or ""."""


# Python's own float() takes more for a number: "nan", "2_1", digits of other scripts.
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_GEOPOINT = re.compile(rf"\s*{_NUMBER}(?:\s+{_NUMBER}){{1,3}}\s*", re.ASCII)
_LONGEST_GEOPOINT = 255  # characters; Collect's have some 50


def parse_geopoint(text: str) -> Point | None:
    """Return the point of a geopoint answer, or None when it was left blank or is no point.

    A geopoint is "lat lon altitude accuracy": degrees, degrees, metres, metres
    (ODK XForms specification, data types).
    """
    if len(text) > _LONGEST_GEOPOINT or not _GEOPOINT.fullmatch(text):
        return None
    lat, lon, *rest = (float(part) for part in text.split())
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    accuracy = rest[1] if len(rest) > 1 and 0 <= rest[1] < 1e7 else None
    return Point(lon=lon, lat=lat, accuracy_m=accuracy)


class LoadedGeography:
    """The map as the tables hold it now."""

    def __init__(self) -> None:
        change = last_change()
        self._units = _units(change)
        self._coverages = locate.as_of(change)

    def unit_type(self, code: str, on_date: dt.date) -> str:
        """Return the type (xa, phuong …) of the commune that had `code` on a day, or ""."""
        unit = self._declared(code, on_date)
        return unit.type if unit else ""

    def place(self, point: Point | None, code: str, on_date: dt.date) -> Place:
        """Return what a point and a declared code come to on a day."""
        unit = self._declared(code, on_date)
        declared = unit.uid if unit else None
        if point is None:
            return Place(declared, declared, None, "missing", None, None, False)
        found = self._coverages.locate_one(point.lon, point.lat, on_date, point.accuracy_m)
        outside_m = (
            self._coverages.distance_outside(point.lon, point.lat, declared, on_date)
            if declared and declared != found.uid
            else None
        )
        return Place(
            unit=declared if code else found.uid,
            declared=declared,
            located=found.uid,
            status=found.status,
            distance_m=found.distance_m,
            outside_m=0.0 if declared and declared == found.uid else outside_m,
            is_schematic=found.is_schematic,
        )

    def _declared(self, code: str, on_date: dt.date) -> UnitVersion | None:
        # A list may name a version outright ("05443@2025-07-01"); a code alone means the
        # version that was in force on the day of the visit.
        code, _, start = code.partition("@")
        for unit in self._units.get(code, ()):
            if unit.valid_from <= on_date < unit.valid_to and (
                not start or unit.uid == f"{code}@{start}"
            ):
                return unit
        return None


@lru_cache(maxsize=2)
def _units(_change: dt.datetime | None) -> Units:
    by_code: dict[str, list[UnitVersion]] = {}
    for uid, code, kind, start, end in AdminUnit.objects.communes().values_list(
        "uid", "code", "type", "valid_from", "valid_to"
    ):
        version = UnitVersion(uid, kind, start or dt.date.min, end or dt.date.max)
        by_code.setdefault(code, []).append(version)
    return {code: tuple(versions) for code, versions in by_code.items()}
