"""The phone and the server come to the same, and to what was worked out by hand (decision 7).

The pages are in corpus/; corpus/README.md tells how to read them. Random answers go where nobody
thought of going; mutants of each rule show that the pages would notice a change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.forms.findings import Condition, Conditions, Rule, Threshold
from server.inspections.scoring import CHUA_DU_CAN_CU, DAT, KHONG_AP_DUNG, KHONG_DAT, scorer
from tests.workbooks import books, scores, tables
from tests.workbooks.books import INSPECTIONS
from tests.workbooks.scores import Judged

pytestmark = pytest.mark.needs_java

# Both workers collect; compiling the forms for it would take each of them five seconds.
EVERY_CASE = [
    pytest.param(name, number, id=f"{name}-{number}-{title}")
    for name in INSPECTIONS
    for number, title in enumerate(tables.titles(name))
]
ALL = Threshold(100.0)  # what `plan` asks for, written as a ratio
# The share of visited villages lies between 99 and 100 % only where more than 99 were visited,
# and no commune has as many.
SAME_IN_ANY_COMMUNE = {"kt_da8 B12 threshold 99"}

# A thousand women, or all of eight and five boxes ticked, come rarely by chance: corpus/kt_ldn.md.
RARE = {("D7", DAT), ("D7", CHUA_DU_CAN_CU), ("D13", DAT)}


@pytest.mark.parametrize(("name", "number"), EVERY_CASE)
def test_a_case_comes_to_what_was_worked_out_by_hand(name: str, number: int) -> None:
    case, judged = tables.cases(name)[number], scores.of_the_corpus()[name][number]

    assert judged.on_the_server == case.outcomes
    assert judged.on_the_phone == case.outcomes
    assert {path: judged.flat.get(path, "") for path in case.calculated} == case.calculated


@pytest.mark.parametrize("name", INSPECTIONS)
def test_a_page_has_rows_for_every_condition_and_outcome(name: str) -> None:
    """A shown condition is never met and never fails; some conditions always apply."""
    seen = {pair for case in tables.cases(name) for pair in case.outcomes.items()}
    missing = {
        (condition.code, status)
        for condition in books.form(name).conditions.conditions
        for status in (DAT, KHONG_DAT, CHUA_DU_CAN_CU)
        if condition.rules[0].kind != "shown" or status == CHUA_DU_CAN_CU
    }

    assert missing - seen == set()
    assert 20 <= len(tables.cases(name)) <= 90


@pytest.mark.parametrize("name", INSPECTIONS)
def test_the_phone_and_the_server_agree_on_every_condition_and_form(name: str) -> None:
    judged = scores.of_random_answers()[name]

    assert len(judged) == scores.RANDOM
    assert [
        (number, code, one.on_the_phone[code], status)
        for number, one in enumerate(judged)
        for code, status in one.on_the_server.items()
        if one.on_the_phone[code] != status
    ] == []


@pytest.mark.parametrize("name", INSPECTIONS)
def test_random_answers_reach_both_sides_of_every_rule(name: str) -> None:
    """Else their agreement would say little."""
    seen = Counter(pair for one in scores.of_random_answers()[name] for pair in _outcomes(one))
    judging = {
        condition.code
        for condition in books.form(name).conditions.conditions
        if condition.rules[0].kind != "shown"
    }

    wanted = {(code, status) for code in judging for status in (DAT, KHONG_DAT, CHUA_DU_CAN_CU)}
    assert wanted - RARE - set(seen) == set()
    assert {status for _, status in seen} == {DAT, KHONG_DAT, CHUA_DU_CAN_CU, KHONG_AP_DUNG}


def _outcomes(one: scores.Judged) -> list[tuple[str, str]]:
    return [pair for pair in one.on_the_server.items() if pair[0] != tables.FORM]


@pytest.mark.parametrize("name", INSPECTIONS)
def test_whatever_rule_is_changed_a_little_some_row_notices(name: str) -> None:
    """Threshold one up, one down, a hair's breadth (< for <=); comparison flipped, and so on."""
    conditions, judged = books.form(name).conditions, scores.of_the_corpus()[name]

    unnoticed = [
        f"{name} {what}" for what, mutant in mutants(conditions) if not _is_noticed(mutant, judged)
    ]

    assert set(unnoticed) - SAME_IN_ANY_COMMUNE == set()


def _is_noticed(mutant: Conditions, judged: list[Judged]) -> bool:
    score = scorer(mutant)
    for one in judged:
        scored = score(one.flat)
        statuses = {finding.condition: finding.status for finding in scored.findings}
        if {**statuses, tables.FORM: scored.result} != one.on_the_server:
            return True
    return False


def mutants(conditions: Conditions) -> Iterator[tuple[str, Conditions]]:
    """Yield the conditions with one thing changed, and what that is."""
    for place, condition in enumerate(conditions.conditions):
        for what, changed in _changed_conditions(condition, conditions):
            every = [*conditions.conditions]
            every[place] = changed
            yield f"{condition.code} {what}", replace(conditions, conditions=tuple(every))


def _changed_conditions(
    condition: Condition, conditions: Conditions
) -> Iterator[tuple[str, Condition]]:
    yield "core", replace(condition, is_core=not condition.is_core)
    if condition.applies:
        yield "applies everywhere", replace(condition, applies=None)
    documents = [r.evidence for c in conditions.conditions for r in c.rules if r.evidence]
    for place, rule in enumerate(condition.rules):
        if len(condition.rules) > 1:
            left = condition.rules[:place] + condition.rules[place + 1 :]
            yield f"without rule {place}", replace(condition, rules=left)
        for what, changed in _changed_rules(rule, documents):
            rules = [*condition.rules]
            rules[place] = changed
            yield what, replace(condition, rules=tuple(rules))


def _changed_rules(rule: Rule, documents: list[str]) -> Iterator[tuple[str, Rule]]:
    if rule.kind in ("yes", "no"):
        yield "flipped", replace(rule, kind="no" if rule.kind == "yes" else "yes")
    if rule.kind == "plan":
        rule = replace(rule, kind="ratio", threshold=ALL)
    if rule.threshold:
        yield from _other_thresholds(rule, rule.threshold)
    if rule.kind == "zero":
        for least in (0.0, 1.0):  # any figure will do; some are wanted
            yield f"at least {least:g}", replace(rule, kind="min", threshold=Threshold(least))
    if len(rule.value) > 1:
        for left in rule.value:
            yield f"only {left}", replace(rule, value=(left,))
    for other in sorted({other for other in documents if other != rule.evidence}):
        if rule.evidence:
            yield f"evidence {other}", replace(rule, evidence=other)


def _other_thresholds(rule: Rule, threshold: Threshold) -> Iterator[tuple[str, Rule]]:
    # Of days the next one is the least step.
    for step in (-1.0, 1.0) if rule.kind == "deadline" else (-1.0, 1.0, 1e-9):
        other = threshold.default + step
        yield (
            f"threshold {other:g}",
            replace(rule, threshold=Threshold(other, threshold.by_period)),
        )
        for period, figure in threshold.by_period.items():
            by_period = {**threshold.by_period, period: figure + step}
            yield (
                f"{period} {figure + step:g}",
                replace(rule, threshold=Threshold(threshold.default, by_period)),
            )
    if threshold.by_period:
        yield "no periods", replace(rule, threshold=Threshold(threshold.default))
