"""Answers about Project 8 (kt_da8, domain.md §6.4): the commune's plan, what was done, villages.

Made up for the demonstration; the villages bear names that many villages of the province bear.
"""

from __future__ import annotations

from sync.demo.conditions import KHONG_DAT, UNKNOWN, Answered
from sync.demo.told import Told, document, millions, written

CORE = ("B1", "B2", "B6", "B7", "B8", "B12")
OTHERS = ("B3", "B4", "B5", "B8b", "B9a", "B9b", "B9c", "B10")

# Former districts whose communes are on the lists of ethnic-minority and mountainous areas.
AREAS: tuple[str, ...] = (
    "ba_be",
    "pac_nam",
    "na_ri",
    "ngan_son",
    "cho_don",
    "bach_thong",
    "cho_moi",
)
AREAS += ("dinh_hoa", "vo_nhai", "dong_hy")
_VILLAGES: tuple[str, ...] = (
    "Nà Mu",
    "Khuổi Luông",
    "Bản Cám",
    "Nà Pục",
    "Cốc Lùng",
    "Phiêng Dìa",
    "Lũng Cà",
)
_VILLAGES += ("Nà Khoang", "Pác Cộp", "Bản Pjạc", "Khau Cưởm", "Nà Lẹng", "Tân Tiến", "Đồng Tâm")


def answers(told: Told) -> Answered:
    """Return the answers of one commune."""
    return {
        **_outline(told),
        **_teams(told),
        **_livelihoods(told),
        **_trusted_addresses(told),
        **_dialogues(told),
        **_training(told),
        **written(b_has_village="yes", b12_ev=told.evidence("B12")),
    }


def _outline(told: Told) -> Answered:
    zone = told.rng.choice(("kv1", "kv2", "kv3", "kv3"))
    return written(
        b_prog="da8_2021_2025" if told.year <= 2025 else "nd03_2026_2030",
        b_zone=zone,
        b_dbkk=told.between(3, 14) if zone == "kv3" else told.between(0, 4),
    )


def _teams(told: Told) -> Answered:
    plan, teams = told.planned("B1", 4, 14)
    teams = max(1, teams)
    members = teams * told.between(7, 10)
    meetings = told.between(2, 6) * teams if told.is_met("B2") else 0
    people = meetings * told.between(22, 45)
    mothers = told.between(2, 26)
    over = 0 if told.is_met("B9a") else told.between(2, 9)
    return written(
        b1_plan=plan,
        b1_n=teams,
        b1_ev=told.evidence("B1", "B2", "B9a"),
        b1_mem=members,
        b1_mem_f=told.part(members, 45, 68),
        b1_mem_dt=told.part(members, 55, 98),
        b1_ses=meetings,
        b1_par=people,
        b1_par_m=told.part(people, 28, 46),
        b1_money=millions(teams * 3 + over if over else teams * told.between(18, 30) / 10),
        b1_birth=told.rng.choice(("yes", "yes", "no")),
        b1_birth_n=mothers,
        b1_birth_ok=mothers if told.is_met("B3") else mothers - 1,
        b1_birth_ev=told.evidence("B3"),
    )


def _livelihoods(told: Told) -> Answered:
    plan, groups = told.planned("B4", 1, 5)
    saving_plan, saving = told.planned("B5", 2, 9)
    spent = groups * told.between(55, 98) + (0 if told.is_met("B9b") else groups * 50 + 20)
    return written(
        b2_liv_plan=plan,
        b2_liv=groups,
        b2_liv_f=told.part(groups, 40, 100),
        b2_liv_money=millions(spent),
        b2_liv_ev=told.evidence("B4", "B9b"),
        b2_sav_plan=saving_plan,
        b2_sav=saving,
        b2_sav_mem=saving * told.between(12, 25),
        b2_sav_ev=told.evidence("B5"),
    )


def _trusted_addresses(told: Told) -> Answered:
    plan, done = told.planned("B6", 2, 6)
    new = told.between(0, done)
    norm = 6 * (done - new) + 18 * new
    spent = norm + 12 if not told.is_met("B9c") else norm * told.between(55, 98) / 100
    return written(
        b2_ta_plan=plan,
        b2_ta_up=done - new,
        b2_ta_new=new,
        b2_ta_money=millions(spent),
        b2_ta_ev=told.evidence("B6", "B9c"),
        b2_traf=told.rng.choice(("na", "na", "no", "yes")),
    )


def _dialogues(told: Told) -> Answered:
    plan, held = told.planned("B7", 1, 4)
    club_plan, clubs = told.planned("B8", 1, 4)
    clubs = max(1, clubs)
    people, raised, children = held * told.between(35, 70), held * told.between(3, 8), clubs * 25
    return written(
        b3_dlg_plan=plan,
        b3_dlg=held,
        b3_dlg_par=people,
        b3_dlg_f=told.part(people, 45, 70),
        b3_dlg_ev=told.evidence("B7"),
        b3_raise=raised,
        b3_solve=told.part(raised, 40, 95),
        b3_club_plan=club_plan if told.is_met("B8") else max(club_plan, clubs + 1),
        b3_club=clubs,
        b3_club_act=clubs if told.is_met("B8b") else clubs - 1,
        b3_club_ev=told.evidence("B8", "B8b"),
        b3_child=children,
        b3_child_f=told.part(children, 46, 66),
    )


def _training(told: Told) -> Answered:
    plan, trained = told.planned("B10", 18, 60)
    allotted = told.between(280, 1450)
    return written(
        b4_plan=plan,
        b4_n=trained,
        b4_f=told.part(trained, 35, 62),
        b4_ev=told.evidence("B10"),
        b4_vil=told.between(6, 32),
        b4_dtf=told.between(3, 18),
        b5_all=millions(allotted),
        b5_dis=millions(told.part(allotted * 10, 38, 97) / 10),
        b5_why=told.some("muc_chi_thap", "giao_von_muon", "sap_xep_don_vi", "vuong_huong_dan"),
    )


def villages(told: Told) -> list[Answered]:
    """Return the villages that were visited; where B12 is not met, one falls short."""
    names = told.rng.sample(_VILLAGES, told.rng.choice((1, 2, 2, 3)))
    return [
        _village(told, name, falls_short=told.statuses["B12"] == KHONG_DAT and number == 0)
        for number, name in enumerate(names)
    ]


def _village(told: Told, name: str, *, falls_short: bool) -> Answered:
    members, people = told.between(7, 10), told.between(5, 15)
    unsure = told.statuses["B12"] == UNKNOWN and told.rng.random() < 0.3
    return written(
        bv_name=f"Xóm {name}",
        bv_dbkk=told.rng.choice(("yes", "no")),
        bv_eth=told.some("tay", "nung", "dao", "mong", most=3),
        bv_team="yes",
        bv_has_dec="unk" if unsure else "yes",
        bv_dec=document(told, "QĐ", "UBND", 3),
        bv_regs="no" if falls_short else "yes",
        bv_ses=told.between(0, 2) if falls_short else told.between(4, 16),
        bv_n=members,
        bv_f=told.part(members, 45, 70),
        bv_lang=told.some("vie", "tyz", "nut", "ium", "hmn", most=2),
        bv_kit=told.rng.choice(("yes", "yes", "no")),
        bv_sav=told.rng.choice(("yes", "no")),
        bv_club=told.rng.choice(("yes", "no", "no")),
        bv_ask=people,
        bv_know=told.part(people, 55, 100),
        bv_gps="",
        bv_photo="",
    )
