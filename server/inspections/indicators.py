"""Measure the figures of one inspection that are aggregated over communes. Pure: no database.

What the figures are is written in a workbook's `indicators` sheet (server.forms.indicators).
Numerator and denominator are kept apart, so that whoever adds up communes never averages shares;
what is not known is None, never zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from server.forms.indicators import Indicator, Indicators
from server.inspections.scoring import number
from server.submissions.instance import Answers


class Measured(NamedTuple):
    """One figure of one inspection."""

    # No frozen dataclass, for the reason that scoring.ScoredCondition gives.
    numerator: float | None  # None: not known
    denominator: float | None  # of a ratio, known whenever the numerator is; else None
    groups: dict[str, tuple[float, float | None]]  # by answer to `disaggregate`; "" for none given


Measurer = Callable[[Answers], dict[str, Measured]]

_UNKNOWN = Measured(None, None, {})
_Row = Mapping[str, str]


# The figures of an indicator that stand in one repeat, or outside all of them, added up from a row:
# of the value and of the whole; None when one is blank.
_Sums = Callable[[_Row], "tuple[float, float] | None"]
_Total = Callable[[_Row], "float | None"]


def measure(indicators: Indicators, answers: Answers) -> dict[str, Measured]:
    """Return what each indicator comes to, by code; for many forms of one version see `measurer`.

    Outside repeats every question of an indicator must be answered. Of a repeat those rows count
    that answer all its questions of the indicator, and without such a row it is not known: a
    question that did not apply in a row is blank there. A ratio is known with both its sides.
    """
    return measurer(indicators, answers.repeats)(answers)


def measurer(indicators: Indicators, repeats: Iterable[str]) -> Measurer:
    """Return what measures any form of a version. repeats: paths of all its repeats."""
    paths = tuple(repeats)
    measurers = [(each.code, _measurer(each, paths)) for each in indicators]

    def measure_all(answers: Answers) -> dict[str, Measured]:
        return {code: measure_one(answers) for code, measure_one in measurers}

    return measure_all


def dump(measured: Mapping[str, Measured]) -> dict[str, Any]:
    """Return figures as Inspection.indicators holds them; `load` is the way back."""
    return {
        code: {
            "n": m.numerator,
            "d": m.denominator,
            "by": {k: list(v) for k, v in m.groups.items()},
        }
        for code, m in measured.items()
    }


def load(json: Mapping[str, Any]) -> dict[str, Measured]:
    """Return the figures that `dump` wrote."""
    return {
        code: Measured(m["n"], m["d"], {k: (n, d) for k, (n, d) in m["by"].items()})
        for code, m in json.items()
    }


def _measurer(indicator: Indicator, repeats: tuple[str, ...]) -> Callable[[Answers], Measured]:
    terms = _terms(indicator, repeats)
    of_form, of_rows = terms.pop("", None), tuple(terms.items())
    is_ratio = indicator.aggregate == "ratio"
    groups = _grouping(indicator, repeats)
    if of_form is not None and not of_rows and groups is None:  # nearly all
        return _measurer_of_form(of_form, is_ratio=is_ratio)

    def measure_one(answers: Answers) -> Measured:
        top, bottom = 0.0, 0.0
        if of_form is not None:
            sums = of_form(answers.flat)
            if sums is None:
                return _UNKNOWN
            top, bottom = sums
        for repeat, asked in of_rows:
            known = [s for row in answers.repeats.get(repeat, ()) if (s := asked(row))]
            if not known:
                return _UNKNOWN
            top += sum(value for value, _ in known)
            bottom += sum(of for _, of in known)
        if not math.isfinite(top + bottom):  # beyond all numbers, which JSON cannot say
            return _UNKNOWN
        whole = bottom if is_ratio else None
        return Measured(top, whole, groups(answers, top, whole) if groups else {})

    return measure_one


def _measurer_of_form(sums_of: _Sums, *, is_ratio: bool) -> Callable[[Answers], Measured]:
    def measure_one(answers: Answers) -> Measured:
        sums = sums_of(answers.flat)
        if sums is None:
            return _UNKNOWN
        return Measured(sums[0], sums[1] if is_ratio else None, {})

    return measure_one


_Groups = dict[str, tuple[float, float | None]]
_Grouping = Callable[[Answers, float, float | None], _Groups]


def _grouping(indicator: Indicator, repeats: tuple[str, ...]) -> _Grouping | None:
    by = indicator.disaggregate
    if not by:
        return None
    repeat = _repeat_of(by, repeats)
    if not repeat:
        # One answer for the whole form: all of the figure belongs to it.
        return lambda answers, top, whole: dict.fromkeys(_answered(by, answers.flat), (top, whole))
    asked = _adding(indicator.value, indicator.of)  # all in that repeat (indicators_sheet)
    is_ratio = indicator.aggregate == "ratio"

    def grouped(answers: Answers, _top: float, _whole: float | None) -> _Groups:
        found: _Groups = {}
        for row in answers.repeats.get(repeat, ()):
            sums = asked(row)
            if sums is None:
                continue
            for answer in _answered(by, row):
                top, bottom = found.get(answer, (0.0, 0.0))
                found[answer] = (top + sums[0], (bottom or 0.0) + sums[1] if is_ratio else None)
        return found

    return grouped


def _answered(by: str, row: _Row) -> list[str]:
    """Return the choices that are ticked; "" alone when none is."""
    return row.get(by, "").split() or [""]


def _terms(indicator: Indicator, repeats: tuple[str, ...]) -> dict[str, _Sums]:
    places = {path: _repeat_of(path, repeats) for path in (*indicator.value, *indicator.of)}
    return {
        place: _adding(
            [path for path in indicator.value if places[path] == place],
            [path for path in indicator.of if places[path] == place],
        )
        for place in dict.fromkeys(places.values())
    }


def _repeat_of(path: str, repeats: Iterable[str]) -> str:
    around = (repeat for repeat in repeats if path.startswith(f"{repeat}/"))
    return max(around, key=len, default="")


def _adding(value: Sequence[str], of: Sequence[str]) -> _Sums:
    value_total, of_total = _total(value), _total(of)

    def sums(row: _Row) -> tuple[float, float] | None:
        top = value_total(row)
        if top is None:
            return None
        bottom = of_total(row)
        return None if bottom is None else (top, bottom)

    return sums


def _total(paths: Sequence[str]) -> _Total:
    if not paths:
        return lambda _row: 0.0
    if len(paths) == 1:  # nearly all
        only = paths[0]
        return lambda row: number(row.get(only, ""))

    def total(row: _Row) -> float | None:
        sum_ = 0.0
        for path in paths:
            figure = number(row.get(path, ""))
            if figure is None:
                return None
            sum_ += figure
        return sum_ if math.isfinite(sum_) else None

    return total
