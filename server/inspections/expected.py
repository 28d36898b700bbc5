"""What was to be done, and how what came compares with it.

Plans and due dates belong to `server.plans`, a layer above: it hands them down as days and uids, so
that one function makes the whole of a table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


class Covered(StrEnum):
    """How far a commune has come."""

    VISITED = "da_kiem_tra"
    PLANNED = "co_ke_hoach"  # and not visited
    NOT_VISITED = "chua_kiem_tra"


class Reported(StrEnum):
    """Whether what was due before a day had come by then."""

    ON_TIME = "dung_han"
    LATE = "muon"
    NOT_DUE = "chua_den_han"  # nothing came, and there is still time
    NONE = "khong_co"  # nothing came, and the day is over
    NOT_THERE = "chua_thanh_lap"  # the unit was made after the day


COVERED = [(str(state), str(state)) for state in Covered]  # as Django writes choices
COVERED_WORDS: Mapping[str, str] = {
    Covered.VISITED: "đã kiểm tra",
    Covered.PLANNED: "có kế hoạch, chưa kiểm tra",
    Covered.NOT_VISITED: "chưa kiểm tra, chưa có kế hoạch",
}
REPORTED_WORDS: Mapping[str, str] = {
    Reported.ON_TIME: "đúng hạn",
    Reported.LATE: "muộn",
    Reported.NOT_DUE: "chưa đến hạn",
    Reported.NONE: "quá hạn, chưa có",
    Reported.NOT_THERE: "đơn vị thành lập sau hạn",
}
REPORTED = [(str(state), str(state)) for state in Reported]
NO_DUE_DATE = "chưa có hạn báo cáo"


def reported_word(state: Reported | None) -> str:
    """Return what people read; None is no state."""
    return NO_DUE_DATE if state is None else REPORTED_WORDS[state]


def local_day(moment: dt.datetime | None = None) -> dt.date:
    """Return the day it is, or was at a moment, where the inspections are made."""
    return timezone.localdate(moment, ZoneInfo(settings.LOCAL_TIME_ZONE))


@dataclass(frozen=True, slots=True)
class Expected:
    """What a project set out to do in some years."""

    today: dt.date
    # {(year, period): the first day that is too late}
    due: Mapping[tuple[int, str], dt.date] = field(default_factory=dict)
    # {(form_id, year): uids of communes, those of the table's day}
    planned: Mapping[tuple[str, int], frozenset[str]] = field(default_factory=dict)

    def covered(self, uid: str, form_id: str, year: int, *, is_visited: bool) -> Covered:
        """Tell how far a commune has come with a form in a year."""
        if is_visited:
            return Covered.VISITED
        is_planned = uid in self.planned.get((form_id, year), ())
        return Covered.PLANNED if is_planned else Covered.NOT_VISITED

    def reported(
        self, year: int, period: str, *, first: dt.datetime | None, since: dt.date | None
    ) -> Reported | None:
        """Tell whether a unit's first inspection of a period came in time.

        first: when it was received. since: when the unit was made. None where no day is due.
        """
        due = self.due.get((year, period))
        if due is None:
            return None
        if first is not None:
            return Reported.LATE if local_day(first) >= due else Reported.ON_TIME
        if since is not None and since >= due:
            return Reported.NOT_THERE
        return Reported.NONE if self.today >= due else Reported.NOT_DUE


def nothing_expected() -> Expected:
    """Return what holds where nobody planned anything."""
    return Expected(local_day())
