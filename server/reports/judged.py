"""Why each condition came out as it did: the rule in words, and the answers that it looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.forms import findings, rules_told
from server.forms.findings import Condition, Conditions
from server.inspections.models import Finding, Inspection
from server.inspections.scoring import ScoredCondition
from server.reports.told import Teller, figure, in_language


@dataclass(frozen=True, slots=True)
class Ground:
    """One answer that a rule looked at."""

    path: str
    label: str
    text: str  # "" where it is masked or was left blank
    is_masked: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One condition of one inspection."""

    code: str
    label: str
    status: str
    device_status: str  # what the phone showed, where that is something else; else ""
    is_core: bool
    is_verified: bool
    has_document: bool
    rules: tuple[str, ...]  # in words
    value: str  # the figure that was judged; "" for none
    is_value_masked: bool
    legal_basis: str
    grounds: tuple[Ground, ...]


def judged(inspection: Inspection, teller: Teller) -> tuple[Judged, ...]:
    """Return the conditions in the order of the form. One question.

    The inspection's rule version must be known.
    """
    rules = inspection.rule_version
    conditions = findings.load(rules.conditions) if rules else Conditions()
    found = Finding.objects.filter(inspection=inspection).order_by("position")
    return told(found, conditions, teller)


def told(
    outcomes: Iterable[Finding | ScoredCondition], conditions: Conditions, teller: Teller
) -> tuple[Judged, ...]:
    """Return outcomes in a reader's words, with the conditions that they came of."""
    by_code = {condition.code: condition for condition in conditions.conditions}
    period = teller.flat.get(conditions.period or "", "")
    return tuple(
        _judged(outcome, by_code.get(outcome.condition), period, teller) for outcome in outcomes
    )


def _judged(
    finding: Finding | ScoredCondition, condition: Condition | None, period: str, teller: Teller
) -> Judged:
    grounds = tuple(_grounds(finding, condition, teller))
    # A figure that was worked out of a masked answer tells it.
    is_masked = any(teller.is_masked(path) for path in finding.evidence)
    value = "" if finding.value is None else figure(f"{finding.value:.1f}", teller.language)
    differs = bool(finding.device_status) and finding.device_status != finding.status
    return Judged(
        code=finding.condition,
        label=_words(condition, teller) or finding.condition,
        status=finding.status,
        device_status=finding.device_status if differs else "",
        is_core=finding.is_core,
        is_verified=finding.is_verified,
        has_document=finding.has_document,
        rules=rules_told.told(condition, period, teller.language, teller.label)
        if condition
        else (),
        value="" if is_masked else value.removesuffix(",0").removesuffix(".0"),
        is_value_masked=is_masked and finding.value is not None,
        legal_basis=condition.legal_basis if condition else "",
        grounds=grounds,
    )


def _words(condition: Condition | None, teller: Teller) -> str:
    return in_language(condition.label, teller.language) if condition else ""


def _grounds(
    finding: Finding | ScoredCondition, condition: Condition | None, teller: Teller
) -> Iterator[Ground]:
    for path in _in_order(finding, condition):
        answer = finding.evidence[path]
        is_masked = bool(answer) and teller.is_masked(path)
        said = "" if is_masked else teller.text(path, answer)
        yield Ground(path, teller.label(path), said, is_masked)


def _in_order(finding: Finding | ScoredCondition, condition: Condition | None) -> list[str]:
    """Return the questions that were looked at, as the rules name them."""
    named = (
        path
        for rule in (condition.rules if condition else ())
        for path in (*rule.value, rule.of or "", rule.evidence or "")
    )
    return [path for path in dict.fromkeys((*named, *finding.evidence)) if path in finding.evidence]
