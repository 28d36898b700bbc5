"""The figures of several inspections made into one. Pure: no database.

What each aggregate means: docs/indicators.md. Sums are kept apart, numerator and denominator; a
ratio is made from them and never from ratios.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from server.forms.indicators import PERCENT, Indicator
from server.inspections.indicators import Measured


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator over some inspections. None: nobody said, which is never zero."""

    numerator: float | None
    denominator: float | None  # of a ratio, summed; of a mean, how many inspections
    known: int  # how many inspections told it
    value: float | None  # as it is shown; a ratio in percent has 0..100
    groups: Mapping[str, Figure] = field(default_factory=dict)  # by answer to `disaggregate`


UNKNOWN = Figure(None, None, 0, None)


class Visit(NamedTuple):
    """What one inspection measured."""

    key: str  # of the inspection among the latest, see `subjects`
    uid: str  # of the unit
    day: dt.date
    measured: Mapping[str, Measured]


def told(asked: Indicator, visits: Sequence[Visit]) -> list[Visit]:
    """Return the inspections that an aggregate rests on: those that know the figure.

    Of `latest` that is one, of several communes or workplaces too: the newest, and of one day the
    unit that comes last.
    """
    knowing = [
        visit
        for visit in visits
        if (found := visit.measured.get(asked.code)) is not None and found.numerator is not None
    ]
    if asked.aggregate == "latest" and knowing:
        return [max(knowing, key=lambda visit: (visit.day, visit.key))]
    return knowing


def figure(asked: Indicator, visits: Sequence[Visit]) -> Figure:
    """Return one figure of some inspections, with its groups."""
    rests_on = [visit.measured[asked.code] for visit in told(asked, visits)]
    if not rests_on:
        return UNKNOWN
    by_group: dict[str, list[tuple[float, float]]] = {}
    for measured in rests_on:
        for answer, (top, whole) in measured.groups.items():
            by_group.setdefault(answer, []).append((top, whole or 0.0))
    return _summed(
        asked,
        [(m.numerator or 0.0, m.denominator or 0.0) for m in rests_on],
        {answer: _summed(asked, sums, {}) for answer, sums in sorted(by_group.items())},
    )


def value(asked: Indicator, numerator: float, denominator: float | None) -> float | None:
    """Return a figure as it is shown; None for a share of nothing."""
    if asked.aggregate not in ("ratio", "mean"):
        return numerator
    scale = 100 if asked.aggregate == "ratio" and asked.unit == PERCENT else 1
    return scale * numerator / denominator if denominator else None


def _summed(
    asked: Indicator, sums: Sequence[tuple[float, float]], groups: Mapping[str, Figure]
) -> Figure:
    top = sum(numerator for numerator, _ in sums)
    whole: float | None = None
    if asked.aggregate == "mean":
        whole = float(len(sums))
    elif asked.aggregate == "ratio":
        whole = sum(of for _, of in sums)
    return Figure(top, whole, len(sums), value(asked, top, whole), groups)
