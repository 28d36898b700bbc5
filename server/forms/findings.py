"""The conditions of a form and the rules that decide them, as a version keeps them.

A rule is written once, in the workbook's `findings` sheet. `findings_sheet` reads it, `xpath`
turns it into what the phone calculates, and server.inspections.scoring scores the same rule from
the raw answers (house.md, decision 7). No Django.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# The rules of domain.md §6.0. What each means: docs/forms.md, server.inspections.scoring.
KINDS = ("yes", "no", "min", "zero", "ratio", "plan", "deadline", "shown")

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a figure must reach; for a deadline month and day as MMDD (610: 10 June)."""

    default: float
    by_period: Mapping[str, float] = field(default_factory=dict)  # instead, in that period

    def of(self, period: str) -> float:
        """Return what must be reached in a period; "": in none that has its own figure."""
        return self.by_period.get(period, self.default)


@dataclass(frozen=True, slots=True)
class Rule:
    """One test. Questions are named by their path below the root: `a/a3_key_f`."""

    kind: str  # one of KINDS
    value: tuple[str, ...]  # the questions judged; several are summed
    of: str | None = None  # the whole that a share is taken of
    threshold: Threshold | None = None
    evidence: str | None = None  # the question that says which document was seen


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the rule book; all of its rules must hold."""

    code: str
    label: Mapping[str, str]  # by language: {"vi": …, "en": …}
    rules: tuple[Rule, ...]
    calculate: str  # path of the question that shows the phone's result
    applies: tuple[str, str] | None = None  # only where this question has this answer
    is_core: bool = False  # counts in the result of the form
    is_verified: bool = False  # somebody has read the threshold in the law itself
    legal_basis: str = ""
    legal_from: str = ""  # ISO dates between which that text is in force; "" when not said
    legal_to: str = ""


@dataclass(frozen=True, slots=True)
class Conditions:
    """All conditions of a form version; no conditions for a form that judges nothing."""

    criteria_set: str = ""  # the dated rule book, e.g. "NTM-2021-2025"
    conditions: tuple[Condition, ...] = ()
    period: str | None = None  # path of h_period
    year: str | None = None  # path of h_year
    result: str | None = None  # path of z_result


def threshold_of(text: str) -> Threshold | None:
    """Read "12", or "12; h1=6": another figure in the half-year. None for anything else."""
    default, *others = (part.strip() for part in text.split(";"))
    pairs = [[side.strip() for side in part.partition("=")[::2]] for part in others]
    figures = [default, *(pair[1] for pair in pairs)]
    if not all(map(_NUMBER.fullmatch, figures)) or not all(_NAME.fullmatch(p[0]) for p in pairs):
        return None
    return Threshold(float(default), {period: float(figure) for period, figure in pairs})


def threshold_text(threshold: Threshold) -> str:
    """Return a threshold as the findings sheet has it; `threshold_of` is the way back."""
    others = (f"{period}={figure:g}" for period, figure in sorted(threshold.by_period.items()))
    return "; ".join([f"{threshold.default:g}", *others])


def is_month_and_day(figure: float) -> bool:
    """Tell whether a deadline's threshold is a day of the year, as MMDD: 610."""
    month, day = divmod(int(figure), 100)
    days = calendar.monthrange(2028, month)[1] if 1 <= month <= 12 else 0  # a leap year
    return figure == int(figure) and 1 <= day <= days


def dump(conditions: Conditions) -> dict[str, Any]:
    """Return the conditions as JSON can hold them; `load` is the way back."""
    return asdict(conditions)


def load(json: Mapping[str, Any]) -> Conditions:
    """Return the conditions that `dump` wrote."""
    conditions = tuple(_condition(given) for given in json["conditions"])
    return Conditions(**{**json, "conditions": conditions})


def _condition(json: Mapping[str, Any]) -> Condition:
    applies = json["applies"]
    changed = {
        "rules": tuple(_rule(given) for given in json["rules"]),
        "applies": (applies[0], applies[1]) if applies else None,
    }
    return Condition(**{**json, **changed})


def _rule(json: Mapping[str, Any]) -> Rule:
    threshold = json["threshold"]
    changed = {
        "value": tuple(json["value"]),
        "threshold": Threshold(**threshold) if threshold else None,
    }
    return Rule(**{**json, **changed})
