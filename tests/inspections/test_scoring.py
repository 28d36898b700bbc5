"""What the server makes of answers, rule by rule, and what must hold for any answers at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.forms.findings import Condition, Conditions, Rule, Threshold
from server.inspections import scoring
from server.inspections.scoring import CHUA_DU_CAN_CU, DAT, KHONG_AP_DUNG, KHONG_DAT, Scored

STATUSES = (DAT, KHONG_DAT, CHUA_DU_CAN_CU, KHONG_AP_DUNG)
ROUND = Threshold(50.0, {"h1": 25.0})
RULES = {
    "yes": Rule("yes", ("q",), evidence="ev"),
    "no": Rule("no", ("q",), evidence="ev"),
    "min": Rule("min", ("n", "m"), threshold=ROUND, evidence="ev"),
    "zero": Rule("zero", ("n", "m"), evidence="ev"),
    "ratio": Rule("ratio", ("n",), of="whole", threshold=ROUND, evidence="ev"),
    "plan": Rule("plan", ("n", "m"), of="whole", evidence="ev"),
    "deadline": Rule("deadline", ("sent",), threshold=Threshold(610.0), evidence="ev"),
    "shown": Rule("shown", ("n",), of="whole"),
}
# What an inspector may answer; "" is a blank. Figures are counts, never below 0.
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "unit": ("", "xa", "phuong"),
    "period": ("", "h1", "fy", "adhoc"),
    "year": ("", "2025", "2026"),
    "q": ("", "yes", "no", "unk", "na"),
    "n": ("", "0", "1", "25", "49", "50", "0.5"),
    "m": ("", "0", "1", "25"),
    "whole": ("", "0", "1", "50", "100"),
    "sent": ("", "2026-06-09", "2026-06-10", "2025-06-09"),
    "ev": ("", "none", "verbal", "copied", "seen"),
}
answered = st.fixed_dictionaries({path: st.sampled_from(of) for path, of in ANSWERS.items()})
several_rules = st.lists(st.sampled_from(sorted(RULES)), min_size=1, max_size=3)


def conditions(*kinds: str, applies: tuple[str, str] | None = None) -> Conditions:
    """Return one core condition with a rule of each kind."""
    rules = tuple(RULES[kind] for kind in kinds)
    condition = Condition("C", {"vi": "Điều kiện"}, rules, "f_c", applies, is_core=True)
    return Conditions("THU", (condition,), period="period", year="year", result="z_result")


def status(of: Conditions, flat: Mapping[str, str]) -> str:
    return scoring.score(of, flat).findings[0].status


# For any answers ----------------------------------------------------------------------------------


@given(several_rules, st.sampled_from(["", "h1", "fy"]), st.sampled_from(["", "seen", "verbal"]))
def test_nothing_known_is_neither_met_nor_failed(kinds: list[str], period: str, ev: str) -> None:
    flat = {"period": period, "ev": ev}

    assert status(conditions(*kinds), flat) == CHUA_DU_CAN_CU


@given(several_rules, answered, st.sampled_from(["", "none"]))
def test_without_any_evidence_nothing_is_met_or_failed(
    kinds: list[str], flat: dict[str, str], ev: str
) -> None:
    assert status(conditions(*kinds), flat | {"ev": ev}) in (CHUA_DU_CAN_CU, KHONG_AP_DUNG)


@given(several_rules, answered)
def test_only_a_document_makes_a_condition_met(kinds: list[str], flat: dict[str, str]) -> None:
    if status(conditions(*kinds), flat) == DAT:
        assert flat["ev"] in ("seen", "copied")


@given(several_rules, answered)
def test_better_evidence_never_turns_met_into_failed(
    kinds: list[str], flat: dict[str, str]
) -> None:
    levels = ("", "none", "verbal", "copied", "seen")
    by_level = [status(conditions(*kinds), flat | {"ev": level}) for level in levels]

    decided = [s for s in by_level if s != CHUA_DU_CAN_CU]
    assert len(set(decided)) <= 1
    assert by_level[:2] == [by_level[0]] * 2  # saying «none» is saying nothing
    assert by_level == sorted(by_level, key=lambda s: s != CHUA_DU_CAN_CU)


@given(several_rules, answered, st.sampled_from(sorted(ANSWERS)), st.data())
def test_a_failure_stays_one_whatever_else_is_answered(
    kinds: list[str], flat: dict[str, str], path: str, data: st.DataObject
) -> None:
    # The period moves the threshold itself, so it is no mere gap in what is known.
    if flat[path] or path == "period":
        return
    before = status(conditions(*kinds), flat)

    after = status(conditions(*kinds), flat | {path: data.draw(st.sampled_from(ANSWERS[path]))})

    if before in (DAT, KHONG_DAT):
        assert after == before


@given(several_rules, answered)
def test_the_order_of_rules_changes_no_status(kinds: list[str], flat: dict[str, str]) -> None:
    forth, back = conditions(*kinds), conditions(*reversed(kinds))

    assert status(forth, flat) == status(back, flat)


@given(several_rules, answered)
def test_only_the_wanted_kind_of_unit_is_judged(kinds: list[str], flat: dict[str, str]) -> None:
    judged = status(conditions(*kinds), flat)
    expected = {"xa": judged, "phuong": KHONG_AP_DUNG, "": CHUA_DU_CAN_CU}

    assert status(conditions(*kinds, applies=("unit", "xa")), flat) == expected[flat["unit"]]


@given(st.lists(st.sampled_from(STATUSES)))
def test_one_failure_fails_and_one_unknown_leaves_open(statuses: list[str]) -> None:
    whole = scoring.overall(statuses)

    assert (whole == KHONG_DAT) == (KHONG_DAT in statuses)
    assert (whole == DAT) == (DAT in statuses and not {KHONG_DAT, CHUA_DU_CAN_CU} & set(statuses))
    assert scoring.overall([*statuses, KHONG_AP_DUNG]) == whole


@given(several_rules, st.dictionaries(st.sampled_from(sorted(ANSWERS)), st.text()))
def test_whatever_stands_in_an_answer_is_scored(kinds: list[str], flat: dict[str, str]) -> None:
    score = scoring.score(conditions(*kinds, applies=("unit", "xa")), flat)

    assert score.result in STATUSES
    assert score.evidence_share in (None, 0.0, 1.0)


# By hand ------------------------------------------------------------------------------------------


def scored(kind: str, **flat: str) -> Scored:
    return scoring.score(conditions(kind), {"period": "fy", "year": "2026", "ev": "seen"} | flat)


def test_a_count_shows_its_sum() -> None:
    assert scored("min", n="49", m="1").findings[0].value == 50.0
    assert scored("min", n="49", m="1").result == DAT


def test_a_share_shows_percent() -> None:
    assert scored("ratio", n="1", whole="3").findings[0].value == pytest.approx(33.333, abs=0.001)


def test_a_share_of_nothing_does_not_apply_and_shows_no_figure() -> None:
    finding = scored("ratio", n="0", whole="0").findings[0]

    assert (finding.status, finding.value) == (KHONG_AP_DUNG, None)


def test_a_figure_that_is_shown_is_shown_without_evidence() -> None:
    finding = scored("shown", n="12.25", whole="24.5", ev="").findings[0]

    assert (finding.status, finding.value) == (KHONG_AP_DUNG, 50.0)


def test_fifty_seven_of_a_hundred_reach_fifty_seven_percent() -> None:
    """57 / 100 * 100 is 56.99999999999999: dividing first failed a unit that had it all."""
    rule = replace(RULES["ratio"], threshold=Threshold(57.0))
    condition = Condition("C", {}, (rule,), "f_c", is_core=True)

    score = scoring.score(Conditions("", (condition,)), {"n": "57", "whole": "100", "ev": "seen"})

    assert score.result == DAT


@pytest.mark.parametrize("text", ["", "1_000", "١٢", "nan", "inf", "1e999", "0x1F", "1,5", " 1"])
def test_what_no_phone_writes_as_a_number_is_not_known(text: str) -> None:
    assert scoring.number(text) is None


@pytest.mark.parametrize(
    ("text", "figure"), [("0", 0.0), ("-3", -3.0), ("0.25", 0.25), ("1.0E7", 1e7), ("5.", 5.0)]
)
def test_what_a_phone_writes_as_a_number_is_read(text: str, figure: float) -> None:
    assert scoring.number(text) == figure


def test_a_day_that_is_no_day_is_not_known() -> None:
    assert scored("deadline", sent="2026-02-30").result == CHUA_DU_CAN_CU
    assert scored("deadline", sent="2026061001").result == CHUA_DU_CAN_CU


def test_a_form_without_core_conditions_has_no_result() -> None:
    only = replace(conditions("yes").conditions[0], is_core=False)

    score = scoring.score(Conditions("", (only,)), {"q": "no", "ev": "seen"})

    assert (score.result, score.findings[0].status) == ("", KHONG_DAT)


def test_the_answers_that_a_finding_rests_on_are_kept_with_it() -> None:
    finding = scored("ratio", n="1", whole="3").findings[0]

    assert finding.evidence == {"n": "1", "whole": "3", "ev": "seen"}


def test_the_evidence_share_leaves_out_what_does_not_apply() -> None:
    seen, told, outside = (
        Condition(code, {}, (replace(RULES["yes"], evidence=ev),), f"f_{code}", applies)
        for code, ev, applies in (
            ("SEEN", "ev", None),
            ("TOLD", "ev2", None),
            ("OUTSIDE", "ev", ("unit", "xa")),
        )
    )
    flat = {"q": "yes", "ev": "seen", "ev2": "verbal", "unit": "phuong"}

    assert scoring.score(Conditions("", (seen, told, outside)), flat).evidence_share == 0.5
    assert scoring.score(Conditions("", (outside,)), flat).evidence_share is None
