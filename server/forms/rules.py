"""The rule versions of a form: made by publishing, and by correcting what the law says.

A correction needs no new form: phones go on showing what they were published with, and the server
scores by the corrected rule, answers that it holds already included. What was found before is kept
(server.inspections).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.models import Max

from server.forms import findings
from server.forms.findings import Condition, Conditions, Rule, Threshold
from server.forms.models import CriteriaSet, Form, FormVersion, RuleVersion
from server.forms.rule_problems import (
    ConditionUnknown,
    CorrectionUndone,
    NothingCorrected,
    ReasonMissing,
    ThresholdUnreadable,
)
from server.projects.models import User

_YES_NO = {True: "yes", False: "no"}
_NUMBERS = ("số, ví dụ 12 hoặc 12; h1=6", "a number, such as 12 or 12; h1=6")


@dataclass(frozen=True, slots=True)
class Correction:
    """What is corrected about one condition; None leaves as it is."""

    condition: str  # its code
    threshold: str | None = None  # as in the findings sheet: "12; h1=6"
    is_verified: bool | None = None
    rule: int = 0  # which of several rules with a threshold, from 1; 0 when there is only one


def in_force(form_version: FormVersion) -> Conditions:
    """Return the conditions that a version is scored by now, corrections included."""
    rules = form_version.rule_version
    return findings.load(rules.conditions if rules else form_version.conditions)


def of_publication(form: Form, version: str, conditions: Conditions) -> RuleVersion | None:
    """Return what a new version of a form is scored by: new only where its conditions are.

    None for a form that judges nothing. The caller holds the form's lock.
    """
    if not conditions.conditions:
        return None
    for made in form.rule_versions.order_by("-number"):
        if findings.load(made.conditions) == conditions:
            return made
    return _make(form, conditions, made_for=version)


def refuse_undone(form: Form, conditions: Conditions) -> list[CorrectionUndone]:
    """Return a complaint for each correction that publishing these conditions would take back."""
    corrections = list(form.rule_versions.exclude(corrects=None).order_by("number"))
    undone: list[CorrectionUndone] = []
    for condition in conditions.conditions:
        of_it = [m for m in corrections if m.correction["condition"] == condition.code]
        for number, rule in _with_threshold(condition):
            undone += _threshold_undone(of_it, condition.code, number, rule)
        verified = [m for m in of_it if m.correction["is_verified"] is not None]
        if verified and condition.is_verified != verified[-1].correction["is_verified"]:
            words = (_YES_NO[condition.is_verified], _YES_NO[not condition.is_verified])
            undone.append(_undone("verified", condition.code, words, verified[-1]))
    return undone


def _threshold_undone(
    corrections: list[RuleVersion], code: str, number: int, rule: Rule
) -> Iterator[CorrectionUndone]:
    of_it = [
        made
        for made in corrections
        if made.correction["threshold"] and made.correction["rule"] == number
    ]
    now = findings.threshold_text(rule.threshold) if rule.threshold else ""
    if any(now == made.correction["threshold"][0] for made in of_it):
        new = of_it[-1].correction["threshold"][1]
        if now != new:  # else it was corrected back again
            yield _undone("threshold", code, (now, new), of_it[-1])


def _undone(header: str, code: str, words: tuple[str, str], last: RuleVersion) -> CorrectionUndone:
    old, new = words
    details = {"value": old, "condition": code, "old": old, "new": new, "reason": last.note}
    return CorrectionUndone(sheet="findings", header=header, **details)


def correct(
    form: Form, correction: Correction, *, reason: str, by: User | None = None
) -> list[RuleVersion]:
    """Correct one condition in every version of a form that has it; return the rules it made.

    Call it in a transaction. What is stored is scored again by whoever calls it. Several rules are
    made where versions of the form differ in other conditions.

    Raises ReasonMissing, ConditionUnknown, ThresholdUnreadable, NothingCorrected.
    """
    if not reason.strip():
        raise ReasonMissing
    # No key changes hands, so that submissions go on arriving meanwhile.
    form = Form.objects.select_for_update(no_key=True).get(pk=form.pk)
    in_use = RuleVersion.objects.filter(formversion__form=form).distinct().order_by("number")
    loaded = {made: findings.load(made.conditions) for made in in_use}
    known = {c.code for conditions in loaded.values() for c in conditions.conditions}
    if correction.condition not in known:
        raise ConditionUnknown(
            form_id=form.form_id, condition=correction.condition, known=", ".join(sorted(known))
        )
    made = []
    for old, conditions in loaded.items():
        new = _corrected(conditions, correction)
        if new != conditions:
            made.append(_correct(form, old, new, correction, reason.strip(), by))
    if not made:
        raise NothingCorrected(form_id=form.form_id, condition=correction.condition)
    return made


def _correct(
    form: Form,
    old: RuleVersion,
    conditions: Conditions,
    correction: Correction,
    reason: str,
    by: User | None,
) -> RuleVersion:
    before, after = findings.load(old.conditions), conditions
    made = _make(
        form,
        conditions,
        corrects=old,
        note=reason,
        made_by=by,
        correction={
            "condition": correction.condition,
            "rule": correction.rule or _only_rule(before, correction.condition),
            "threshold": _changed(before, after, correction),
            "is_verified": correction.is_verified,
        },
    )
    form.versions.filter(rule_version=old).update(rule_version=made)
    return made


def _make(form: Form, conditions: Conditions, **columns: object) -> RuleVersion:
    json_ = findings.dump(conditions)
    last = form.rule_versions.aggregate(last=Max("number"))["last"] or 0
    return RuleVersion.objects.create(
        form=form,
        number=last + 1,
        criteria_set=CriteriaSet.objects.filter(code=conditions.criteria_set).first(),
        conditions=json_,
        sha256=hashlib.sha256(json.dumps(json_, sort_keys=True).encode()).hexdigest(),
        **columns,
    )


# One condition -----------------------------------------------------------------------------------


def _corrected(conditions: Conditions, correction: Correction) -> Conditions:
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
        condition = replace(condition, rules=tuple(rules))
    if correction.is_verified is not None:
        condition = replace(condition, is_verified=correction.is_verified)
    return condition


def _with_threshold(condition: Condition) -> list[tuple[int, Rule]]:
    """Return the rules that have a threshold, with their number within the condition."""
    return [(n, rule) for n, rule in enumerate(condition.rules, 1) if rule.threshold is not None]


def _rule(condition: Condition, correction: Correction) -> tuple[int, Rule]:
    rules = _with_threshold(condition)
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
    rules = [r for c in conditions.conditions if c.code == code for r in _with_threshold(c)]
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
        for number, rule in _with_threshold(condition)
        if rule.threshold and number == (correction.rule or number)
    ]
    return texts if texts[0] != texts[1] else []
