"""The communes that the demonstration visits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A version of a commune, as the phone's list gives it, with a point inside."""

    uid: str
    label: str
    type: str  # xa, phuong, thi_tran
    area: str  # key of the former district
    valid_from: str  # yyyymmdd; "" since before the list
    valid_to: str  # yyyymmdd, half-open; "" still
    lon: float  # degrees WGS 84
    lat: float

    def is_in_force(self, day: dt.date) -> bool:
        """Tell whether the unit existed on a day."""
        yyyymmdd = f"{day:%Y%m%d}"
        return (self.valid_from or "0") <= yyyymmdd < (self.valid_to or "9")
