"""What stands in a cell of the indicator table: a number, or a mark in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.inspections.aggregate import Figure
from server.inspections.suppression import Mark, Shown


@dataclass(frozen=True, slots=True)
class Number:
    """One number as it may be printed."""

    mark: Mark
    amount: float | None = None  # only where the mark is SHOWN

    def words(self, k: int) -> str:
        """Return what stands in place of a number that is not shown; "" where nobody said."""
        return {Mark.SMALL: f"<{k}", Mark.HIDDEN: "ẩn"}.get(self.mark, "")


MISSING = Number(Mark.MISSING)
HIDDEN = Number(Mark.HIDDEN)


@dataclass(frozen=True, slots=True)
class Printed:
    """One indicator of one line of the table, for one reader."""

    numerator: Number
    denominator: Number  # of a ratio, summed; of a mean, how many inspections; else missing
    value: Number  # a ratio in percent has 0..100
    known: int  # how many inspections told it
    groups: Mapping[str, Figure] = field(default_factory=dict)  # never of a sensitive one


def plain(figure: Figure) -> Printed:
    """Return a figure that may be printed as it is."""
    return Printed(
        numerator=number(figure.numerator),
        denominator=number(figure.denominator),
        value=number(figure.value),
        known=figure.known,
        groups=figure.groups,
    )


def number(amount: float | None) -> Number:
    """Return a number that may be printed as it is."""
    return MISSING if amount is None else Number(Mark.SHOWN, amount)


def counted(shown: Shown) -> Number:
    """Return a sensitive count as it may be printed."""
    return Number(shown.mark, None if shown.count is None else float(shown.count))
