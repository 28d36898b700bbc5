"""The figures of a form that are added up over communes, as a version keeps them.

Written in the workbook's `indicators` sheet, read by `indicators_sheet`, measured from raw answers
by server.inspections.indicators. No Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

# How the figures of several inspections become one. What each means: docs/forms.md.
AGGREGATES = ("sum", "mean", "ratio", "latest")
PERCENT = "%"  # the unit of a ratio that is shown as 0..100


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure. Questions are named by their path below the root: `a/a3_cu_f`."""

    code: str
    label: Mapping[str, str]  # by language: {"vi": …, "en": …}
    value: tuple[str, ...]  # the questions that are summed; one in a repeat over all its rows
    aggregate: str  # one of AGGREGATES
    of: tuple[str, ...] = ()  # of a ratio: what it is taken of, summed likewise
    unit: str = ""
    disaggregate: str = ""  # the select by whose answers it is split
    is_sensitive: bool = False  # small counts are never published


Indicators = tuple[Indicator, ...]


def dump(indicators: Indicators) -> list[dict[str, Any]]:
    """Return the indicators as JSON can hold them; `load` is the way back."""
    return [asdict(indicator) for indicator in indicators]


def load(json: Iterable[Mapping[str, Any]]) -> Indicators:
    """Return the indicators that `dump` wrote."""
    return tuple(
        Indicator(**{**given, "value": tuple(given["value"]), "of": tuple(given["of"])})
        for given in json
    )
