"""Score the conditions of a form from raw answers: the server's twin of the phone's XPath.

The rules are those of domain.md §6.0, written once in a workbook's `findings` sheet. The phone
calculates them in XPath so that the inspector sees the provisional result offline; this module
calculates them again from what was answered. tests/inspections/test_phone_agrees.py proves that
both agree.

Three-valued: what is not known is never `khong_dat` and never `dat`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from server.forms.findings import Condition, Conditions, Rule, Threshold

DAT = "dat"
KHONG_DAT = "khong_dat"
CHUA_DU_CAN_CU = "chua_du_can_cu"
KHONG_AP_DUNG = "khong_ap_dung"

_DOCUMENTED = frozenset({"seen", "copied"})
_UNPROVEN = frozenset({"", "none"})
# As JavaRosa writes a number: 12, -3, 0.25, 1.0E7.
_FIGURE = re.compile(r"-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T|$)")  # a date, or the date of a dateTime

Flat = Mapping[str, str]  # {path below the root: text}, as instance.answers gives it


@dataclass(frozen=True, slots=True)
class ScoredCondition:
    """The outcome of one condition, with what it rests on."""

    condition: str  # its code
    status: str
    value: float | None  # the figure judged: a count, or a percentage 0..100
    is_core: bool
    is_verified: bool
    has_document: bool  # every evidence question says seen or copied
    evidence: dict[str, str]  # {question: answer} the rules looked at
    device_status: str  # what the phone calculated; "" when it said nothing


@dataclass(frozen=True, slots=True)
class Scored:
    """The outcome of every condition of a form, and of the form."""

    findings: tuple[ScoredCondition, ...]
    result: str  # "" when the form has no core condition
    device_result: str

    @property
    def evidence_share(self) -> float | None:
        """Return which share (0..1) of the conditions that apply rests on documents."""
        applying = [f for f in self.findings if f.status != KHONG_AP_DUNG]
        if not applying:
            return None
        return sum(f.has_document for f in applying) / len(applying)


class _Judged(NamedTuple):
    status: str
    value: float | None = None


def score(conditions: Conditions, flat: Flat) -> Scored:
    """Score every condition from raw answers.

    flat: answers outside repeats by path, "" or absent where nothing was answered.
    """
    period = flat.get(conditions.period or "", "")
    year = flat.get(conditions.year or "", "")
    findings = tuple(_score_one(c, flat, period, year) for c in conditions.conditions)
    core = [f.status for f in findings if f.is_core]
    return Scored(
        findings=findings,
        result=overall(core) if core else "",
        device_result=flat.get(conditions.result or "", ""),
    )


def overall(statuses: Iterable[str]) -> str:
    """Return what several outcomes amount to when all of them are asked for.

    One failure fails; short of that, one unknown leaves it open; what does not apply is passed
    over, and where nothing applies the whole does not apply.
    """
    present = set(statuses)
    for status in (KHONG_DAT, CHUA_DU_CAN_CU, DAT):
        if status in present:
            return status
    return KHONG_AP_DUNG


def _score_one(condition: Condition, flat: Flat, period: str, year: str) -> ScoredCondition:
    judged = [_judge(rule, flat, period, year) for rule in condition.rules]
    return ScoredCondition(
        condition=condition.code,
        status=_applied(condition, flat) or _together(judged),
        value=judged[0].value,
        is_core=condition.is_core,
        is_verified=condition.is_verified,
        has_document=_has_document(condition, flat),
        evidence=_evidence(condition, flat),
        device_status=flat.get(condition.calculate, ""),
    )


def _together(judged: list[_Judged]) -> str:
    return judged[0].status if len(judged) == 1 else overall(j.status for j in judged)


def _applied(condition: Condition, flat: Flat) -> str:
    """Return the status that the condition has before any rule is looked at, or ""."""
    if condition.applies is None:
        return ""
    path, wanted = condition.applies
    answer = flat.get(path, "")
    if answer == wanted:
        return ""
    # Not knowing what kind of unit it is does not excuse the unit.
    return KHONG_AP_DUNG if answer else CHUA_DU_CAN_CU


def _judge(rule: Rule, flat: Flat, period: str, year: str) -> _Judged:
    if rule.kind in ("yes", "no"):
        return _Judged(_yes_no(rule, flat))
    if rule.kind == "deadline":
        return _Judged(_deadline(rule, flat, year))
    if rule.kind in ("ratio", "plan"):
        return _ratio(rule, flat, period)
    if rule.kind == "shown":
        return _shown(rule, flat)
    return _count(rule, flat, period)


def _yes_no(rule: Rule, flat: Flat) -> str:
    """R-YN and R-NO of domain.md §6.0."""
    answer = flat.get(rule.value[0], "")
    good, bad = ("yes", "no") if rule.kind == "yes" else ("no", "yes")
    if answer == "na":
        return KHONG_AP_DUNG
    if _is_unproven(rule, flat):
        return CHUA_DU_CAN_CU
    if answer == bad:
        return KHONG_DAT
    return _if_documented(rule, flat) if answer == good else CHUA_DU_CAN_CU


def _count(rule: Rule, flat: Flat, period: str) -> _Judged:
    """R-MIN and R-ZERO, over the sum where there are several figures."""
    figures = [number(flat.get(path, "")) for path in rule.value]
    total = None if None in figures else sum(f for f in figures if f is not None)
    if _is_unproven(rule, flat):
        return _Judged(CHUA_DU_CAN_CU, total)
    if rule.kind == "zero" and any(f is not None and f > 0 for f in figures):
        return _Judged(KHONG_DAT, total)  # one known case is enough, whatever else is blank
    if total is None:
        return _Judged(CHUA_DU_CAN_CU)
    if rule.kind == "min" and total < _threshold(rule.threshold, period):
        return _Judged(KHONG_DAT, total)
    return _Judged(_if_documented(rule, flat), total)


def _ratio(rule: Rule, flat: Flat, period: str) -> _Judged:
    """R-RATIO and R-PLAN: a share of a whole, in percent."""
    part, whole = _total(rule.value, flat), number(flat.get(rule.of or "", ""))
    if part is None or whole is None:
        return _Judged(CHUA_DU_CAN_CU)
    if whole == 0:
        return _Judged(KHONG_AP_DUNG)
    percent = part / whole * 100
    if _is_unproven(rule, flat):
        return _Judged(CHUA_DU_CAN_CU, percent)
    # Multiplied, not divided, as on the phone: 57 / 100 * 100 is 56.99999999999999.
    if part * 100 < _threshold(rule.threshold, period) * whole:
        return _Judged(KHONG_DAT, percent)
    return _Judged(_if_documented(rule, flat), percent)


def _shown(rule: Rule, flat: Flat) -> _Judged:
    """A figure that is shown and never judged."""
    total = _total(rule.value, flat)
    if total is None:
        return _Judged(CHUA_DU_CAN_CU)
    if rule.of is None:
        return _Judged(KHONG_AP_DUNG, total)
    whole = number(flat.get(rule.of, ""))
    if whole is None:
        return _Judged(CHUA_DU_CAN_CU)
    return _Judged(KHONG_AP_DUNG, total / whole * 100 if whole else None)


def _deadline(rule: Rule, flat: Flat, year: str) -> str:
    """Before a month and day of the year of the data («trước ngày 10/6»)."""
    day = _yyyymmdd(flat.get(rule.value[0], ""))
    in_year = number(year)
    if day is None or in_year is None or rule.threshold is None:
        return CHUA_DU_CAN_CU
    if rule.evidence is not None and _is_unproven(rule, flat):
        return CHUA_DU_CAN_CU
    if day >= in_year * 10_000 + rule.threshold.default:
        return KHONG_DAT
    return DAT if rule.evidence is None else _if_documented(rule, flat)


def number(text: str) -> float | None:
    """Return the figure that an answer gives, or None for a blank or for no number at all."""
    # float() would also take 1_000, Arabic digits, nan and inf: what no phone sends is not known.
    if not _FIGURE.fullmatch(text):
        return None
    figure = float(text)
    return figure if math.isfinite(figure) else None


def _total(paths: tuple[str, ...], flat: Flat) -> float | None:
    figures = [number(flat.get(path, "")) for path in paths]
    return None if None in figures else sum(f for f in figures if f is not None)


def _threshold(threshold: Threshold | None, period: str) -> float:
    if threshold is None:
        return 100.0  # R-PLAN: all that was planned
    return threshold.by_period.get(period, threshold.default)


def _yyyymmdd(text: str) -> int | None:
    # fromisoformat() alone would also take 20260610 and 2026-W24-3, which no phone writes.
    if not _DAY.match(text):
        return None
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day.year * 10_000 + day.month * 100 + day.day


def _is_unproven(rule: Rule, flat: Flat) -> bool:
    return flat.get(rule.evidence or "", "") in _UNPROVEN


def _if_documented(rule: Rule, flat: Flat) -> str:
    return DAT if flat.get(rule.evidence or "", "") in _DOCUMENTED else CHUA_DU_CAN_CU


def _has_document(condition: Condition, flat: Flat) -> bool:
    asked = [rule.evidence for rule in condition.rules if rule.evidence]
    return bool(asked) and all(flat.get(path, "") in _DOCUMENTED for path in asked)


def _evidence(condition: Condition, flat: Flat) -> dict[str, str]:
    found: dict[str, str] = {}
    for rule in condition.rules:
        for path in rule.value:
            found[path] = flat.get(path, "")
        if rule.of:
            found[rule.of] = flat.get(rule.of, "")
        if rule.evidence:
            found[rule.evidence] = flat.get(rule.evidence, "")
    return found
