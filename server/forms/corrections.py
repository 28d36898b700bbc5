"""What people say instead of what a form says about one condition, and what its rules become.

Pure functions: which versions and which days it is for is `rules`'s.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from server.forms import findings
from server.forms.findings import Condition, Conditions, Rule, Threshold
from server.forms.rule_problems import ThresholdUnreadable

_NUMBERS = ("số, ví dụ 12 hoặc 12; h1=6", "a number, such as 12 or 12; h1=6")


@dataclass(frozen=True, slots=True)
class Correction:
    """What is corrected about one condition; None leaves as it is."""

    condition: str  # its code
    threshold: str | None = None  # as in the findings sheet: "12; h1=6"
    is_verified: bool | None = None
    rule: int = 0  # which of several rules with a threshold, from 1; 0 when there is only one
    # The days on which the legal text holds: visits of other days are judged as before.
    valid_from: dt.date | None = None  # None: always did
    valid_to: dt.date | None = None  # the first day on which it no longer holds


def told(before: Conditions, after: Conditions, correction: Correction) -> dict[str, object]:
    """Return what a correction changed, as RuleVersion.correction keeps it."""
    said = {
        "condition": correction.condition,
        "rule": correction.rule or _only_rule(before, correction.condition),
        "threshold": _changed(before, after, correction),
        "is_verified": correction.is_verified,
    }
    ends = {"valid_from": correction.valid_from, "valid_to": correction.valid_to}
    days = {end: day.isoformat() for end, day in ends.items() if day}
    return {**said, **days}


def corrected(conditions: Conditions, correction: Correction) -> Conditions:
    """Return the conditions with one of them corrected; the same where it is not among them.

    Raises ThresholdUnreadable.
    """
    return replace(
        conditions,
        conditions=tuple(
            _with(condition, correction, conditions)
            if condition.code == correction.condition
            else condition
            for condition in conditions.conditions
        ),
    )


def _with(condition: Condition, correction: Correction, conditions: Conditions) -> Condition:
    if correction.threshold is not None:
        number, rule = _rule(condition, correction)
        threshold = _threshold(rule, correction, conditions)
        rules = list(condition.rules)
        rules[number - 1] = replace(rule, threshold=threshold)
        if threshold != rule.threshold:
            condition = _in_its_days(condition, correction)
        condition = replace(condition, rules=tuple(rules))
    if correction.is_verified is not None:
        condition = replace(condition, is_verified=correction.is_verified)
    return condition


def _in_its_days(condition: Condition, correction: Correction) -> Condition:
    """Let the legal text hold on the days of a correction, where it is one of some days."""
    since, until = correction.valid_from, correction.valid_to
    if since is None and until is None:
        return condition
    return replace(
        condition,
        legal_from=since.isoformat() if since else condition.legal_from,
        legal_to=until.isoformat() if until else condition.legal_to,
    )


def with_threshold(condition: Condition) -> list[tuple[int, Rule]]:
    """Return the rules that have a threshold, with their number within the condition."""
    return [(n, rule) for n, rule in enumerate(condition.rules, 1) if rule.threshold is not None]


def _rule(condition: Condition, correction: Correction) -> tuple[int, Rule]:
    rules = with_threshold(condition)
    chosen = [found for found in rules if correction.rule in (0, found[0])]
    if len(chosen) == 1:
        return chosen[0]
    numbers = ", ".join(str(number) for number, _ in rules) or "–"
    raise ThresholdUnreadable(
        value=correction.threshold or "",
        condition=condition.code,
        wanted=f"số thứ tự của một quy tắc có ngưỡng: {numbers}",
        wanted_en=f"the number of a rule with a threshold: {numbers}",
    )


def _threshold(rule: Rule, correction: Correction, conditions: Conditions) -> Threshold:
    threshold = findings.threshold_of(correction.threshold or "")
    wanted = _NUMBERS
    if threshold is not None and rule.kind == "deadline":
        is_day = not threshold.by_period and findings.is_month_and_day(threshold.default)
        threshold = threshold if is_day else None
        wanted = ("tháng và ngày viết liền, ví dụ 610", "month and day run together: 610")
    if threshold is None or (threshold.by_period and not conditions.period):
        raise ThresholdUnreadable(
            value=correction.threshold or "",
            condition=correction.condition,
            wanted=wanted[0],
            wanted_en=wanted[1],
        )
    return threshold


def _only_rule(conditions: Conditions, code: str) -> int:
    rules = [r for c in conditions.conditions if c.code == code for r in with_threshold(c)]
    return rules[0][0] if rules else 0


def _changed(before: Conditions, after: Conditions, correction: Correction) -> list[str]:
    """Return the threshold before and after; nothing where it stays."""
    if correction.threshold is None:
        return []
    texts = [
        findings.threshold_text(rule.threshold)
        for conditions in (before, after)
        for condition in conditions.conditions
        if condition.code == correction.condition
        for number, rule in with_threshold(condition)
        if rule.threshold and number == (correction.rule or number)
    ]
    return texts if texts[0] != texts[1] else []
