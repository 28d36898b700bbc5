"""What the phone calculates: each condition as XPath, the twin of server.inspections.scoring.

Both engines must agree on every answer; tests/inspections proves it. So the shapes here follow
`scoring` function by function. Questions are named as `${name}`, as in any XLSForm, so that an
exported workbook still reads well. No Django.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from server.forms.findings import Condition, Conditions, Rule, Threshold

# From worst to best, as `scoring.overall` ranks them: what several rules amount to is the least.
_STATUSES = ("khong_dat", "chua_du_can_cu", "dat", "khong_ap_dung")
_FAILED, _OPEN, _MET, _OUTSIDE = (f"'{status}'" for status in _STATUSES)


@dataclass(frozen=True, slots=True)
class _Words:
    """How rules name what they look at."""

    period: str
    year: str
    computed: frozenset[str]  # paths of calculations: their answer may be no number at all


def calculations(conditions: Conditions, computed: frozenset[str]) -> dict[str, str]:
    """Return what to calculate, by path: one expression a condition, and one for the form.

    computed: paths of questions that are themselves calculated. An inspector's figure is a
    figure or blank; a calculation can also be NaN or infinite, which is not known either.
    """
    words = _Words(_name(conditions.period or ""), _name(conditions.year or ""), computed)
    filled = {c.calculate: _condition(c, words) for c in conditions.conditions}
    core = [_name(c.calculate) for c in conditions.conditions if c.is_core]
    if conditions.result and core:
        filled[conditions.result] = _result(core)
    return filled


def _result(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    every = f"concat({', '.join(names)})"
    # «dat» is part of «khong_dat», so the order of the questions matters, as in `overall`.
    return (
        f"if(contains({every}, {_FAILED}), {_FAILED}, if(contains({every}, {_OPEN}), {_OPEN}, "
        f"if(contains({every}, 'dat'), {_MET}, {_OUTSIDE})))"
    )


def _condition(condition: Condition, words: _Words) -> str:
    judged = [_JUDGES[rule.kind](rule, words) for rule in condition.rules]
    expression = judged[0] if len(judged) == 1 else _worst(judged)
    if condition.applies is None:
        return expression
    name, wanted = _name(condition.applies[0]), condition.applies[1]
    return f"if({name}='{wanted}', {expression}, if({name}='', {_OPEN}, {_OUTSIDE}))"


def _worst(judged: list[str]) -> str:
    """Return an expression for the worst of several outcomes, each of them written out once."""
    order = " ".join(_STATUSES)
    numbered = [_numbered(expression) for expression in judged]
    return f"selected-at('{order}', min({', '.join(numbered)}))"


def _numbered(expression: str) -> str:
    for number, status in enumerate(_STATUSES):
        expression = expression.replace(f"'{status}'", str(number))
    return expression


def _yes(rule: Rule, words: _Words) -> str:
    return _yes_no(rule, good="yes", bad="no")


def _no(rule: Rule, words: _Words) -> str:
    return _yes_no(rule, good="no", bad="yes")


def _yes_no(rule: Rule, *, good: str, bad: str) -> str:
    answer = _name(rule.value[0])
    return (
        f"if({answer}='na', {_OUTSIDE}, if({_unproven(rule)}, {_OPEN}, "
        f"if({answer}='{bad}', {_FAILED}, "
        f"if({answer}='{good}' and {_documented(rule)}, {_MET}, {_OPEN}))))"
    )


def _min(rule: Rule, words: _Words) -> str:
    return (
        f"if({_unproven(rule)} or {_any_unknown(rule.value, words)}, {_OPEN}, "
        f"if({_sum(rule)} < {_threshold(rule.threshold, words)}, {_FAILED}, {_if_met(rule)}))"
    )


def _zero(rule: Rule, words: _Words) -> str:
    some = " or ".join(_above_zero(path, words) for path in rule.value)
    return (
        f"if({_unproven(rule)}, {_OPEN}, if({some}, {_FAILED}, "
        f"if({_any_unknown(rule.value, words)}, {_OPEN}, {_if_met(rule)})))"
    )


def _ratio(rule: Rule, words: _Words) -> str:
    whole = _name(rule.of or "")
    return (
        f"if({_any_unknown((*rule.value, rule.of or ''), words)}, {_OPEN}, "
        f"if({whole} = 0, {_OUTSIDE}, if({_unproven(rule)}, {_OPEN}, "
        # Multiplied, not divided: 57 of 100 is 56.99999999999999 % to an engine.
        f"if({_sum(rule)} * 100 < {_threshold(rule.threshold, words)} * {whole}, {_FAILED}, "
        f"{_if_met(rule)}))))"
    )


def _shown(rule: Rule, words: _Words) -> str:
    looked_at = (*rule.value, rule.of) if rule.of else rule.value
    return f"if({_any_unknown(looked_at, words)}, {_OPEN}, {_OUTSIDE})"


def _deadline(rule: Rule, words: _Words) -> str:
    day = _name(rule.value[0])
    last = f"{words.year} * 10000 + {_figure(rule.threshold.default if rule.threshold else 0)}"
    late = f"number(format-date({day}, '%Y%m%d')) >= {last}"
    unknown = f"{day}='' or {words.year}=''"
    if rule.evidence is None:
        return f"if({unknown}, {_OPEN}, if({late}, {_FAILED}, {_MET}))"
    return f"if({unknown} or {_unproven(rule)}, {_OPEN}, if({late}, {_FAILED}, {_if_met(rule)}))"


_JUDGES: Mapping[str, Callable[[Rule, _Words], str]] = {
    "yes": _yes,
    "no": _no,
    "min": _min,
    "zero": _zero,
    "ratio": _ratio,
    "plan": _ratio,
    "deadline": _deadline,
    "shown": _shown,
}


def _name(path: str) -> str:
    return f"${{{path.rpartition('/')[2]}}}" if path else ""


def _sum(rule: Rule) -> str:
    total = " + ".join(_name(path) for path in rule.value)
    return f"({total})" if len(rule.value) > 1 else total


def _any_unknown(paths: tuple[str, ...], words: _Words) -> str:
    return " or ".join(_unknown(path, words) for path in paths)


def _unknown(path: str, words: _Words) -> str:
    name = _name(path)
    # NaN and infinity minus themselves are NaN, which equals nothing.
    return f"not({name} - {name} = 0)" if path in words.computed else f"{name}=''"


def _above_zero(path: str, words: _Words) -> str:
    name = _name(path)
    if path in words.computed:
        return f"({name} - {name} = 0 and {name} > 0)"
    return f"{name} > 0"


def _threshold(threshold: Threshold | None, words: _Words) -> str:
    if threshold is None:
        return "100"  # R-PLAN: all that was planned
    expression = _figure(threshold.default)
    for period, figure in reversed(list(threshold.by_period.items())):
        expression = f"if({words.period}='{period}', {_figure(figure)}, {expression})"
    return expression


def _figure(figure: float) -> str:
    return str(int(figure)) if figure == int(figure) else repr(figure)


def _unproven(rule: Rule) -> str:
    evidence = _name(rule.evidence or "")
    return f"{evidence}='' or {evidence}='none'"


def _documented(rule: Rule) -> str:
    evidence = _name(rule.evidence or "")
    return f"({evidence}='seen' or {evidence}='copied')"


def _if_met(rule: Rule) -> str:
    return f"if({_documented(rule)}, {_MET}, {_OPEN})"
