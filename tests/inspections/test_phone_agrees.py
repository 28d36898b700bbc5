"""The phone's engine and the server score the same answers the same way (house.md, decision 7).

JavaRosa fills kt_18_5 as Collect would; what it calculated stands in the instance. The server
scores the same instance from its raw answers alone.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from server.forms.compile import compile_workbook
from server.forms.compiled import CompiledForm
from server.inspections import scoring
from server.inspections.scoring import CHUA_DU_CAN_CU, DAT, KHONG_AP_DUNG, KHONG_DAT, Scored
from server.submissions import instance
from tests.javarosa.filler import FilledInstance, fill, fill_rows

pytestmark = pytest.mark.needs_java

WORKBOOK = Path(__file__).parents[2] / "forms/kt_18_5/kt_18_5.xlsx"
REPEATS = frozenset({"z_rec", "z_photo"})
XA, PHUONG, THI_TRAN = "05830@2025-07-01", "05443@2025-07-01", "05569@2024-12-01"
AREAS = [
    "ba_be",
    "bach_thong",
    "bac_kan",
    "cho_don",
    "cho_moi",
    "dai_tu",
    "dinh_hoa",
    "dong_hy",
    "na_ri",
    "ngan_son",
    "pac_nam",
    "pho_yen",
    "phu_binh",
    "phu_luong",
    "song_cong",
    "thai_nguyen",
    "vo_nhai",
]
COMMUNES = [
    "name,label,type,area,valid_from,valid_to",
    f"{XA},Xã Đại Từ,xa,dai_tu,20250701,",
    f"{PHUONG},Phường Phan Đình Phùng,phuong,thai_nguyen,20250701,",
    "05443@2023-01-01,Phường Trưng Vương,phuong,thai_nguyen,20230101,20250701",
    f"{THI_TRAN},Thị trấn Chợ Chu,thi_tran,dinh_hoa,20230101,20250701",
    *(f"{area}@2023-01-01,Xã {area},xa,{area},20230101," for area in AREAS),
]
MEDIA = {
    "communes.csv": ("\n".join(COMMUNES) + "\n").encode(),
    "inspectors.csv": "name,label,username\ncan_bo,Cán bộ,can_bo\n".encode(),
}

# An inspection of a xã in which every condition is met on seen documents.
MET = {
    "h/h_date": "2026-11-20",
    "h/h_period": "fy",
    "h/h_year": "2026",
    "h/h_area": "dai_tu",
    "h/h_commune": XA,
    "a1/a1_plan": "yes",
    "a1/a1_ev": "seen",
    "a2/a2_months": "12",
    "a2/a2_ev": "copied",
    "a3/a3_key_t": "5",
    "a3/a3_key_f": "1",
    "a3/a3_ev": "seen",
    "a4/a4_need": "40",
    "a4/a4_got": "40",
    "a4/a4_ev": "seen",
    "a5/a5_child": "0",
    "a5/a5_forced": "0",
    "a5/a5_ev": "seen",
    "a6/a6_n": "1",
    "a6/a6_active": "yes",
    "a6/a6_ev": "seen",
    "a7/a7_focal": "yes",
    "a7/a7_recv": "3",
    "a7/a7_done": "3",
    "a7/a7_ev": "seen",
    "a8/a8_person": "yes",
    "a8/a8_ev": "seen",
    "a9/a9_files": "7",
    "a9/a9_plan5": "7",
    "a9/a9_em": "2",
    "a9/a9_em12": "2",
    "a9/a9_ev": "copied",
    "a10/a10_n": "9",
    "a10/a10_ok": "9",
    "a10/a10_ev": "seen",
    "a11/a11_n": "11",
    "a11/a11_ok": "11",
    "a11/a11_ev": "seen",
    "a12/a12_disagg": "yes",
    "a12/a12_rep": "yes",
    "a12/a12_ev": "seen",
    "a13/a13_plan": "20.5",
    "a13/a13_used": "12.25",
    "a14/a14_bad": "no",
    "a14/a14_ev": "seen",
}
BLANK = dict.fromkeys(MET, "") | {"h/h_area": "dai_tu", "h/h_commune": XA}
FORM = "form"  # the result of the form, asked for like a condition

# What is answered otherwise, which condition it touches, and what comes of it, worked out by hand
# from domain.md §6.0 and §6.3.
CASES: list[tuple[dict[str, str], str, str]] = [
    ({}, "A1", DAT),
    ({}, "A13", KHONG_AP_DUNG),  # shown, never judged
    ({}, FORM, DAT),
    # Yes or no, and the reverse.
    ({"a1/a1_plan": "no"}, "A1", KHONG_DAT),
    ({"a1/a1_plan": "unk"}, "A1", CHUA_DU_CAN_CU),
    ({"a1/a1_plan": ""}, "A1", CHUA_DU_CAN_CU),
    ({"a1/a1_ev": "verbal"}, "A1", CHUA_DU_CAN_CU),
    ({"a1/a1_plan": "no", "a1/a1_ev": "verbal"}, "A1", KHONG_DAT),
    ({"a1/a1_plan": "no", "a1/a1_ev": "none"}, "A1", CHUA_DU_CAN_CU),
    ({"a1/a1_plan": "no", "a1/a1_ev": ""}, "A1", CHUA_DU_CAN_CU),
    ({"a1/a1_plan": "no"}, FORM, DAT),  # advisory conditions do not count
    ({"a12/a12_rep": "na", "a12/a12_ev": ""}, "A12b", KHONG_AP_DUNG),
    ({"a12/a12_rep": "no"}, "A12b", KHONG_DAT),
    ({"a14/a14_bad": "yes"}, "A14", KHONG_DAT),
    ({"a14/a14_bad": "unk"}, "A14", CHUA_DU_CAN_CU),
    ({"a14/a14_bad": "no", "a14/a14_ev": "verbal"}, "A14", CHUA_DU_CAN_CU),
    # At least: 12 months, 6 in the half-year.
    ({"a2/a2_months": "11"}, "A2", KHONG_DAT),
    ({"a2/a2_months": "6", "h/h_period": "h1"}, "A2", DAT),
    ({"a2/a2_months": "5", "h/h_period": "h1"}, "A2", KHONG_DAT),
    ({"a2/a2_months": "6", "h/h_period": ""}, "A2", KHONG_DAT),
    ({"a2/a2_months": "11", "h/h_period": "followup"}, "A2", KHONG_DAT),
    ({"a2/a2_months": ""}, "A2", CHUA_DU_CAN_CU),
    ({"a3/a3_key_f": "0"}, "A3", KHONG_DAT),
    ({"a3/a3_key_f": "0"}, FORM, KHONG_DAT),
    ({"a3/a3_key_f": "0", "a3/a3_ev": "none"}, "A3", CHUA_DU_CAN_CU),
    ({"a3/a3_key_f": "0", "a3/a3_ev": "none"}, FORM, CHUA_DU_CAN_CU),
    ({"a3/a3_ev": "verbal"}, "A3", CHUA_DU_CAN_CU),
    # A share of a whole.
    ({"a4/a4_got": "39"}, "A4", KHONG_DAT),
    ({"a4/a4_got": "41"}, "A4", DAT),
    ({"a4/a4_got": "0", "a4/a4_need": "0", "a4/a4_ev": ""}, "A4", KHONG_AP_DUNG),
    ({"a4/a4_got": "3", "a4/a4_need": "0"}, "A4", KHONG_AP_DUNG),
    ({"a4/a4_got": "", "a4/a4_need": "0"}, "A4", CHUA_DU_CAN_CU),
    ({"a4/a4_need": ""}, "A4", CHUA_DU_CAN_CU),
    ({"a4/a4_got": "39", "a4/a4_ev": "none"}, "A4", CHUA_DU_CAN_CU),
    ({"a4/a4_got": "39", "a4/a4_ev": "verbal"}, "A4", KHONG_DAT),
    ({"a7/a7_done": "2"}, "A7b", KHONG_DAT),
    ({"a7/a7_recv": ""}, "A7b", CHUA_DU_CAN_CU),
    ({"a7/a7_recv": "0", "a7/a7_done": "0"}, "A7b", KHONG_AP_DUNG),
    ({"a9/a9_plan5": "6"}, "A9", KHONG_DAT),
    ({"a9/a9_em": "0", "a9/a9_em12": "0"}, "A9b", KHONG_AP_DUNG),
    ({"a9/a9_em": "", "a9/a9_em12": ""}, "A9b", CHUA_DU_CAN_CU),
    ({"a10/a10_n": "0", "a10/a10_ok": "0"}, "A10", KHONG_AP_DUNG),
    ({"a10/a10_n": "0", "a10/a10_ok": "0"}, FORM, DAT),
    ({"a11/a11_ok": "10"}, "A11", KHONG_DAT),
    # None at all; of two figures one known case is enough.
    ({"a5/a5_child": "1"}, "A5", KHONG_DAT),
    ({"a5/a5_forced": "1"}, "A5", KHONG_DAT),
    ({"a5/a5_child": "", "a5/a5_forced": "1"}, "A5", KHONG_DAT),
    ({"a5/a5_child": ""}, "A5", CHUA_DU_CAN_CU),
    ({"a5/a5_ev": "verbal"}, "A5", CHUA_DU_CAN_CU),
    ({"a5/a5_child": "2", "a5/a5_ev": "verbal"}, "A5", KHONG_DAT),
    ({"a5/a5_child": "2", "a5/a5_ev": "none"}, "A5", CHUA_DU_CAN_CU),
    # Two rules that must both hold.
    ({"a6/a6_active": "no"}, "A6", KHONG_DAT),
    ({"a6/a6_active": "unk"}, "A6", CHUA_DU_CAN_CU),
    ({"a6/a6_n": "0"}, "A6", KHONG_DAT),  # and then nobody is asked whether it is active
    ({"a6/a6_n": ""}, "A6", CHUA_DU_CAN_CU),
    ({"a6/a6_ev": "none", "a6/a6_n": "0"}, "A6", CHUA_DU_CAN_CU),
    # Only a xã is judged.
    ({"h/h_commune": PHUONG, "h/h_area": "thai_nguyen"}, "A3", KHONG_AP_DUNG),
    ({"h/h_commune": PHUONG, "h/h_area": "thai_nguyen"}, FORM, KHONG_AP_DUNG),
    ({"h/h_commune": THI_TRAN, "h/h_area": "dinh_hoa"}, FORM, KHONG_AP_DUNG),
    ({"h/h_commune": ""}, "A3", CHUA_DU_CAN_CU),
    ({"h/h_commune": ""}, FORM, CHUA_DU_CAN_CU),
    # Nothing known is never met and never failed.
    (BLANK, "A1", CHUA_DU_CAN_CU),
    (BLANK, "A5", CHUA_DU_CAN_CU),
    (BLANK, "A13", CHUA_DU_CAN_CU),
    (BLANK, FORM, CHUA_DU_CAN_CU),
]


@pytest.fixture(scope="module")
def form() -> CompiledForm:
    return compile_workbook(WORKBOOK.read_bytes())


@pytest.fixture(scope="module")
def random_scores(form: CompiledForm) -> list[Scored]:
    """Score 200 inspections that were filled with random valid answers."""
    return [scored(form, filled) for filled in fill(form.xform, MEDIA, count=200, seed=185)]


@pytest.fixture(scope="module")
def directed_scores(form: CompiledForm) -> list[Scored]:
    rows = [MET | changes for changes, _, _ in CASES]
    return [scored(form, filled) for filled in fill_rows(form.xform, MEDIA, rows)]


def scored(form: CompiledForm, filled: FilledInstance) -> Scored:
    root = instance.parse(filled.xml).root
    return scoring.score(form.conditions, instance.answers(root, REPEATS).flat)


def test_the_phone_and_the_server_agree_on_every_condition(random_scores: list[Scored]) -> None:
    differing = [
        (number, finding.condition, finding.device_status, finding.status, finding.evidence)
        for number, score in enumerate(random_scores)
        for finding in score.findings
        if finding.device_status != finding.status
    ]

    assert len(random_scores) == 200
    assert differing == []


def test_the_phone_and_the_server_agree_on_every_form(random_scores: list[Scored]) -> None:
    assert [s.device_result for s in random_scores] == [s.result for s in random_scores]


def test_random_answers_reach_every_outcome_of_every_rule(random_scores: list[Scored]) -> None:
    seen = Counter((f.condition, f.status) for s in random_scores for f in s.findings)
    shown = {("A13", DAT), ("A13", KHONG_DAT)}
    outcomes = {
        (finding.condition, status)
        for finding in random_scores[0].findings
        for status in (DAT, KHONG_DAT, CHUA_DU_CAN_CU, KHONG_AP_DUNG)
    } - shown

    assert outcomes - set(seen) == set()


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{c[1]}-{c[2]}" for c in CASES])
def test_both_come_to_what_was_worked_out_by_hand(
    directed_scores: list[Scored], number: int
) -> None:
    score, (changes, code, wanted) = directed_scores[number], CASES[number]
    outcomes = {f.condition: (f.device_status, f.status) for f in score.findings}
    outcomes[FORM] = (score.device_result, score.result)

    assert outcomes[code] == (wanted, wanted), changes


def test_the_phone_and_the_server_agree_on_every_condition_of_directed_answers(
    directed_scores: list[Scored],
) -> None:
    differing = [
        (number, f.condition, f.device_status, f.status)
        for number, score in enumerate(directed_scores)
        for f in score.findings
        if f.device_status != f.status
    ]

    assert differing == []
