"""Every kind of rule, also those that kt_18_5 does not use, on the phone and on the server.

A small form holds each rule of domain.md §6.0 once, with thresholds that are no whole numbers.
"""

from __future__ import annotations

import pytest

from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from server.inspections import scoring
from server.inspections.scoring import CHUA_DU_CAN_CU, DAT, KHONG_AP_DUNG, KHONG_DAT, Scored
from server.submissions import instance
from tests.builders import workbook
from tests.javarosa.filler import FilledInstance, Manner, fill, fill_rows

pytestmark = pytest.mark.needs_java

FORM = """
| survey   | type              | name     | label | calculation       |
|          | date              | h_date   | Ngày  |                   |
|          | integer           | h_year   | Năm   |                   |
|          | select_one period | h_period | Kỳ    |                   |
|          | select_one unit   | h_unit   | Loại  |                   |
|          | select_one ynun   | q        | Q     |                   |
|          | select_one ynun   | q2       | Q     |                   |
|          | select_one ev4    | ev       | E     |                   |
|          | select_one ev4    | ev2      | E     |                   |
|          | decimal           | n        | N     |                   |
|          | decimal           | n2       | N     |                   |
|          | decimal           | whole    | N     |                   |
|          | date              | sent     | Ngày  |                   |
|          | calculate         | half     |       | ${n} div ${whole} |
|          | calculate         | f_yes    |       |                   |
|          | calculate         | f_no     |       |                   |
|          | calculate         | f_both   |       |                   |
|          | calculate         | f_min    |       |                   |
|          | calculate         | f_sum    |       |                   |
|          | calculate         | f_zero   |       |                   |
|          | calculate         | f_none   |       |                   |
|          | calculate         | f_ratio  |       |                   |
|          | calculate         | f_half   |       |                   |
|          | calculate         | f_plan   |       |                   |
|          | calculate         | f_due    |       |                   |
|          | calculate         | f_proven |       |                   |
|          | calculate         | f_shown  |       |                   |
|          | calculate         | f_figure |       |                   |
|          | calculate         | z_result |       |                   |
| choices  | list_name | name     | label |
|          | period    | h1       | 6     |
|          | period    | fy       | 12    |
|          | period    | adhoc    | ?     |
|          | unit      | xa       | Xã    |
|          | unit      | phuong   | P     |
|          | ynun      | yes      | Có    |
|          | ynun      | no       | Không |
|          | ynun      | unk      | ?     |
|          | ynun      | na       | –     |
|          | ev4       | seen     | a     |
|          | ev4       | copied   | b     |
|          | ev4       | verbal   | c     |
|          | ev4       | none     | d     |
| settings | form_title | form_id | version |
|          | Thử        | thu     | 1       |
| findings | code   | label | rule     | value | of    | threshold          | evidence | applies   | core | legal_basis | verified |
|          | YES    | Có    | yes      | q     |       |                    | ev       |           | yes  |             | no       |
|          | NO     | Không | no       | q     |       |                    | ev       |           | yes  |             | no       |
|          | BOTH   | Cả    | yes      | q     |       |                    | ev       | h_unit=xa | yes  |             | no       |
|          | BOTH   | Cả    | min      | n     |       | 1                  | ev2      | h_unit=xa | yes  |             | no       |
|          | BOTH   | Cả    | no       | q2    |       |                    | ev       | h_unit=xa | yes  |             | no       |
|          | MIN    | Tối   | min      | n     |       | 2.5; h1=1.25; fy=5 | ev       |           | no   |             | no       |
|          | SUM    | Tổng  | min      | n n2  |       | 10                 | ev       |           | no   |             | no       |
|          | ZERO   | Không | zero     | n n2  |       |                    | ev       |           | yes  |             | no       |
|          | NONE   | Không | zero     | half  |       |                    | ev       |           | no   |             | no       |
|          | RATIO  | Tỷ lệ | ratio    | n     | whole | 33.3; h1=57        | ev       |           | no   |             | no       |
|          | HALF   | Tỷ lệ | ratio    | n n2  | whole | 50                 | ev2      |           | no   |             | no       |
|          | PLAN   | KH    | plan     | n n2  | whole |                    | ev       |           | no   |             | no       |
|          | DUE    | Hạn   | deadline | sent  |       | 610                |          |           | yes  |             | no       |
|          | PROVEN | Hạn   | deadline | sent  |       | 1110               | ev       |           | no   |             | no       |
|          | SHOWN  | Số    | shown    | n     | whole |                    |          |           | no   |             | no       |
|          | FIGURE | Số    | shown    | n     |       |                    |          |           | no   |             | no       |
"""  # noqa: E501  a table is read across
BASE = {
    "h_year": "2026",
    "h_period": "adhoc",
    "h_unit": "xa",
    "q": "yes",
    "q2": "no",
    "ev": "seen",
    "ev2": "copied",
    "n": "0",
    "n2": "0",
    "whole": "0",
    "sent": "2026-06-09",
}
CASES: list[tuple[dict[str, str], str, str]] = [
    ({"n": "2.5"}, "MIN", DAT),
    ({"n": "2.49"}, "MIN", KHONG_DAT),
    ({"n": "1.25", "h_period": "h1"}, "MIN", DAT),
    ({"n": "1.24", "h_period": "h1"}, "MIN", KHONG_DAT),
    ({"n": "4.99", "h_period": "fy"}, "MIN", KHONG_DAT),
    ({"n": "5", "h_period": "fy"}, "MIN", DAT),
    ({"n": "2.5", "h_period": ""}, "MIN", DAT),
    ({"n": "4", "n2": "6"}, "SUM", DAT),
    ({"n": "4", "n2": "5.75"}, "SUM", KHONG_DAT),
    ({"n": "40", "n2": ""}, "SUM", CHUA_DU_CAN_CU),
    ({"n": "0.25", "n2": ""}, "ZERO", KHONG_DAT),
    ({"n": "0", "n2": "0"}, "ZERO", DAT),
    ({"n": "57", "whole": "100", "h_period": "h1"}, "RATIO", DAT),
    ({"n": "56", "whole": "100", "h_period": "h1"}, "RATIO", KHONG_DAT),
    ({"n": "1", "whole": "3"}, "RATIO", DAT),  # 33.33 %
    ({"n": "33.25", "whole": "100"}, "RATIO", KHONG_DAT),
    ({"n": "2", "n2": "3", "whole": "10"}, "HALF", DAT),
    ({"n": "2", "n2": "2.75", "whole": "10"}, "HALF", KHONG_DAT),
    ({"n": "6", "n2": "6", "whole": "12"}, "PLAN", DAT),
    ({"n": "6", "n2": "5", "whole": "12"}, "PLAN", KHONG_DAT),
    ({"n": "6", "n2": "5", "whole": "0"}, "PLAN", KHONG_AP_DUNG),
    ({"n": "6", "n2": "5", "whole": ""}, "PLAN", CHUA_DU_CAN_CU),
    # «Trước ngày 10/6»: the day before is in time, the day itself is late.
    ({"sent": "2026-06-09"}, "DUE", DAT),
    ({"sent": "2026-06-10"}, "DUE", KHONG_DAT),
    ({"sent": "2025-12-31"}, "DUE", DAT),
    ({"sent": "2027-01-01"}, "DUE", KHONG_DAT),
    ({"sent": ""}, "DUE", CHUA_DU_CAN_CU),
    ({"h_year": ""}, "DUE", CHUA_DU_CAN_CU),
    ({"sent": "2026-11-09"}, "PROVEN", DAT),
    ({"sent": "2026-11-10"}, "PROVEN", KHONG_DAT),
    ({"sent": "2026-11-09", "ev": "verbal"}, "PROVEN", CHUA_DU_CAN_CU),
    ({"sent": "2026-11-10", "ev": "none"}, "PROVEN", CHUA_DU_CAN_CU),
    # A calculation that comes to no number is not known: 0 div 0, 1 div 0.
    ({"n": "0", "whole": "0"}, "NONE", CHUA_DU_CAN_CU),
    ({"n": "1", "whole": "0"}, "NONE", CHUA_DU_CAN_CU),
    ({"n": "0", "whole": "4"}, "NONE", DAT),
    ({"n": "1", "whole": "4"}, "NONE", KHONG_DAT),
    # Several rules of one condition: what does not apply is passed over, one failure fails.
    ({"n": "1"}, "BOTH", DAT),
    ({"n": "1", "q": "na"}, "BOTH", DAT),
    ({"n": "0", "q": "na"}, "BOTH", KHONG_DAT),
    ({"n": "", "q": "na", "q2": "na"}, "BOTH", CHUA_DU_CAN_CU),
    ({"n": "0", "q": "unk"}, "BOTH", KHONG_DAT),
    ({"n": "0", "h_unit": "phuong"}, "BOTH", KHONG_AP_DUNG),
    ({"n": "1", "h_unit": ""}, "BOTH", CHUA_DU_CAN_CU),
    ({"n": "1", "whole": "0"}, "SHOWN", KHONG_AP_DUNG),
    ({"n": "1", "whole": ""}, "SHOWN", CHUA_DU_CAN_CU),
    ({"n": "3"}, "FIGURE", KHONG_AP_DUNG),
    ({"n": ""}, "FIGURE", CHUA_DU_CAN_CU),
]


@pytest.fixture(scope="module")
def form() -> CompiledForm:
    return compile_workbook(workbook(FORM))


@pytest.fixture(scope="module")
def directed_scores(form: CompiledForm) -> list[Scored]:
    rows = [BASE | changes for changes, _, _ in CASES]
    return [scored(form, filled) for filled in fill_rows(form.xform, {}, rows)]


def scored(form: CompiledForm, filled: FilledInstance) -> Scored:
    root = instance.parse(filled.xml).root
    return scoring.score(form.conditions, instance.answers(root, frozenset()).flat)


def differing(scores: list[Scored]) -> list[tuple[str, str, str, dict[str, str]]]:
    return [
        (f.condition, f.device_status, f.status, f.evidence)
        for score in scores
        for f in score.findings
        if f.device_status != f.status
    ]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{c[1]}-{c[2]}" for c in CASES])
def test_a_rule_comes_to_what_was_worked_out_by_hand(
    directed_scores: list[Scored], number: int
) -> None:
    changes, code, wanted = CASES[number]
    found = {f.condition: (f.device_status, f.status) for f in directed_scores[number].findings}

    assert found[code] == (wanted, wanted), changes


def test_the_phone_and_the_server_agree_on_directed_answers(directed_scores: list[Scored]) -> None:
    assert differing(directed_scores) == []
    assert [s.device_result for s in directed_scores] == [s.result for s in directed_scores]


def test_the_phone_and_the_server_agree_on_random_answers(form: CompiledForm) -> None:
    manner = Manner(blank=0.15)

    scores = [scored(form, f) for f in fill(form.xform, {}, count=250, seed=6, manner=manner)]

    assert differing(scores) == []
    assert [s.device_result for s in scores] == [s.result for s in scores]
    seen = {(f.condition, f.status) for s in scores for f in s.findings}
    judged = {"YES", "NO", "BOTH", "MIN", "SUM", "RATIO", "HALF", "PLAN", "DUE", "PROVEN"}
    assert {(code, status) for code in judged for status in (DAT, KHONG_DAT)} - seen == set()
