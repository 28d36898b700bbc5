"""Random valid answers of four forms: the phone and the server come to the same (decision 7)."""

from __future__ import annotations

from collections import Counter

import pytest

from server.inspections.scoring import CHUA_DU_CAN_CU, DAT, KHONG_AP_DUNG, KHONG_DAT
from tests.workbooks import books, scores, tables
from tests.workbooks.books import INSPECTIONS

# A thousand women, or all of eight and five boxes ticked, come rarely by chance: corpus/kt_ldn.md.
RARE = {("D7", DAT), ("D7", CHUA_DU_CAN_CU), ("D13", DAT)}

pytestmark = [pytest.mark.needs_java, pytest.mark.parametrize("name", INSPECTIONS)]


def test_the_phone_and_the_server_agree_on_every_condition_and_form(name: str) -> None:
    judged = scores.of_random_answers()[name]

    assert len(judged) == scores.RANDOM
    assert [
        (number, code, one.on_the_phone[code], status)
        for number, one in enumerate(judged)
        for code, status in one.on_the_server.items()
        if one.on_the_phone[code] != status
    ] == []


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
