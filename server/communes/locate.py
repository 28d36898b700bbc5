"""Which commune a point lies in, on a day.

The coverage in force on that day decides, a real one before a schematic one. Days without a
coverage have no answer, rather than the answer of another day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

import shapely

from server.communes.changes import last_change
from server.communes.coverages import Coverages
from server.communes.models import Boundary, Coverage
from server.communes.sheet import Sheet, Unit


def current() -> Coverages:
    """Return the coverages that the tables hold now.

    Made once per process and kept until the tables change, which costs one small query to know;
    a coverage that another process loads is seen at the next call.
    """
    return as_of(last_change())


@lru_cache(maxsize=1)
def as_of(_change: dt.datetime | None) -> Coverages:
    """Return the coverages as they are since a change, for who has asked for it already."""
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
