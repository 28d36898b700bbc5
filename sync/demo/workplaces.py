"""Answers about workplaces with many women (kt_ldn, domain.md §6.6), of firms that do not exist.

Their tax codes begin with 99, which no province has.
"""

from __future__ import annotations

import random

from sync.demo.conditions import Answered
from sync.demo.places import Unit
from sync.demo.told import Told, written

CORE: tuple[str, ...] = (
    "D1",
    "D1b",
    "D2",
    "D3",
    "D4",
    "D5",
    "D6",
    "D7",
    "D8",
    "D9",
    "D9b",
    "D10",
    "D11",
    "D12",
)
CORE += ("D13", "D14", "D15", "D16")
OTHERS = ("D18",)
RARELY_FAIL = ("D1b", "D9", "D9b", "D11", "D12")

# (name, sector, fewest and most workers, fewest and most women of a hundred)
FIRMS = (
    ("Công ty TNHH May {place} (giả định)", "may_mac", (650, 2400), (72, 88)),
    ("Công ty cổ phần May xuất khẩu {place} (giả định)", "may_mac", (380, 1500), (70, 86)),
    ("Công ty TNHH Điện tử {place} (giả định)", "dien_tu", (900, 3200), (55, 72)),
    ("Công ty TNHH Linh kiện {place} (giả định)", "dien_tu", (300, 1200), (52, 70)),
    ("Hợp tác xã Chè {place} (giả định)", "che_bien_che", (24, 90), (52, 70)),
    ("Công ty cổ phần Chè {place} (giả định)", "che_bien_che", (60, 210), (48, 66)),
    ("Công ty TNHH Chế biến gỗ {place} (giả định)", "che_bien_go", (80, 320), (34, 52)),
    ("Công ty cổ phần Thương mại {place} (giả định)", "dich_vu", (45, 260), (50, 68)),
    ("Công ty cổ phần Cơ khí {place} (giả định)", "co_khi", (160, 520), (18, 33)),
)
_ROOM = ("rieng_tu", "khong_trong_ve_sinh", "dien", "nuoc", "ban_ghe", "tu_lanh", "quat", "vi_tri")
_RULES = ("cam", "hanh_vi", "trinh_tu", "ky_luat", "boi_thuong")


def answers(told: Told, unit: Unit) -> Answered:
    """Return the answers of the one firm of a commune: the same at every visit."""
    return {**_firm(told, unit), **_pay_and_health(told), **_mothers(told), **_respect(told)}


def _firm(told: Told, unit: Unit) -> Answered:
    lasting = random.Random(f"firm {unit.uid}")  # noqa: S311  (no secret)
    name, sector, size, share = lasting.choice(FIRMS)
    tax_code = f"99{lasting.randint(0, 99_999_999):08d}"
    workers = lasting.randint(*size) + told.between(-5, 5)
    women = told.part(workers, *share)
    managers = told.between(4, 26)
    return written(
        d_name=name.format(place=unit.label.removeprefix("Xã ").removeprefix("Phường ")),
        d_tax=tax_code,
        d_sector=sector,
        d_tot=workers,
        d_fem=women,
        d_dt_f=told.part(women, 12, 55),
        d_high="no",
        d_union=told.rng.choice(("yes", "yes", "yes", "no")),
        d17_ld_t=managers,
        d17_ld_f=told.part(managers, 10, 60),
        d17_head=told.rng.choice(("yes", "no", "no")),
        d18=told.yes("D18"),
        d18_ev=told.evidence("D18"),
    )


def _pay_and_health(told: Told) -> Answered:
    return written(
        d1=told.yes("D1"),
        d1_ad=told.no("D1b"),
        d1_ev=told.evidence("D1", "D1b"),
        **_asked(told, "D2", "D3", "D4", "D5"),
    )


def _mothers(told: Told) -> Answered:
    is_whole = told.is_met("D7")
    return written(
        **_asked(told, "D6", "D7", "D8"),
        d7_std=" ".join(_ROOM) if is_whole else told.some(*_ROOM, least=4, most=7),
        d9_night=told.no("D9"),
        d9_baby=told.no("D9b"),
        d9_ev=told.evidence("D9", "D9b"),
        d10=told.yes("D10") if told.rng.random() < 0.8 else "na",
        d10_ev=told.evidence("D10"),
        d11=told.no("D11"),
        d11_ev=told.evidence("D11"),
        d12=told.yes("D12"),
        d12_ev=told.evidence("D12"),
    )


def _respect(told: Told) -> Answered:
    is_whole = told.is_met("D13")
    return written(
        **_asked(told, "D13", "D14", "D15", "D16")
        | {"d13": "yes"},  # rules there are; whether they are complete is another matter
        d13_parts=" ".join(_RULES) if is_whole else told.some(*_RULES, least=1, most=4),
    )


def _asked(told: Told, *codes: str) -> Answered:
    """Return yes or no, and the evidence, of conditions that ask nothing else."""
    asked: Answered = {}
    for code in codes:
        asked |= {code.lower(): told.yes(code), f"{code.lower()}_ev": told.evidence(code)}
    return asked
