"""The coverages that the tables hold, drawn and ready to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import shapely

from server.communes.coverages import Coverages
from server.communes.models import Boundary, Coverage
from server.communes.sheet import Sheet, Unit


def coverages() -> Coverages:
    """Return them as they are now."""
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
