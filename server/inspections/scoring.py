"""Score the conditions of a form from raw answers: the server's twin of the phone's XPath.

The rules are those of domain.md §6.0, written once in a workbook's `findings` sheet. The phone
calculates them in XPath so that the inspector sees the provisional result offline; this module
calculates them again from what was answered. tests/workbooks proves for every form that both agree.

A form's conditions are laid out once as functions that know their questions and thresholds
(`scorer`), because reading them again for each submission takes longer than judging it.

Three-valued: what is not known is never `khong_dat` and never `dat`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
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


class ScoredCondition(NamedTuple):
    """The outcome of one condition, with what it rests on."""

    # No frozen dataclass: each submission makes seventeen, and those take three times as long.
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
        applying = [f.has_document for f in self.findings if f.status != KHONG_AP_DUNG]
        return sum(applying) / len(applying) if applying else None


Scorer = Callable[[Flat], Scored]

# What the laid out functions hand each other. Looked at: the answers to the questions of one
# condition, "" where blank. Period: h1, fy or "". Year: of the data, None when unknown.
_LookedAt = Mapping[str, str]
_Judged = tuple[str, float | None]  # status, and the figure judged
_Judge = Callable[[_LookedAt, str, float | None], _Judged]
_ConditionScorer = Callable[[Flat, str, float | None], ScoredCondition]

_UNKNOWN: _Judged = (CHUA_DU_CAN_CU, None)
_OUT_OF_QUESTION: _Judged = (KHONG_AP_DUNG, None)


def score(conditions: Conditions, flat: Flat) -> Scored:
    """Score every condition from raw answers; for many forms of one version, see `scorer`.

    flat: answers outside repeats by path, "" or absent where nothing was answered.
    """
    return scorer(conditions)(flat)


def scorer(conditions: Conditions) -> Scorer:
    """Return what scores the answers of any form under these conditions."""
    scorers = tuple(_condition_scorer(condition) for condition in conditions.conditions)
    period_path, year_path = conditions.period or "", conditions.year or ""
    result_path = conditions.result or ""

    def score_all(flat: Flat) -> Scored:
        period, year = flat.get(period_path, ""), number(flat.get(year_path, ""))
        findings = tuple([score_one(flat, period, year) for score_one in scorers])
        core = [finding.status for finding in findings if finding.is_core]
        return Scored(
            findings=findings,
            result=overall(core) if core else "",
            device_result=flat.get(result_path, ""),
        )

    return score_all


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


def _condition_scorer(condition: Condition) -> _ConditionScorer:
    code, calculate, applies = condition.code, condition.calculate, condition.applies
    is_core, is_verified = condition.is_core, condition.is_verified
    questions = tuple(dict.fromkeys(path for rule in condition.rules for path in _questions(rule)))
    documents = tuple(rule.evidence for rule in condition.rules if rule.evidence)
    judge, *others = [_LAID_OUT[rule.kind](rule) for rule in condition.rules]

    def score_one(flat: Flat, period: str, year: float | None) -> ScoredCondition:
        looked_at = {path: flat.get(path, "") for path in questions}
        status, value = judge(looked_at, period, year)
        if others:
            status = overall([status, *[other(looked_at, period, year)[0] for other in others]])
        if applies is not None:
            status = _excuse(applies, flat) or status
        has_document = bool(documents) and _DOCUMENTED.issuperset(
            [looked_at[path] for path in documents]
        )
        return ScoredCondition(
            code,
            status,
            value,
            is_core,
            is_verified,
            has_document,
            looked_at,
            flat.get(calculate, ""),
        )

    return score_one


def _questions(rule: Rule) -> Iterator[str]:
    yield from rule.value
    if rule.of:
        yield rule.of
    if rule.evidence:
        yield rule.evidence


def _excuse(applies: tuple[str, str], flat: Flat) -> str:
    """Return the status that a condition has whatever its rules say, or ""."""
    path, wanted = applies
    answer = flat.get(path, "")
    if answer == wanted:
        return ""
    # Not knowing what kind of unit it is does not excuse the unit.
    return KHONG_AP_DUNG if answer else CHUA_DU_CAN_CU


def _yes_no(rule: Rule) -> _Judge:
    """R-YN and R-NO of domain.md §6.0."""
    asked, evidence = rule.value[0], rule.evidence or ""
    good, bad = ("yes", "no") if rule.kind == "yes" else ("no", "yes")

    def judge(looked_at: _LookedAt, _period: str, _year: float | None) -> _Judged:
        answer, proof = looked_at[asked], looked_at.get(evidence, "")
        if answer == "na":
            return _OUT_OF_QUESTION
        if proof in _UNPROVEN:
            return _UNKNOWN
        if answer == bad:
            return KHONG_DAT, None
        return _if_documented(proof, None) if answer == good else _UNKNOWN

    return judge


def _at_least(rule: Rule) -> _Judge:
    """R-MIN, over the sum where there are several figures."""
    asked, evidence, threshold = rule.value, rule.evidence or "", rule.threshold

    def judge(looked_at: _LookedAt, period: str, _year: float | None) -> _Judged:
        total, proof = _total(asked, looked_at), looked_at.get(evidence, "")
        if total is None or proof in _UNPROVEN:
            return CHUA_DU_CAN_CU, total
        if total < _required(threshold, period):
            return KHONG_DAT, total
        return _if_documented(proof, total)

    return judge


def _zero(rule: Rule) -> _Judge:
    """R-ZERO, for each of several figures."""
    asked, evidence = rule.value, rule.evidence or ""

    def judge(looked_at: _LookedAt, _period: str, _year: float | None) -> _Judged:
        total, proof = _total(asked, looked_at), looked_at.get(evidence, "")
        if proof in _UNPROVEN:
            return CHUA_DU_CAN_CU, total
        if any((number(looked_at[path]) or 0) > 0 for path in asked):
            return KHONG_DAT, total  # one known case is enough, whatever else is blank
        return _UNKNOWN if total is None else _if_documented(proof, total)

    return judge


def _ratio(rule: Rule) -> _Judge:
    """R-RATIO and R-PLAN: a share of a whole, in percent."""
    asked, of, evidence = rule.value, rule.of or "", rule.evidence or ""
    threshold = rule.threshold

    def judge(looked_at: _LookedAt, period: str, _year: float | None) -> _Judged:
        part, whole = _total(asked, looked_at), number(looked_at.get(of, ""))
        if part is None or whole is None:
            return _UNKNOWN
        if whole == 0:
            return _OUT_OF_QUESTION
        percent, proof = part / whole * 100, looked_at.get(evidence, "")
        if proof in _UNPROVEN:
            return CHUA_DU_CAN_CU, percent
        # Multiplied, not divided, as on the phone: 57 / 100 * 100 is 56.99999999999999.
        if part * 100 < _required(threshold, period) * whole:
            return KHONG_DAT, percent
        return _if_documented(proof, percent)

    return judge


def _shown(rule: Rule) -> _Judge:
    """A figure that is shown and never judged."""
    asked, of = rule.value, rule.of

    def judge(looked_at: _LookedAt, _period: str, _year: float | None) -> _Judged:
        total = _total(asked, looked_at)
        if total is None:
            return _UNKNOWN
        if of is None:
            return KHONG_AP_DUNG, total
        whole = number(looked_at.get(of, ""))
        if whole is None:
            return _UNKNOWN
        return KHONG_AP_DUNG, total / whole * 100 if whole else None

    return judge


def _deadline(rule: Rule) -> _Judge:
    """Before a month and day of the year of the data («trước ngày 10/6»)."""
    asked, evidence, threshold = rule.value[0], rule.evidence, rule.threshold

    def judge(looked_at: _LookedAt, _period: str, year: float | None) -> _Judged:
        day = _yyyymmdd(looked_at[asked])
        if day is None or year is None or threshold is None:
            return _UNKNOWN
        if evidence is not None and looked_at[evidence] in _UNPROVEN:
            return _UNKNOWN
        if day >= year * 10_000 + threshold.default:
            return KHONG_DAT, None
        return (DAT, None) if evidence is None else _if_documented(looked_at[evidence], None)

    return judge


_LAID_OUT: Mapping[str, Callable[[Rule], _Judge]] = {
    "yes": _yes_no,
    "no": _yes_no,
    "min": _at_least,
    "zero": _zero,
    "ratio": _ratio,
    "plan": _ratio,
    "shown": _shown,
    "deadline": _deadline,
}


def number(text: str) -> float | None:
    """Return the figure that an answer gives, or None for a blank or for no number at all."""
    # float() would also take 1_000, Arabic digits, nan and inf: what no phone sends is not known.
    if not (text.isdigit() and text.isascii()) and not _FIGURE.fullmatch(text):
        return None
    figure = float(text)
    return figure if math.isfinite(figure) else None


def _total(paths: tuple[str, ...], looked_at: _LookedAt) -> float | None:
    total = 0.0
    for path in paths:
        figure = number(looked_at[path])
        if figure is None:
            return None
        total += figure
    return total


def _required(threshold: Threshold | None, period: str) -> float:
    if threshold is None:
        return 100.0  # R-PLAN: all that was planned
    return threshold.of(period)


def _yyyymmdd(text: str) -> int | None:
    # fromisoformat() alone would also take 20260610 and 2026-W24-3, which no phone writes.
    if not _DAY.match(text):
        return None
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day.year * 10_000 + day.month * 100 + day.day


def _if_documented(proof: str, value: float | None) -> _Judged:
    return (DAT if proof in _DOCUMENTED else CHUA_DU_CAN_CU), value
