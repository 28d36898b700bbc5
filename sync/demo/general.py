"""Answers to the general inspection (kt_bdg, domain.md §6.5): communes, and units of the province.

Made up for the demonstration, one function a head of the form.
"""

from __future__ import annotations

import datetime as dt
import random

from sync.demo.conditions import UNKNOWN, Answered
from sync.demo.places import Unit
from sync.demo.told import Told, document, millions, written

CORE = ("C1a", "C1b", "C1c", "C1d", "C2", "C3", "C3c", "C5a", "C5b", "C5c", "C7a", "C7b", "C7d")
OTHERS = ("C1e", "C1f", "C3b", "C7c", "C8", "C9")

# What stands in a ward: bodies of the province, by kind of unit. Bodies, never persons.
UNITS = (
    ("so_nganh", "Sở Giáo dục và Đào tạo"),
    ("so_nganh", "Sở Y tế"),
    ("so_nganh", "Sở Nông nghiệp và Môi trường"),
    ("so_nganh", "Sở Văn hóa, Thể thao và Du lịch"),
    ("so_nganh", "Sở Tư pháp"),
    ("so_nganh", "Sở Khoa học và Công nghệ"),
    ("don_vi_truc_thuoc", "Trung tâm Dịch vụ việc làm tỉnh"),
    ("don_vi_truc_thuoc", "Trung tâm Kiểm soát bệnh tật tỉnh"),
    ("truong_hoc", "Trường Cao đẳng nghề (mẫu trình diễn)"),
    ("truong_hoc", "Trường Trung học phổ thông (mẫu trình diễn)"),
)
ISSUES: tuple[str, ...] = ("tao_hon", "bao_luc", "dinh_kien", "mat_can_bang_gioi_tinh_khi_sinh")
ISSUES += ("bo_hoc", "thieu_viec_lam", "di_cu")
_WORDS_ON_ISSUES: tuple[str, ...] = (
    "Định kiến giới còn ở một bộ phận người dân, nhất là trong phân công việc nhà.",
    "Lao động nữ trẻ đi làm ăn xa nhiều, việc chăm sóc con nhỏ dồn cho ông bà.",
    "Tỷ số giới tính khi sinh trên địa bàn còn cao hơn mức chung của tỉnh.",
    "",
)
_PROPOSALS = (
    "Đề nghị tỉnh mở lớp tập huấn lồng ghép giới cho cán bộ mới đảm nhiệm sau sắp xếp bộ máy.",
    "Đề nghị bố trí kinh phí riêng cho hoạt động vì sự tiến bộ của phụ nữ ngay từ đầu năm.",
    "Đề nghị cấp tài liệu truyền thông bằng tiếng dân tộc cho các xóm vùng cao.",
    "",
)


def provincial(unit: Unit) -> tuple[str, str]:
    """Return the kind and the name of the body that sits in a ward: the same at every visit."""
    return random.Random(f"body {unit.uid}").choice(UNITS)  # noqa: S311  (no secret)


def answers(told: Told, *, is_local: bool) -> Answered:
    """Return the answers of one unit; a commune is also asked about its area."""
    return {
        **_plans(told),
        **_staff(told, is_local=is_local),
        **_protection(told, is_local=is_local),
        **_committee(told),
        **_reports(told),
        **_rules(told),
    }


def _plans(told: Told) -> Answered:
    is_unknown = told.statuses["C1a"] == UNKNOWN and told.rng.random() < 0.3
    plan = "unk" if is_unknown else told.yes("C1a")
    people = told.between(40, 900)
    has_begun = told.day >= dt.date(told.day.year, 11, 15)
    return written(
        c1_plan=plan,
        c1_doc=document(told, "KH", "UBND", 2),
        c1_ev=told.evidence("C1a"),
        c1_strat=told.yes("C1b"),
        c1_gbv=told.yes("C1c"),
        c1_comm=told.yes("C1d"),
        c1_ev2=told.evidence("C1b", "C1c", "C1d"),
        c1_main=told.yes("C1e"),
        c1_month=told.yes("C1f") if has_begun else "na",
        c1_ev3=told.evidence("C1e", "C1f"),
        c1_act=told.between(2, 14),
        c1_par=people,
        c1_par_f=told.part(people, 45, 75),
    )


def _staff(told: Told, *, is_local: bool) -> Answered:
    leaders = told.between(6, 14) if is_local else told.between(15, 48)
    committee = told.between(17, 33) if is_local else told.between(9, 21)
    ahead, trained, appointed = told.between(10, 40), told.between(5, 60), told.between(0, 6)
    return written(
        c2_ld_t=leaders,
        c2_ld_f=told.part(leaders, 14, 50),
        c2_cu_t=committee,
        c2_cu_f=told.part(committee, 12, 35),
        c2_qh_t=ahead,
        c2_qh_f=told.part(ahead, 20, 45),
        c2_dt_t=trained,
        c2_dt_f=told.part(trained, 25, 60),
        c2_bn_t=appointed,
        c2_bn_f=told.part(appointed, 0, 60),
        c2_review=told.yes("C2"),
        c2_ev=told.evidence("C2"),
    )


def _protection(told: Told, *, is_local: bool) -> Answered:
    """Totals of the register, and what harms women and girls; nothing about any case."""
    cases = told.between(0, 9) if told.is_met("C3b") else told.between(2, 9)
    handled = cases if told.is_met("C3b") else cases - 1
    issues = told.some(*ISSUES, least=1, most=3) if is_local else "dinh_kien"
    return written(
        c3_reg=told.yes("C3"),
        c3_tot=cases,
        c3_hand=handled,
        c3_ref=told.yes("C3c"),
        c3_ev=told.evidence("C3", "C3b", "C3c"),
        c4_iss=issues if told.rng.random() < 0.85 else "none",
        c4_txt=told.rng.choice(_WORDS_ON_ISSUES),
    )


def _committee(told: Told) -> Answered:
    members = told.between(7, 17)
    return written(
        c5_ban=told.yes("C5a"),
        c5_regs=told.yes("C5b"),
        c5_meet=told.between(1, 4) if told.is_met("C5c") else 0,
        c5_ev=told.evidence("C5a", "C5b", "C5c"),
        c5_t=members,
        c5_f=told.part(members, 30, 65),
        c5_train=told.part(members, 20, 90),
        c6_list=told.some("kinh_phi", "nhan_su", "kiem_nhiem", "sap_xep_bo_may", "so_lieu", most=3),
        c6_prop=told.rng.choice(_PROPOSALS),
    )


def _reports(told: Told) -> Answered:
    budget = told.between(12, 180) if told.is_met("C7d") else 0
    half_due, year_due = dt.date(told.year, 6, 9), dt.date(told.year, 11, 9)
    half, half_day = _sent(told, "C7a", half_due)
    whole, whole_day = _sent(told, "C7b", year_due)
    return written(
        c7_h1=half,
        c7_h1_d=half_day,
        c7_fy=whole,
        c7_fy_d=whole_day,
        c7_dis=told.yes("C7c"),
        c7_ev=told.evidence("C7a", "C7b", "C7c"),
        c7_bud=millions(budget),
        c7_use=millions(told.part(budget * 10, 35, 98) / 10),
        c7_bud_ev=told.evidence("C7d"),
    )


def _sent(told: Told, code: str, due: dt.date) -> tuple[str, dt.date | None]:
    """Return whether a report was sent, and on which day; before it is due nobody asks for it."""
    if told.day <= due:
        return "na", None
    if told.is_met(code):
        return "yes", due - dt.timedelta(days=told.between(0, 12))
    late = due + dt.timedelta(days=told.between(2, 20))
    return ("yes", late) if late <= told.day else ("no", None)


def _rules(told: Told) -> Answered:
    return written(
        c8_sh=told.yes("C8"),
        c8_ev=told.evidence("C8"),
        c9_rule=told.no("C9"),
        c9_ev=told.evidence("C9"),
    )
