"""Answers to the questions behind each condition of kt_18_5, so that it comes out as told.

One function a condition (domain.md §6.3). Each draws figures such as a commune of the province
reports, made up for the demonstration. A question that is left out of what a function returns was
not relevant; one that was asked and left blank is "".
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

DAT, KHONG_DAT, UNKNOWN = "dat", "khong_dat", "chua_du_can_cu"


@dataclass(frozen=True, slots=True)
class Scene:
    """What one condition is to come out as, and what that depends on besides."""

    rng: random.Random
    status: str  # dat, khong_dat, chua_du_can_cu
    period: str  # h1, fy, adhoc, followup
    year: int
    villages: int  # of the commune

    @property
    def is_met(self) -> bool:
        """Tell whether the figures are good, whatever proves them."""
        return self.status != KHONG_DAT

    def evidence(self) -> str:
        """Return an answer of list `ev4` that leaves the status as told."""
        if self.status == DAT:
            return self.rng.choice(("seen", "seen", "copied"))
        if self.status == KHONG_DAT:
            return self.rng.choice(("seen", "verbal"))
        return self.rng.choice(("verbal", "verbal", "none"))

    def some(self, *choices: str, least: int = 1) -> str:
        """Return several choices as a select_multiple writes them, in the list's order."""
        chosen = set(self.rng.sample(choices, self.rng.randint(least, len(choices))))
        return " ".join(choice for choice in choices if choice in chosen)

    def share(self, least: int, most: int) -> tuple[str, str]:
        """Return a whole and a part of it: all when the condition is met, else short of it."""
        whole = self.rng.randint(least, most)
        short = 0 if self.is_met else self.rng.randint(1, max(1, whole // 3))
        return str(whole), str(whole - short)


Answered = dict[str, str]  # {name of a question: answer}


def percent(part: int, whole: int) -> str:
    """Return a share as the phone's `round(… * 100, 1)` writes it, halves rounded up."""
    return f"{math.floor(part / whole * 1000 + 0.5) / 10:g}"


def a1(scene: Scene) -> Answered:
    """A plan for gender equality this year."""
    if scene.status == UNKNOWN and scene.rng.random() < 0.4:
        return {"a1_plan": "unk"}
    if not scene.is_met:
        return {"a1_plan": "no", "a1_ev": scene.evidence()}
    number, day = scene.rng.randint(8, 140), scene.rng.randint(1, 28)
    document = f"Kế hoạch số {number}/KH-UBND ngày {day:02d}/02/{scene.year}"
    return {"a1_plan": "yes", "a1_doc": document, "a1_ev": scene.evidence()}


def a2(scene: Scene) -> Answered:
    """Months with broadcasts."""
    asked = 6 if scene.period == "h1" else 12
    months = asked if scene.is_met else scene.rng.randint(asked // 3, asked - 1)
    return {
        "a2_months": str(months),
        "a2_lang": scene.some("vie", "tyz", "nut", "mlc"),
        "a2_men": scene.rng.choice(("yes", "yes", "no", "unk")),
        "a2_ev": scene.evidence(),
    }


def a3(scene: Scene) -> Answered:
    """Women among the key leaders."""
    leaders, committee, council = (
        scene.rng.randint(*span) for span in ((4, 7), (15, 33), (19, 50))
    )
    women = scene.rng.randint(1, 2) if scene.is_met else 0
    posts = ("pho_bi_thu", "pct_hdnd", "pct_ubnd", "bi_thu", "ct_hdnd", "ct_ubnd")
    held = set(scene.rng.sample(posts, women))
    in_committee = max(women, committee * scene.rng.randint(10, 30) // 100)
    in_council = council * scene.rng.randint(18, 38) // 100
    return {
        "a3_key_t": str(leaders),
        "a3_key_f": str(women),
        **({"a3_posts": " ".join(post for post in posts if post in held)} if women else {}),
        "a3_cu_t": str(committee),
        "a3_cu_f": str(in_committee),
        "a3_cu_pct": percent(in_committee, committee),
        "a3_hd_t": str(council),
        "a3_hd_f": str(in_council),
        "a3_hd_pct": percent(in_council, council),
        "a3_ev": scene.evidence(),
    }


def a4(scene: Scene) -> Answered:
    """Women of poor and minority households who need loans and get them."""
    needing, given = scene.share(6, 60)
    return {"a4_need": needing, "a4_got": given, "a4_ev": scene.evidence()}


def a5(scene: Scene) -> Answered:
    """Child and forced marriages; one is too many."""
    child = 0 if scene.is_met else scene.rng.choice((1, 1, 2, 3))
    return {"a5_child": str(child), "a5_forced": "0", "a5_ev": scene.evidence()}


def a6(scene: Scene) -> Answered:
    """Trusted addresses, and whether they work."""
    count = scene.rng.randint(1, 4) if scene.is_met else scene.rng.choice((0, 0, 1))
    items = (
        "quyet_dinh",
        "quy_che",
        "nguoi_phu_trach",
        "so_dien_thoai",
        "vat_dung",
        "so_theo_doi",
    )
    working = {
        "a6_items": scene.some(*items, least=3 if scene.is_met else 1),
        "a6_active": "yes" if scene.is_met else "no",
    }
    return {"a6_n": str(count), **(working if count else {}), "a6_ev": scene.evidence()}


def a7(scene: Scene) -> Answered:
    """Who takes reports of domestic violence, and what became of them."""
    received, handled = scene.share(0, 9) if scene.is_met else scene.share(2, 9)
    return {
        "a7_focal": "yes" if scene.is_met else "no",
        "a7_hot": scene.rng.choice(("yes", "yes", "no")),
        "a7_recv": received,
        "a7_done": handled,
        "a7_ev": scene.evidence(),
    }


def a8(scene: Scene) -> Answered:
    """Who is in charge of protecting children."""
    collaborators = scene.rng.randint(scene.villages // 2, scene.villages)
    return {
        "a8_person": "yes" if scene.is_met else "no",
        "a8_collab": str(collaborators),
        "a8_collab_pct": percent(collaborators, scene.villages),
        "a8_ev": scene.evidence(),
    }


def a9(scene: Scene) -> Answered:
    """Children notified, and how fast there was a plan."""
    notified, planned = scene.share(1, 5) if scene.status != DAT else scene.share(1, 4)
    emergencies = scene.rng.randint(0, int(notified))
    in_time = emergencies if scene.is_met else max(0, emergencies - 1)
    return {
        "a9_files": notified,
        "a9_plan5": planned,
        "a9_em": str(emergencies),
        "a9_em12": str(in_time),
        "a9_ev": scene.evidence(),
    }


def a10(scene: Scene) -> Answered:
    """Children in special need who are helped; a commune may have none."""
    if scene.status == DAT and scene.rng.random() < 0.15:
        return {"a10_n": "0", "a10_ok": "0", "a10_ev": scene.evidence()}
    children, helped = scene.share(5, 70)
    return {"a10_n": children, "a10_ok": helped, "a10_ev": scene.evidence()}


def a11(scene: Scene) -> Answered:
    """Vulnerable people who are supported."""
    people, supported = scene.share(30, 420)
    groups = (
        "nguoi_cao_tuoi",
        "nguoi_khuyet_tat",
        "tre_em_hcdb",
        "phu_nu_don_than_ngheo",
        "lao_dong_nu_di_cu",
    )
    return {
        "a11_n": people,
        "a11_ok": supported,
        "a11_groups": scene.some(*groups, least=2),
        "a11_ev": scene.evidence(),
    }


def a12(scene: Scene) -> Answered:
    """Figures by sex and ethnicity, and reports in time."""
    return {
        "a12_disagg": "yes" if scene.is_met else "no",
        "a12_rep": scene.rng.choice(("yes", "yes", "yes", "no", "na")),
        "a12_ev": scene.evidence(),
    }


def a13(scene: Scene) -> Answered:
    """Money, in millions of dong; often not known."""
    if scene.rng.random() < 0.2:
        return {"a13_plan": "", "a13_used": ""}
    allotted = scene.rng.randint(15, 160)
    return {
        "a13_plan": f"{allotted:.1f}",
        "a13_used": f"{allotted * scene.rng.randint(40, 100) / 100:.1f}",
    }


def a14(scene: Scene) -> Answered:
    """Village rules that discriminate; here `yes` is the bad answer."""
    return {"a14_bad": "no" if scene.is_met else "yes", "a14_ev": scene.evidence()}


CONDITIONS: Mapping[str, Callable[[Scene], Answered]] = {
    "A1": a1,
    "A2": a2,
    "A3": a3,
    "A4": a4,
    "A5": a5,
    "A6": a6,
    "A7": a7,
    "A8": a8,
    "A9": a9,
    "A10": a10,
    "A11": a11,
    "A12": a12,
    "A13": a13,
    "A14": a14,
}
CORE = ("A3", "A4", "A5", "A6", "A8", "A9", "A10", "A11")
